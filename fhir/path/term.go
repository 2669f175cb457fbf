package path

import "strings"

// calendar holds the words that may follow a number in place of a UCUM unit,
// each with its singular (FHIRPath, section 4.1.8).
var calendar = map[string]string{
	"year": "year", "years": "year", "month": "month", "months": "month", "week": "week", "weeks": "week",
	"day": "day", "days": "day", "hour": "hour", "hours": "hour", "minute": "minute", "minutes": "minute",
	"second": "second", "seconds": "second", "millisecond": "millisecond", "milliseconds": "millisecond",
}

// term reads a literal, a variable, an expression in parentheses or the first
// step of a path.
func (p *parser) term() (*node, error) {
	t := p.peek()
	switch {
	case t.kind == tokenString:
		p.at++
		return literal(t, t.text), nil
	case t.kind == tokenNumber:
		p.at++
		return p.number(t)
	case t.kind == tokenTemporal:
		p.at++
		return p.temporal(t)
	case t.kind == tokenVariable:
		p.at++
		return &node{kind: nodeVariable, text: t.text, pos: t.pos}, nil
	case t.kind == tokenName && (t.text == "true" || t.text == "false"):
		p.at++
		return literal(t, t.text == "true"), nil
	case p.accept("("):
		inner, err := p.binary(0)
		if err == nil {
			err = p.expect(")")
		}
		return inner, err
	case p.accept("{"):
		return &node{kind: nodeEmpty, pos: t.pos}, p.expect("}")
	}
	return p.invocation()
}

func literal(t token, value any) *node {
	return &node{kind: nodeLiteral, value: value, pos: t.pos}
}

// number reads 5, 5.0, 5L, 5 'mg' and 5 days.
func (p *parser) number(t token) (*node, error) {
	text, isLong := strings.CutSuffix(t.text, "L")
	d, err := parseDecimal(text)
	if err != nil {
		return nil, p.lexer.fail(t.pos, "a number is too long")
	}
	if n, ok := d.integer(); isLong && ok {
		return literal(t, long(n)), nil
	}
	unit := p.peek()
	if unit.kind == tokenString && !isLong {
		p.at++
		return literal(t, quantity{d, unit.text, false}), nil
	}
	if word, ok := calendar[unit.text]; ok && unit.kind == tokenName && !isLong {
		p.at++
		return literal(t, quantity{d, word, true}), nil
	}
	if strings.Contains(t.text, ".") {
		return literal(t, d), nil
	}
	n, ok := d.integer()
	if !ok {
		return nil, p.lexer.fail(t.pos, "an integer is out of range")
	}
	return literal(t, n), nil
}

func (p *parser) temporal(t token) (*node, error) {
	kind := kindDate
	text := t.text
	switch {
	case strings.HasPrefix(text, "T"):
		kind, text = kindTime, text[1:]
	case strings.Contains(text, "T"):
		kind, text = kindDateTime, strings.TrimSuffix(text, "T")
	}
	v, ok := parseTemporal(kind, text)
	if !ok {
		return nil, p.lexer.fail(t.pos, "no valid date or time")
	}
	return literal(t, v), nil
}
