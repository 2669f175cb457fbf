package path

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// maxDigits bounds literals, exponents and results: what is longer is no
// measurement, and an exponent must not be able to fill the memory.
const maxDigits = 200

// quotientDigits is the precision of a division; FHIRPath asks for 8.
const quotientDigits = 16

// decimal is unscaled × 10^-scale. The scale is the precision as written:
// 1.50 is not 1.5. Immutable.
type decimal struct {
	unscaled *big.Int
	scale    int
}

var errNumber = errors.New("not a decimal number")

// parseDecimal reads JSON numbers and FHIRPath literals.
func parseDecimal(s string) (decimal, error) {
	mantissa, exponent, err := splitExponent(s)
	if err != nil || len(mantissa) > maxDigits {
		return decimal{}, errNumber
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	n, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok {
		return decimal{}, errNumber
	}
	d := decimal{n, len(fraction) - exponent}
	if d.scale < 0 {
		d = decimal{new(big.Int).Mul(n, pow10(-d.scale)), 0}
	}
	return d, nil
}

func splitExponent(s string) (mantissa string, exponent int, err error) {
	at := strings.IndexAny(s, "eE")
	if at < 0 {
		return s, 0, nil
	}
	exponent, err = strconv.Atoi(s[at+1:])
	if err == nil && (exponent > maxDigits || exponent < -maxDigits) {
		err = errNumber
	}
	return s[:at], exponent, err
}

func pow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

func fromInt(n int64) decimal { return decimal{big.NewInt(n), 0} }

// fromFloat takes the shortest text that gives the float back, as it comes out
// of the transcendental functions; false for infinities and NaN.
func fromFloat(f float64) (decimal, bool) {
	d, err := parseDecimal(strconv.FormatFloat(f, 'f', -1, 64))
	return d, err == nil
}

// fromRat is exact where a decimal of not too many digits is, else it has
// quotientDigits that count.
func fromRat(r *big.Rat) decimal {
	digits, exact := r.FloatPrec()
	if !exact || digits > maxDigits/2 {
		digits = quotientDigits + leadingZeros(r)
	}
	d, err := parseDecimal(r.FloatString(digits))
	if err != nil {
		return fromInt(0)
	}
	return d.trim()
}

// leadingZeros are about as many as r has behind the point, at most maxDigits/2.
func leadingZeros(r *big.Rat) int {
	bits := r.Denom().BitLen() - r.Num().BitLen()
	return min(max(0, bits*3/10), maxDigits/2)
}

func (d decimal) rat() *big.Rat {
	return new(big.Rat).SetFrac(d.unscaled, pow10(d.scale))
}

func (d decimal) float() float64 {
	f, _ := d.rat().Float64()
	return f
}

// integer gives the value if it is whole and fits FHIRPath's Integer, which is
// held in 64 bits here.
func (d decimal) integer() (int64, bool) {
	q, r := new(big.Int).QuoRem(d.unscaled, pow10(d.scale), new(big.Int))
	return q.Int64(), r.Sign() == 0 && q.IsInt64()
}

func (d decimal) String() string {
	s := new(big.Int).Abs(d.unscaled).String()
	if d.scale > 0 {
		if len(s) <= d.scale {
			s = strings.Repeat("0", d.scale-len(s)+1) + s
		}
		s = s[:len(s)-d.scale] + "." + s[len(s)-d.scale:]
	}
	if d.unscaled.Sign() < 0 {
		s = "-" + s
	}
	return s
}

// align brings both to the larger scale.
func align(a, b decimal) (x, y *big.Int, scale int) {
	scale = max(a.scale, b.scale)
	return a.at(scale), b.at(scale), scale
}

// at is the unscaled value at a scale that is not smaller than its own.
func (d decimal) at(scale int) *big.Int {
	if scale == d.scale {
		return d.unscaled
	}
	return new(big.Int).Mul(d.unscaled, pow10(scale-d.scale))
}

func (d decimal) cmp(e decimal) int {
	x, y, _ := align(d, e)
	return x.Cmp(y)
}

func (d decimal) add(e decimal) decimal {
	x, y, scale := align(d, e)
	return decimal{new(big.Int).Add(x, y), scale}
}

func (d decimal) neg() decimal { return decimal{new(big.Int).Neg(d.unscaled), d.scale} }

func (d decimal) abs() decimal { return decimal{new(big.Int).Abs(d.unscaled), d.scale} }

func (d decimal) mul(e decimal) decimal {
	return decimal{new(big.Int).Mul(d.unscaled, e.unscaled), d.scale + e.scale}
}

// quo divides; the divisor is not zero.
func (d decimal) quo(e decimal) decimal {
	return fromRat(new(big.Rat).Quo(d.rat(), e.rat()))
}

// quoRem is the truncated division: d = q·e + r. The divisor is not zero.
func (d decimal) quoRem(e decimal) (q int64, r decimal, ok bool) {
	x, y, scale := align(d, e)
	quotient, rest := new(big.Int).QuoRem(x, y, new(big.Int))
	return quotient.Int64(), decimal{rest, scale}, quotient.IsInt64()
}

// round keeps that many digits after the point, halves away from zero.
func (d decimal) round(digits int) decimal {
	if digits >= d.scale {
		return d
	}
	unit := pow10(d.scale - digits)
	half := new(big.Int).Quo(unit, big.NewInt(2))
	if d.unscaled.Sign() < 0 {
		half.Neg(half)
	}
	n := new(big.Int).Add(d.unscaled, half)
	return decimal{n.Quo(n, unit), digits}
}

// floor is the largest whole number that is not above.
func (d decimal) floor() decimal {
	// big.Int's Div rounds down for a positive divisor.
	return decimal{new(big.Int).Div(d.unscaled, pow10(d.scale)), 0}
}

// trim drops trailing zeros after the point.
func (d decimal) trim() decimal {
	ten, n, scale := big.NewInt(10), new(big.Int).Set(d.unscaled), d.scale
	for scale > 0 {
		q, r := new(big.Int).QuoRem(n, ten, new(big.Int))
		if r.Sign() != 0 {
			break
		}
		n, scale = q, scale-1
	}
	return decimal{n, scale}
}

// like tells equivalence: equal when rounded to the less precise operand,
// trailing zeros not counting (FHIRPath, section 6.1.2).
func (d decimal) like(e decimal) bool {
	digits := min(d.trim().scale, e.trim().scale)
	return d.round(digits).cmp(e.round(digits)) == 0
}

// tooLong tells results that have outgrown every use.
func (d decimal) tooLong() bool { return d.scale > maxDigits || d.unscaled.BitLen() > 4*maxDigits }
