package biosample

import (
	"fmt"
	"strings"

	"tributary/internal/errs"
)

// The patterns of Code 128 (ISO/IEC 15417): the widths of bars and spaces in turn, by
// the symbol's value.
var patterns = [...]string{
	"212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312", "231212",
	"112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212", "223112", "312131",
	"311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121", "111323", "131123", "131321",
	"112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121",
	"313121", "211331", "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
	"314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214", "112412", "122114",
	"122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111", "111242", "121142", "121241", "114212",
	"124112", "124211", "411212", "421112", "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113",
	"114311", "411113", "411311", "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
}

const (
	startB = 104
	stop   = 106
	quiet  = 10 // modules of white on both sides
)

// symbols are the values of a text in code set B, with start, check symbol and stop.
func symbols(text string) ([]int, error) {
	values, sum := []int{startB}, startB
	for i, c := range []byte(text) {
		if c < ' ' || c > '~' {
			return nil, errs.New(errs.Invalid, "a barcode holds printable ASCII")
		}
		value := int(c - ' ')
		values = append(values, value)
		sum += (i + 1) * value
	}
	return append(values, sum%103, stop), nil
}

// SVG is the text as a Code 128 barcode, a module wide as one unit, with the text for
// those who do not see it as its title.
func SVG(text string) (string, error) {
	values, err := symbols(text)
	if err != nil {
		return "", err
	}
	var path strings.Builder
	x := quiet
	for _, v := range values {
		for i, width := range patterns[v] {
			w := int(width - '0')
			if i%2 == 0 {
				fmt.Fprintf(&path, "M%d 0h%dv40h-%dz", x, w, w)
			}
			x += w
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="%s" viewBox="0 0 %d 40" preserveAspectRatio="none" shape-rendering="crispEdges">`+
		`<rect width="100%%" height="100%%" fill="#fff"/><path d="%s" fill="#000"/></svg>`, ariaText.Replace(text), x+quiet, path.String()), nil
}

var ariaText = strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;")
