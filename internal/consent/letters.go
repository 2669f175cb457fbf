package consent

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// alike are Latin letters beyond the core fonts that are no letter with a mark.
var alike = strings.NewReplacer("Ł", "L", "ł", "l", "Đ", "D", "đ", "d", "Ħ", "H", "ħ", "h", "ı", "i", "Ŧ", "T", "ŧ", "t",
	"Ŋ", "Ng", "ŋ", "ng", "Ə", "E", "ə", "e", "ʻ", "‘", "ʼ", "’", "Ș", "S", "ș", "s", "Ț", "T", "ț", "t")

// closest writes a text with the letters that the core fonts have: an accent that
// they lack is left out, what they have stays as it is.
func closest(text string) string {
	var out strings.Builder
	for _, r := range norm.NFC.String(text) {
		if _, ok := charmap.Windows1252.EncodeRune(r); ok {
			out.WriteRune(r)
			continue
		}
		for _, part := range norm.NFD.String(alike.Replace(string(r))) {
			if !unicode.Is(unicode.Mn, part) {
				out.WriteRune(part)
			}
		}
	}
	return out.String()
}
