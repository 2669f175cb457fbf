package mydata

import (
	"math"
	"math/big"
	"strings"

	"tributary/config/program"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/fhir/ucum"
)

// group collects points by code and dimension.
type group struct {
	study *program.Study
	by    map[string]*Quantity
	order []*Quantity
}

func (g *group) add(root tree.Value, e Entry, at When) {
	p := Point{ID: e.ID, At: at.Time, When: at, Source: e.Source}
	g.point(root, root, p)
	for c := range root.Get("component").Elements() {
		g.point(root, c, p)
	}
}

// point adds the value of v, of an Observation or of a part of one.
func (g *group) point(root, v tree.Value, p Point) {
	a, ok := amountOf(v.Get("valueQuantity"))
	code := codeOf(v.Get("code"))
	if !ok || code == "" || !a.drawable() {
		return
	}
	q := g.quantity(root, a.unit, p.ID)
	value, ok := ucum.Convert(a.value, a.unit, q.unit)
	if !ok {
		return
	}
	p.Value, _ = value.Float64()
	p.Sign = v.At("valueQuantity", "comparator").Text()
	p.Decimals = decimals(v.At("valueQuantity", "value").Text())
	if a.unit.Code() != q.unit.Code() {
		p.Was, p.Decimals = scalar(v.Get("valueQuantity")), sensible(p.Value)
	}
	b, told := rangeOf(v, a.unit, q.unit)
	if !told {
		b, told = g.usual(code, q.unit)
	}
	if p.Level = levelOf(v); told {
		p.Low, p.High = float(b.low), float(b.high)
		if p.Level == "" && p.Sign == "" {
			p.Level = b.level(value)
		}
	}
	s := q.series(g.study, v.Get("code"), code)
	s.Points = append(s.Points, p)
}

// drawable tells whether a level axis can have the unit: one with a scale of its own
// only if it is of temperature.
func (a amount) drawable() bool { return !a.unit.Special() || a.unit.Canonical() == "K" }

// quantity finds or begins the one of an Observation's code and a dimension. All its
// values are in the unit of the newest.
func (g *group) quantity(root tree.Value, unit *ucum.Unit, id string) *Quantity {
	key := codeOf(root.Get("code")) + " " + unit.Canonical()
	q, ok := g.by[key]
	if !ok {
		q = &Quantity{ID: id, Title: plain(root.Get("code")), code: codeOf(root.Get("code")), unit: unit, Unit: Unit(unit.Code())}
		q.Named = named(g.study, q.code)
		g.by[key], g.order = q, append(g.order, q)
	}
	return q
}

func (q *Quantity) series(study *program.Study, concept tree.Value, code string) *Series {
	for i := range q.Series {
		if q.Series[i].code == code {
			return &q.Series[i]
		}
	}
	q.Series = append(q.Series, Series{Title: plain(concept), Named: named(study, code), code: code})
	return &q.Series[len(q.Series)-1]
}

// codeOf is the LOINC code of a concept, else its first coding, else its text.
func codeOf(concept tree.Value) string {
	first := ""
	for c := range concept.Get("coding").Elements() {
		key := c.Get("system").Text() + "|" + c.Get("code").Text()
		if c.Get("system").Text() == loinc {
			return key
		}
		if first == "" {
			first = key
		}
	}
	if first == "" {
		return search.Fold(concept.Get("text").Text())
	}
	return first
}

const loinc = "http://loinc.org"

func float(r *big.Rat) *float64 {
	if r == nil {
		return nil
	}
	f, _ := r.Float64()
	return &f
}

// mostDecimals bounds what is shown of a value.
const mostDecimals = 4

func decimals(text string) int {
	_, fraction, _ := strings.Cut(text, ".")
	return min(len(fraction), mostDecimals)
}

// sensible are three digits of a converted value.
func sensible(v float64) int {
	if v == 0 {
		return 0
	}
	return min(max(2-int(math.Floor(math.Log10(math.Abs(v)))), 0), mostDecimals)
}
