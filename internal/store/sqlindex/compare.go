package sqlindex

import (
	"strings"

	"tributary/fhir/search"
)

// The comparison of a stored interval (lo, hi) with the asked one (R4, section
// 3.1.1.4.3). {L} and {H} stand for the bounds that were asked, {lo} and {hi}
// for the columns. A bound that follows from the rest is written out where it lets an
// index narrow the range.
var intervals = map[search.Prefix]string{
	search.Eq: "({lo} >= {L} AND {lo} <= {H} AND {hi} <= {H})",
	search.Ne: "NOT ({lo} >= {L} AND {hi} <= {H})",
	search.Gt: "{hi} > {H}",
	search.Lt: "{lo} < {L}",
	search.Ge: "({hi} >= {L} AND ({hi} > {H} OR {lo} >= {L}))",
	search.Le: "({lo} <= {H} AND ({lo} < {L} OR {hi} <= {H}))",
	search.Sa: "{lo} > {H}",
	search.Eb: "({lo} < {L} AND {hi} < {L})",
	search.Ap: "({lo} <= {H} AND {hi} >= {L})",
}

// The comparison of a stored number or range with the asked one: prefixes but
// eq, ne and ap take the number {V} as exact.
var numbers = map[search.Prefix]string{
	search.Eq: "({lo} >= {L} AND {lo} < {H} AND {hi} < {H})",
	search.Ne: "NOT ({lo} >= {L} AND {hi} < {H})",
	search.Gt: "{hi} > {V}",
	search.Lt: "{lo} < {V}",
	search.Ge: "{hi} >= {V}",
	search.Le: "{lo} <= {V}",
	search.Sa: "{lo} > {V}",
	search.Eb: "({lo} < {V} AND {hi} < {V})",
	search.Ap: "({lo} <= {H} AND {hi} >= {L})",
}

func (b *builder) interval(p search.Prefix, lo, hi string, low, high any) string {
	return b.compare(intervals, p, lo, hi, map[string]any{"{L}": low, "{H}": high})
}

func (b *builder) number(v search.NumberValue, lo, hi string) string {
	return b.compare(numbers, v.Prefix, lo, hi, map[string]any{"{L}": v.Lo, "{H}": v.Hi, "{V}": v.Value})
}

// compare fills a template; an empty or unknown prefix is eq, which selects the least.
func (b *builder) compare(table map[search.Prefix]string, p search.Prefix, lo, hi string, bounds map[string]any) string {
	template, ok := table[p]
	if !ok {
		template = table[search.Eq]
	}
	pairs := []string{"{lo}", lo, "{hi}", hi}
	for _, name := range []string{"{L}", "{H}", "{V}"} {
		if strings.Contains(template, name) {
			pairs = append(pairs, name, b.arg(bounds[name]))
		}
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// quantity matches a row in one of the units that the value may be kept in.
func (b *builder) quantity(v search.QuantityValue, lo, hi, system, code, unit string) string {
	condition := b.number(v.NumberValue, lo, hi)
	if v.System != 0 {
		condition += " AND " + system + " = " + b.arg(v.System)
	}
	if v.Code != 0 {
		condition += " AND (" + code + " = " + b.arg(v.Code) + " OR " + unit + " = " + b.arg(v.Code) + ")"
	}
	if v.System == 0 && v.Code == 0 { // not the converted rows
		condition += " AND (" + code + " <> 0 OR " + system + " = 0)"
	}
	if v.Or == nil {
		return "(" + condition + ")"
	}
	return "((" + condition + ") OR " + b.quantity(*v.Or, lo, hi, system, code, unit) + ")"
}

// composite matches the first component by its hash, the others by their cells.
func (b *builder) composite(v search.CompositeValue, t string) (string, error) {
	if len(v.Parts) < 2 || len(v.Parts) > 3 {
		return "", mismatch("composite")
	}
	first, err := b.first(v.Parts[0], t)
	conditions := []string{first}
	for i, part := range v.Parts[1:] {
		if err != nil {
			break
		}
		var condition string
		condition, err = b.cell(part, t, string(rune('2'+i)))
		conditions = append(conditions, condition)
	}
	return "(" + strings.Join(conditions, " AND ") + ")", err
}

func (b *builder) first(v search.Value, t string) (string, error) {
	switch v := v.(type) {
	case search.TokenValue:
		return t + ".first = " + b.arg(v.Hash), nil
	case search.StringValue:
		return t + ".first = " + b.arg(search.Hash(v.Folded)), nil
	case search.ReferenceValue:
		return b.targets(t+".first", v), nil
	}
	return "", mismatch("composite")
}

func (b *builder) cell(v search.Value, t, n string) (string, error) {
	lo, hi, a, by, c := t+".lo"+n, t+".hi"+n, t+".a"+n, t+".b"+n, t+".c"+n
	switch v := v.(type) {
	case search.TokenValue:
		if v.Hash == 0 { // 0 stands for a form that the cell does not have
			return "1 = 0", nil
		}
		return b.arg(v.Hash) + " IN (" + a + ", " + by + ", " + c + ")", nil
	case search.StringValue:
		return a + " = " + b.arg(search.Hash(v.Folded)), nil
	case search.ReferenceValue:
		return b.targets(a, v), nil
	case search.DateValue:
		return b.interval(v.Prefix, lo, hi, float64(v.Lo), float64(v.Hi)), nil
	case search.NumberValue:
		return b.number(v, lo, hi), nil
	case search.QuantityValue:
		return b.quantity(v, lo, hi, a, by, c), nil
	}
	return "", mismatch("composite")
}
