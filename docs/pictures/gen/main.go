// Command gen makes the pictures of the documentation from the screenshots that the
// browser tests leave in out/screens: each is cropped to what its page is about, and
// drawn with few colours, so that it is small enough for the repository.
//
//	make pictures    (after make test, or the browser tests alone)
//
// The list is in pictures.go. A screenshot that is not there, and a picture that would be
// heavier than heaviest, are faults: the documentation shows what the tests have seen.
//
// Neighbours: internal/portal/browsertest takes the screenshots; docs/*.md show the
// pictures, and the test of this package holds them to the list.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
)

// heaviest is the most that a picture may weigh, in bytes.
const heaviest = 40 << 10

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen <folder of screenshots> <folder of pictures>")
		os.Exit(2)
	}
	for _, p := range pictures {
		if err := p.make(os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// make draws one picture.
func (p picture) make(from, into string) error {
	f, err := os.Open(filepath.Join(from, p.Screen+".png"))
	if err != nil {
		return err
	}
	defer f.Close()
	shot, err := png.Decode(f)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Screen, err)
	}
	raw, err := p.draw(shot)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(into, p.Name+".png"), raw, 0o644)
}

// draw crops a screenshot, and takes fewer colours until it is light enough.
func (p picture) draw(shot image.Image) ([]byte, error) {
	b := shot.Bounds()
	part := image.Rect(b.Min.X, b.Min.Y+p.Top, b.Max.X, b.Min.Y+p.Top+p.Height).Intersect(b)
	if part.Empty() {
		return nil, fmt.Errorf("%s: %s ends above %d", p.Name, p.Screen, p.Top)
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	for _, colours := range []int{64, 32, 16} {
		few := image.NewPaletted(image.Rect(0, 0, part.Dx(), part.Dy()), palette(shot, part, colours))
		draw.Draw(few, few.Bounds(), shot, part.Min, draw.Src)
		var out bytes.Buffer
		if err := encoder.Encode(&out, few); err != nil {
			return nil, err
		}
		if out.Len() <= heaviest {
			return out.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("%s: heavier than %d bytes", p.Name, heaviest)
}
