package main

import (
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Each picture of the list is in its folder, light, and shown by a page; and no page
// shows another.
func TestThePagesShowThePictures(t *testing.T) {
	listed, shown := map[string]bool{}, map[string]bool{}
	for _, p := range pictures {
		listed[p.Name] = true
		info, err := os.Stat(filepath.Join("..", p.Name+".png"))
		if err != nil {
			t.Error(err)
		} else if info.Size() > heaviest {
			t.Errorf("%s weighs %d bytes", p.Name, info.Size())
		}
	}
	pages, err := filepath.Glob(filepath.Join("..", "..", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`!\[[^\]]+\]\(pictures/([^)]+)\.png\)`).FindAllStringSubmatch(string(text), -1) {
			if shown[m[1]] = true; !listed[m[1]] {
				t.Errorf("%s shows %s, which is not listed", filepath.Base(page), m[1])
			}
		}
	}
	for name := range listed {
		if !shown[name] {
			t.Errorf("no page shows %s", name)
		}
	}
}

// screen is a page of one colour with a line of another at a height.
func screen(width, height, at int) image.Image {
	i := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			i.Set(x, y, color.White)
			if y == at {
				i.Set(x, y, color.RGBA{R: 15, G: 76, B: 79, A: 255})
			}
		}
	}
	return i
}

func TestAPictureIsAPartOfItsScreen(t *testing.T) {
	from, into := t.TempDir(), t.TempDir()
	f, err := os.Create(filepath.Join(from, "page.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, screen(36, 100, 70)); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := (picture{"part", "page", 60, 90}).make(from, into); err != nil {
		t.Fatal(err)
	}
	made, err := os.Open(filepath.Join(into, "part.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	got, err := png.Decode(made)
	if err != nil || got.Bounds() != image.Rect(0, 0, 36, 40) {
		t.Fatalf("the picture is %v, %v", got.Bounds(), err)
	}
	if r, g, _, _ := got.At(3, 10).RGBA(); r>>8 != 15 || g>>8 != 76 {
		t.Errorf("the line is %v", got.At(3, 10))
	}
}

func TestWhatCannotBeAPicture(t *testing.T) {
	if err := (picture{"part", "nowhere", 0, 10}).make(t.TempDir(), t.TempDir()); err == nil {
		t.Error("a screen that is not there makes a picture")
	}
	if _, err := (picture{"part", "page", 200, 10}).draw(screen(36, 100, 70)); err == nil {
		t.Error("a part below the page makes a picture")
	}
	noise, random := image.NewRGBA(image.Rect(0, 0, 320, 320)), rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = byte(random.Uint32())
	}
	if _, err := (picture{"part", "page", 0, 320}).draw(noise); err == nil {
		t.Error("a picture that is too heavy is kept")
	}
}
