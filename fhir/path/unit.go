package path

import (
	"math/big"
	"strconv"
	"strings"
)

// dims are the exponents of the base units m, s, g, rad, K, C, cd and of mol,
// kept apart although UCUM counts it as a number, as nobody means that, and of
// the calendar's month, which has no definite length.
type dims [9]int8

// unit is a UCUM unit on a ratio scale: factor × base units.
type unit struct {
	factor *big.Rat
	dims   dims
}

// atom is a unit of UCUM's table: how many of another unit; metric ones take prefixes.
type atom struct {
	factor string
	of     string
	metric bool
}

// bases are the positions in dims.
var bases = map[string]int{"m": 0, "s": 1, "g": 2, "rad": 3, "K": 4, "C": 5, "cd": 6, "mol": 7, "month": 8}

// atoms are the units of UCUM that measurements of health commonly carry.
// Arbitrary units ("[iU]") and those of special scales ("Cel") compare only
// with themselves.
var atoms = map[string]atom{
	"10*": {"10", "1", false}, "10^": {"10", "1", false}, "%": {"0.01", "1", false}, "[ppth]": {"0.001", "1", false},
	"[ppm]": {"0.000001", "1", false}, "[ppb]": {"0.000000001", "1", false},
	"min": {"60", "s", false}, "h": {"3600", "s", false}, "d": {"86400", "s", false}, "wk": {"604800", "s", false},
	"year": {"12", "month", false}, "a": {"31557600", "s", false}, "mo": {"2629800", "s", false},
	"l": {"0.001", "m3", true}, "L": {"0.001", "m3", true},
	"Hz": {"1", "s-1", true}, "N": {"1000", "g.m/s2", true}, "Pa": {"1000", "g/m/s2", true}, "J": {"1000", "g.m2/s2", true},
	"W": {"1000", "g.m2/s3", true}, "A": {"1", "C/s", true}, "V": {"1000", "g.m2/s2/C", true}, "Ohm": {"1000", "g.m2/s/C2", true},
	"t": {"1000000", "g", true}, "bar": {"100000", "Pa", true}, "m[Hg]": {"133322", "Pa", true}, "m[H2O]": {"9806.65", "Pa", true},
	"kat": {"1", "mol/s", true}, "U": {"1/60000000", "mol/s", true}, "eq": {"1", "mol", true}, "osm": {"1", "mol", true},
	"cal": {"4.184", "J", true}, "[Cal]": {"4184", "J", false}, "deg": {"3.14159265358979/180", "rad", false},
	"[in_i]": {"0.0254", "m", false}, "[ft_i]": {"0.3048", "m", false}, "[yd_i]": {"0.9144", "m", false}, "[mi_i]": {"1609.344", "m", false},
	"[lb_av]": {"453.59237", "g", false}, "[oz_av]": {"28.349523125", "g", false}, "[gr]": {"0.06479891", "g", false},
	"[stone_av]": {"6350.29318", "g", false}, "[foz_us]": {"0.0000295735295625", "m3", false}, "[cup_us]": {"0.0002365882365", "m3", false},
	"[tsp_us]": {"0.00000492892159375", "m3", false}, "[tbs_us]": {"0.00001478676478125", "m3", false},
	"[pt_us]": {"0.000473176473", "m3", false}, "[qt_us]": {"0.000946352946", "m3", false}, "[gal_us]": {"0.003785411784", "m3", false},
	"[psi]": {"6894.757293168", "Pa", false}, "Ar": {"100", "m2", true},
}

// prefixes are the powers of ten.
var prefixes = map[string]int{
	"Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1,
	"d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24,
}

// parseUnit reads a UCUM term: factors joined by "." and "/", each with an
// exponent; annotations in braces count as 1. False for units it does not know.
func parseUnit(code string) (unit, bool) {
	u := unit{factor: big.NewRat(1, 1)}
	if len(code) > 100 {
		return u, false
	}
	sign := 1
	if strings.HasPrefix(code, "/") {
		sign, code = -1, code[1:]
	}
	for code != "" {
		end := strings.IndexAny(code, "./")
		if brace := strings.IndexAny(code, "[{"); brace >= 0 && end > brace {
			if closing := strings.IndexAny(code, "]}"); closing > end {
				end = strings.IndexAny(code[closing:], "./")
				if end >= 0 {
					end += closing
				}
			}
		}
		if end < 0 {
			end = len(code)
		}
		if !u.multiply(code[:end], sign) {
			return u, false
		}
		if end == len(code) {
			return u, true
		}
		sign = map[byte]int{'.': 1, '/': -1}[code[end]]
		code = code[end+1:]
	}
	return u, false
}

// multiply takes one factor, such as "mm3" or "10*-3", into the unit.
func (u *unit) multiply(factor string, sign int) bool {
	if cut := strings.IndexByte(factor, '{'); cut >= 0 {
		factor = factor[:cut]
	}
	if factor == "" {
		return true
	}
	if n, err := strconv.Atoi(factor); err == nil && n > 0 {
		u.scale(big.NewRat(int64(n), 1), sign)
		return true
	}
	symbol := strings.TrimRight(factor, "+-0123456789")
	exponent := 1
	if symbol != factor {
		n, err := strconv.Atoi(factor[len(symbol):])
		if err != nil || n == 0 || n > 30 || n < -30 {
			return false
		}
		exponent = n
	}
	known, ok := lookUp(symbol)
	if ok {
		u.raise(known, sign*exponent)
	}
	return ok
}

// lookUp finds a symbol, with or without a prefix.
func lookUp(symbol string) (unit, bool) {
	if u, _, ok := plain(symbol); ok {
		return u, true
	}
	for _, size := range []int{1, 2} {
		if len(symbol) <= size {
			break
		}
		power, ok := prefixes[symbol[:size]]
		if !ok {
			continue
		}
		if u, metric, ok := plain(symbol[size:]); ok && metric {
			ten := unit{factor: big.NewRat(10, 1)}
			u.raise(ten, power)
			return u, true
		}
	}
	return unit{}, false
}

func plain(symbol string) (u unit, metric, ok bool) {
	u.factor = big.NewRat(1, 1)
	if at, ok := bases[symbol]; ok {
		u.dims[at] = 1
		return u, true, true
	}
	a, ok := atoms[symbol]
	if !ok {
		return u, false, false
	}
	if u, ok = parseUnit(a.of); ok {
		factor, _ := new(big.Rat).SetString(ratio(a.factor))
		u.factor.Mul(u.factor, factor)
	}
	return u, a.metric, ok
}

// ratio makes a fraction of decimals, which big.Rat does not read, one of integers.
func ratio(s string) string {
	over, under, found := strings.Cut(s, "/")
	if !found || !strings.Contains(over, ".") {
		return s
	}
	_, fraction, _ := strings.Cut(over, ".")
	return strings.Replace(over, ".", "", 1) + "/" + under + strings.Repeat("0", len(fraction))
}

func (u *unit) scale(by *big.Rat, sign int) {
	if sign < 0 {
		by = new(big.Rat).Inv(by)
	}
	u.factor.Mul(u.factor, by)
}

func (u *unit) raise(by unit, exponent int) {
	sign := 1
	if exponent < 0 {
		sign, exponent = -1, -exponent
	}
	for range exponent {
		u.scale(by.factor, sign)
		for i := range u.dims {
			u.dims[i] += int8(sign) * by.dims[i]
		}
	}
}
