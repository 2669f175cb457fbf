package typeface

import (
	"bytes"
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/text/unicode/norm"
)

// Family is the family's name for SetFont; it has the styles "", "B" and "I".
const Family = "Go"

// Missing stands for a letter that cannot be shown.
const Missing = '□'

// style is a font of the family.
type style struct {
	name string // as fpdf calls it
	file []byte // TrueType
}

// styles are the fonts, all with the same letters.
var styles = sync.OnceValue(func() []style {
	all := []style{{"", goregular.TTF}, {"B", gobold.TTF}, {"I", goitalic.TTF}}
	for i := range all {
		file, err := extended(all[i].file)
		if err != nil {
			panic("typeface: " + err.Error()) // the fonts are a part of the program
		}
		all[i].file = file
	}
	return all
})

// Use makes the family known to a PDF.
func Use(pdf *fpdf.Fpdf) {
	for _, s := range styles() {
		pdf.AddUTF8FontFromBytes(Family, s.name, bytes.Clone(s.file)) // which reads and keeps it
	}
}

// shown are the runes that the fonts have.
var shown = sync.OnceValue(func() map[rune]bool {
	f, err := read(styles()[0].file)
	if err != nil {
		panic("typeface: " + err.Error()) // they were read to be written
	}
	out := make(map[rune]bool, len(f.runes))
	for r := range f.runes {
		out[r] = true
	}
	return out
})

// alike are signs that another one says as well.
var alike = strings.NewReplacer("‐", "-", "‑", "-", "‒", "–", "\u2009", " ", "\u202f", " ", "\u2007", " ", "\u2003", " ", "ʻ", "‘", "ʼ", "’", "ə", "e", "Ə", "E")

// Text is a text in letters that the fonts have. Of a letter with marks that there is
// not, the marks are left out from the last on; what has no likeness at all is Missing,
// and the text is not whole.
func Text(text string) (set string, whole bool) {
	var out strings.Builder
	whole = true
	for _, r := range alike.Replace(norm.NFC.String(text)) {
		switch near, ok := nearest(r); {
		case ok:
			out.WriteString(near)
		default:
			out.WriteRune(Missing)
			whole = false
		}
	}
	return out.String(), whole
}

// nearest is a rune as the fonts show it; signs that nobody sees are nothing.
func nearest(r rune) (string, bool) {
	switch {
	case r == '\n' || r == '\t' || shown()[r]:
		return string(r), true
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Mn):
		return "", true
	}
	parts := []rune(norm.NFD.String(string(r)))
	for n := len(parts) - 1; n > 0; n-- {
		if fewer := []rune(norm.NFC.String(string(parts[:n]))); len(fewer) == 1 && shown()[fewer[0]] {
			return string(fewer), true
		}
	}
	return "", false
}
