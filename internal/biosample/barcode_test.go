package biosample

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
)

// A symbol has three bars and three spaces over eleven modules, and no two are alike.
func TestPatterns(t *testing.T) {
	seen := map[string]int{}
	for value, p := range patterns {
		width, bars := 0, 0
		for i, w := range p {
			width += int(w - '0')
			if i%2 == 0 {
				bars += int(w - '0')
			}
		}
		want := 11
		if value == stop {
			want = 13
		}
		if width != want || value != stop && bars%2 != 0 {
			t.Errorf("%d: %s is %d modules wide, %d of them bars", value, p, width, bars)
		}
		if before, twice := seen[p]; twice {
			t.Errorf("%d and %d are alike", before, value)
		}
		seen[p] = value
	}
	if len(patterns) != 107 {
		t.Errorf("%d patterns", len(patterns))
	}
}

func TestSymbols(t *testing.T) {
	// The example of the literature, PJJ123C, has the check symbol 54 after start A; after
	// start B it is one more.
	got, err := symbols("PJJ123C")
	if err != nil || fmt.Sprint(got) != "[104 48 42 42 17 18 19 35 55 106]" {
		t.Errorf("%v %v", got, err)
	}
	if _, err := symbols("ñ"); err == nil {
		t.Error("what is not ASCII has a barcode")
	}
}

// Read from its bars, a barcode says what went into it.
func TestABarcodeIsReadBack(t *testing.T) {
	for _, text := range []string{"K7Q2M9XW-EDTA1", "a<b&c\"d", "0"} {
		svg, err := SVG(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := scan(t, svg); got != text {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

// scan reads a barcode: the bars from the path, then the symbols from the widths.
func scan(t *testing.T, svg string) string {
	t.Helper()
	var doc struct {
		Path struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &doc); err != nil {
		t.Fatal(err)
	}
	var widths strings.Builder
	end := quiet
	for bar := range strings.SplitSeq(strings.TrimSuffix(doc.Path.D, "z"), "z") {
		var x, w int
		if _, err := fmt.Sscanf(bar, "M%d 0h%d", &x, &w); err != nil {
			t.Fatal(bar, err)
		}
		if x > end {
			fmt.Fprint(&widths, x-end)
		}
		fmt.Fprint(&widths, w)
		end = x + w
	}
	var text strings.Builder
	rest := widths.String()
	for n := 0; len(rest) > 7; n++ {
		for value, p := range patterns {
			if p == rest[:6] && n > 0 {
				text.WriteByte(byte(value) + ' ')
			}
		}
		rest = rest[6:]
	}
	said := text.String()
	return said[:len(said)-1] // without the check symbol
}
