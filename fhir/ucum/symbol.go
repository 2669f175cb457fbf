package ucum

import (
	"math/big"
	"strconv"
	"strings"
)

// unit reads a unit of the table, with its prefix and exponent.
func (p *parser) unit() (product, error) {
	start := p.at
	symbol, err := p.symbol()
	if err != nil {
		return product{}, err
	}
	u, err := p.lookUp(symbol, start)
	if err != nil {
		return product{}, err
	}
	exponent, err := p.exponent()
	if err != nil {
		return product{}, err
	}
	if u.scale == nil {
		return p.raised(u, exponent, start)
	}
	if exponent != 1 {
		return product{}, p.fail(start, "a unit with a scale of its own, such as Cel or [pH], has no powers")
	}
	return product{magnitude: one, dimension: u.dimension, special: u, parts: 1}, nil
}

func (p *parser) raised(u *Unit, exponent, start int) (product, error) {
	c := product{magnitude: u.magnitude, parts: 1}
	if !c.dimension.raise(u.dimension, exponent) {
		return c, p.fail(start, "an exponent is out of range")
	}
	if exponent != 1 {
		c.magnitude = raisedTo(u.magnitude, exponent)
	}
	return c, nil
}

func raisedTo(n *big.Rat, exponent int) *big.Rat {
	e := big.NewInt(int64(max(exponent, -exponent)))
	over, under := new(big.Int).Exp(n.Num(), e, nil), new(big.Int).Exp(n.Denom(), e, nil)
	if exponent < 0 {
		over, under = under, over
	}
	return new(big.Rat).SetFrac(over, under)
}

// symbol takes what can be a prefix and a unit: up to an operator, an exponent
// or an annotation, none of which end it inside of brackets.
func (p *parser) symbol() (string, error) {
	start := p.at
	if p.ten() {
		p.at += len("10*")
		return p.code[start:p.at], nil
	}
	for ; p.at < len(p.code); p.at++ {
		c := p.code[p.at]
		if c == '[' {
			closing := strings.IndexByte(p.code[p.at:], ']')
			if closing < 0 {
				return "", p.fail(p.at, "this bracket is not closed")
			}
			p.at += closing
			continue
		}
		if digit(c) || strings.IndexByte("./(){}+-", c) >= 0 {
			break
		}
	}
	if p.at == start {
		return "", p.fail(start, "a unit is expected here")
	}
	return p.code[start:p.at], nil
}

// lookUp finds a symbol in the table, else with a prefix of one or two letters.
func (p *parser) lookUp(symbol string, start int) (*Unit, error) {
	table := known()
	if a, ok := table.atom(symbol); ok {
		return a.unit, nil
	}
	for size := 1; size <= 2 && size < len(symbol); size++ {
		prefix, ok := table.prefixes[symbol[:size]]
		if !ok {
			continue
		}
		if a, ok := table.atom(symbol[size:]); ok && a.metric {
			return a.unit.times(prefix), nil
		}
	}
	if alike := table.alike(symbol); alike != "" {
		return nil, p.fail(start, "there is no unit %q; %q may be meant", symbol, alike)
	}
	return nil, p.fail(start, "there is no unit %q", symbol)
}

// times is the unit with a prefix.
func (u *Unit) times(prefix *big.Rat) *Unit {
	v := *u
	if v.scale != nil {
		v.prefix = prefix
		return &v
	}
	v.magnitude = new(big.Rat).Mul(u.magnitude, prefix)
	return &v
}

// exponent reads an optional sign and digits; without them it is 1.
func (p *parser) exponent() (int, error) {
	start := p.at
	negative := p.accept('-')
	signed := negative || p.accept('+')
	digits := p.digits()
	if digits == "" {
		if signed {
			return 0, p.fail(start, "digits are expected after a sign")
		}
		return 1, nil
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > maxExponent {
		return 0, p.fail(start, "an exponent is out of range")
	}
	if negative {
		n = -n
	}
	return n, nil
}
