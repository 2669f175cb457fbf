package ucum

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// maxNesting bounds parentheses within parentheses.
const maxNesting = 20

// parser reads a code by UCUM's grammar (section 2.1, table 1):
//
//	main       = ["/"] term
//	term       = component { ("." | "/") component }
//	component  = "(" term ")" | number | [prefix] atom [exponent], each with or
//	             without an annotation, or an annotation alone
type parser struct {
	code  string
	at    int
	depth int
}

// product is a term as it is multiplied up; special stands for one unit alone.
type product struct {
	magnitude *big.Rat
	dimension dimension
	special   *Unit
	parts     int // how many units and numbers other than 1 it consists of
}

func parse(code string) (*Unit, error) {
	p := &parser{code: code}
	if len(code) > maxCode {
		return nil, p.fail(maxCode, "it is too long")
	}
	sum, err := p.main()
	if err != nil {
		return nil, err
	}
	if p.at < len(code) {
		return nil, p.fail(p.at, "an operator or the end is expected here")
	}
	u := &Unit{code: code, magnitude: sum.magnitude, dimension: sum.dimension}
	if s := sum.special; s != nil {
		u.scale, u.prefix, u.magnitude = s.scale, s.prefix, s.magnitude
	}
	return u, nil
}

func (p *parser) fail(at int, format string, args ...any) error {
	return &Error{Code: p.code[:min(len(p.code), maxCode)], Position: at, Reason: fmt.Sprintf(format, args...)}
}

func (p *parser) accept(c byte) bool {
	if p.at < len(p.code) && p.code[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) main() (product, error) {
	sum := product{magnitude: big.NewRat(1, 1)}
	sign := 1
	if p.accept('/') {
		sign = -1
	}
	return sum, p.term(&sum, sign)
}

// term multiplies components up; only the first one can stand under a leading slash.
func (p *parser) term(sum *product, sign int) error {
	for {
		start := p.at
		factor, err := p.component()
		if err != nil {
			return err
		}
		if err := p.multiply(sum, factor, sign, start); err != nil {
			return err
		}
		switch {
		case p.accept('.'):
			sign = 1
		case p.accept('/'):
			sign = -1
		default:
			return nil
		}
	}
}

func (p *parser) multiply(sum *product, by product, sign, at int) error {
	sum.parts += by.parts
	if special := by.special; special != nil || sum.special != nil {
		if sum.parts > 1 || sign < 0 {
			return p.fail(at, "a unit with a scale of its own, such as Cel or [pH], stands alone")
		}
		if special != nil {
			sum.special = special
		}
	}
	if sign < 0 && by.magnitude.Sign() == 0 {
		return p.fail(at, "nothing can be divided by 0")
	}
	if !sum.dimension.raise(by.dimension, sign) {
		return p.fail(at, "an exponent is out of range")
	}
	if sum.scaled(by.magnitude, sign); tooLarge(sum.magnitude) {
		return p.fail(at, "it amounts to too large or too small a number")
	}
	return nil
}

func (s *product) scaled(by *big.Rat, sign int) {
	if sign < 0 {
		s.magnitude.Quo(s.magnitude, by)
		return
	}
	s.magnitude.Mul(s.magnitude, by)
}

func tooLarge(n *big.Rat) bool { return n.Num().BitLen()+n.Denom().BitLen() > maxMagnitude }

func (p *parser) component() (product, error) {
	var c product
	var err error
	switch {
	case p.at == len(p.code):
		return c, p.fail(p.at, "a unit is expected here")
	case p.code[p.at] == '(':
		c, err = p.group()
	case p.code[p.at] == '{':
		c = product{magnitude: one}
	case digit(p.code[p.at]) && !p.ten():
		c, err = p.number()
	default:
		c, err = p.unit()
	}
	if err != nil {
		return c, err
	}
	return c, p.annotation()
}

func (p *parser) group() (product, error) {
	if p.depth++; p.depth > maxNesting {
		return product{}, p.fail(p.at, "parentheses are nested too deeply")
	}
	start := p.at
	p.at++
	sum := product{magnitude: big.NewRat(1, 1)}
	if err := p.term(&sum, 1); err != nil {
		return sum, err
	}
	if !p.accept(')') {
		return sum, p.fail(start, "this parenthesis is not closed")
	}
	p.depth--
	return sum, nil
}

// annotation passes over text in braces, which has no meaning.
func (p *parser) annotation() error {
	start := p.at
	if !p.accept('{') {
		return nil
	}
	for ; p.at < len(p.code); p.at++ {
		switch c := p.code[p.at]; {
		case c == '}':
			p.at++
			return nil
		case c == '{' || c < 33 || c > 126:
			return p.fail(p.at, "an annotation takes visible ASCII characters without braces and blanks")
		}
	}
	return p.fail(start, "this annotation is not closed")
}

// ten tells that 10* or 10^ stands here, the unit that is the number ten.
func (p *parser) ten() bool {
	rest := p.code[p.at:]
	return strings.HasPrefix(rest, "10*") || strings.HasPrefix(rest, "10^")
}

func (p *parser) number() (product, error) {
	start := p.at
	digits := p.digits()
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n == 0 {
		return product{}, p.fail(start, "a number is 0 or too large")
	}
	c := product{magnitude: new(big.Rat).SetInt64(n)}
	if n != 1 {
		c.parts = 1
	}
	return c, nil
}

func (p *parser) digits() string {
	start := p.at
	for p.at < len(p.code) && digit(p.code[p.at]) {
		p.at++
	}
	return p.code[start:p.at]
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
