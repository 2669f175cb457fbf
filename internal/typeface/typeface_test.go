package typeface

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// names are people's, each of them a text that must stand as it is.
var names = []string{
	"José Peña", "Łukasz Żółw", "Jiří Dvořák", "Şükrü Ağaoğlu", "Ștefan Brâncuși", "Nguyễn Thị Ánh", "Đặng Ngọc Phượng", "Trần Hữu Đức", "Lê Quỳnh Hương", "Phạm Bảo Vỹ",
	"Γιώργος Παπαδόπουλος", "Наталія Шевченко-Ґалаґан", "Þórður Æsir", "O’Neill – Smith", "Ṣalāḥ ad-Dīn", "5.4 × 10⁹/L ≥ 3 µg",
}

func TestNamesStandAsTheyAreWritten(t *testing.T) {
	for _, name := range names {
		if got, whole := Text(name); got != name || !whole {
			t.Errorf("%q is set as %q", name, got)
		}
	}
	if got, whole := Text("e\u0301\u200b"); got != "é" || !whole {
		t.Errorf("a letter in two runes is %q", got)
	}
}

func TestWhatCannotBeShownIsABox(t *testing.T) {
	for text, want := range map[string]string{"李 Wei": "□ Wei", "محمد": "□□□□", "A😀": "A□", "q\u0302": "q", "ɓ": "□", "Ⓐ\n": "□\n"} {
		set, whole := Text(text)
		if set != want || whole == strings.ContainsRune(want, Missing) {
			t.Errorf("%q is set as %q, whole: %v", text, set, whole)
		}
	}
}

// Each composed letter is a letter and its marks, over and under it, in every style.
func TestComposedLetters(t *testing.T) {
	for _, s := range styles() {
		f, err := sfnt.Parse(s.file)
		if err != nil {
			t.Fatal(err)
		}
		of := bounds(t, f)
		for _, pair := range []struct{ taller, than rune }{{'ế', 'ê'}, {'ả', 'a'}, {'Ễ', 'Ê'}, {'ỉ', 'ı'}, {'ộ', 'o'}} {
			if of(pair.taller).Min.Y >= of(pair.than).Min.Y {
				t.Errorf("%q: %c is no taller than %c", s.name, pair.taller, pair.than)
			}
		}
		for _, pair := range []struct{ lower, than rune }{{'ạ', 'a'}, {'ộ', 'ô'}, {'Ị', 'I'}} {
			if of(pair.lower).Max.Y <= of(pair.than).Max.Y {
				t.Errorf("%q: %c goes no lower than %c", s.name, pair.lower, pair.than)
			}
		}
		if of('ơ').Max.X <= of('o').Max.X || of('ợ').Max.X <= of('ọ').Max.X {
			t.Errorf("%q: no horn stands beside its letter", s.name)
		}
	}
}

// Each part of a composed letter is a glyph that there is.
func TestPartsAreGlyphs(t *testing.T) {
	for i, s := range styles() {
		before, err := read(originals[i])
		if err != nil {
			t.Fatal(err)
		}
		after, err := read(s.file)
		if err != nil {
			t.Fatal(err)
		}
		hooks := before.count()
		for n, glyph := range after.glyphs[hooks+1:] {
			parts := (len(glyph) - 10) / 8
			if parts < 2 || parts > mostParts {
				t.Fatalf("%q: glyph %d has %d parts", s.name, n, parts)
			}
			for p := range parts {
				if of := order.Uint16(glyph[10+8*p+2:]); of == 0 || of > hooks {
					t.Errorf("%q: glyph %d is made of %d", s.name, n, of)
				}
			}
		}
	}
}

func bounds(t *testing.T, f *sfnt.Font) func(r rune) fixed.Rectangle26_6 {
	var buf sfnt.Buffer
	return func(r rune) fixed.Rectangle26_6 {
		t.Helper()
		g, err := f.GlyphIndex(&buf, r)
		if err != nil || g == 0 {
			t.Fatalf("%c is not there: %v", r, err)
		}
		b, _, err := f.GlyphBounds(&buf, g, fixed.I(int(f.UnitsPerEm())), font.HintingNone)
		if err != nil {
			t.Fatalf("%c: %v", r, err)
		}
		return b
	}
}

var originals = [][]byte{goregular.TTF, gobold.TTF, goitalic.TTF}

// What the font had it still has, at the same widths.
func TestNothingIsLost(t *testing.T) {
	for i, s := range styles() {
		before, err := read(originals[i])
		if err != nil {
			t.Fatal(err)
		}
		after, err := read(s.file)
		if err != nil {
			t.Fatal(err)
		}
		for r, glyph := range before.runes {
			if after.runes[r] != glyph {
				t.Fatalf("%q: %c is glyph %d, not %d", s.name, r, after.runes[r], glyph)
			}
		}
		if !bytes.HasPrefix(after.tables["hmtx"], before.tables["hmtx"]) {
			t.Errorf("%q: widths have changed", s.name)
		}
	}
}

// A PDF says its text to those who read it by machine, and stays small.
func TestPDF(t *testing.T) {
	pdf := fpdf.New("P", "mm", "A4", "")
	Use(pdf)
	pdf.AddPage()
	for _, s := range styles() {
		pdf.SetFont(Family, s.name, 14)
		for _, name := range names {
			pdf.MultiCell(0, 8, name, "", "L", false)
		}
	}
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 150<<10 {
		t.Errorf("it takes %d bytes", out.Len())
	}
	if dir := os.Getenv("TRIBUTARY_SCREENS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "typeface.pdf"), out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed")
	}
	cmd := exec.Command("pdftotext", "-", "-")
	cmd.Stdin = &out
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if n := strings.Count(string(text), name); n != len(styles()) {
			t.Errorf("%q is said %d times: %s", name, n, text)
		}
	}
}

// Whatever a text is, what is set of it the fonts have.
func FuzzText(f *testing.F) {
	for _, name := range names {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, _ := Text(text)
		for _, r := range set {
			if r != '\n' && r != '\t' && !shown()[r] {
				t.Fatalf("%q has %q", set, r)
			}
		}
		if again, whole := Text(set); again != set || !whole {
			t.Fatalf("%q is set as %q", set, again)
		}
	})
}
