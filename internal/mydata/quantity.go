package mydata

import (
	"cmp"
	"context"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"tributary/config/program"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/fhir/ucum"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Quantity is something that is measured again and again: one code, one dimension. A
// blood pressure has two series.
type Quantity struct {
	ID     string // of the newest Observation of it: it names the quantity in addresses
	Title  string
	Named  program.Text // the study's own name for it, where it has one
	Unit   string       // in which all values are, as people write it
	Series []Series
	code   string
	unit   *ucum.Unit
}

// Series are the values of one code.
type Series struct {
	Title  string
	Named  program.Text
	Points []Point // the oldest first
	code   string
}

// Point is a value in the quantity's unit.
type Point struct {
	ID        string // of its Observation
	At        time.Time
	When      When
	Value     float64
	Decimals  int    // that it was given with, or makes sense with after a conversion
	Sign      string // < or > of what was beyond what can be measured
	Was       string // as it was written, if in another unit
	Low, High *float64
	Level     Level
	Source    Source
}

// Most points that a quantity is shown with.
const (
	FewPoints  = 12
	ManyPoints = 120
)

// Measured are the quantities with their newest points, by title. since is not zero
// where there are so many that older ones are left out.
func (s *Service) Measured(ctx context.Context, who access.Actor) (all []Quantity, since time.Time, err error) {
	all, since, err = s.measured(ctx, who, FewPoints, search.Pair{Name: "code:missing", Value: "false"})
	slices.SortStableFunc(all, func(a, b Quantity) int { return cmp.Compare(search.Fold(a.Title), search.Fold(b.Title)) })
	return all, since, err
}

// Quantity is the one that an Observation is a value of, with many points.
func (s *Service) Quantity(ctx context.Context, who access.Actor, observationID string) (Quantity, error) {
	r, err := s.Records.Read(ctx, who, observation, observationID)
	if err != nil {
		return Quantity{}, err
	}
	root, err := tree.Parse(r.Body)
	if err != nil {
		return Quantity{}, errs.Wrap(err, errs.Internal, "a record cannot be read back")
	}
	for c := range root.At("code", "coding").Elements() {
		code := search.Pair{Name: "code", Value: escaped.Replace(c.Get("system").Text()) + "|" + escaped.Replace(c.Get("code").Text())}
		all, _, err := s.measured(ctx, who, ManyPoints, code)
		if err != nil {
			return Quantity{}, err
		}
		for _, q := range all {
			if q.holds(observationID) {
				return q, nil
			}
		}
	}
	return Quantity{}, errs.New(errs.NotFound, "there is no chart of this")
}

// escaped are values in a search (R4, section 3.1.1.4.12).
var escaped = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`)

func (q *Quantity) holds(id string) bool {
	return slices.ContainsFunc(q.Series, func(s Series) bool {
		return slices.ContainsFunc(s.Points, func(p Point) bool { return p.ID == id })
	})
}

// spans are how far back is looked where there is too much to look through, in years.
var spans = []int{0, 10, 3, 1}

func (s *Service) measured(ctx context.Context, who access.Actor, n int, code search.Pair) ([]Quantity, time.Time, error) {
	for i, years := range spans {
		query := []search.Pair{{Name: "patient", Value: "Patient/" + who.Patient}, code, {Name: "status:not", Value: "entered-in-error,cancelled"}}
		var since time.Time
		if years > 0 {
			since = s.Now().AddDate(-years, 0, 0)
			query = append(query, search.Pair{Name: "date", Value: "ge" + since.UTC().Format(time.DateOnly)})
		}
		page, err := s.Records.LastN(ctx, who, records.Search{Query: query}, n)
		if errs.Is(err, errs.Unprocessable) && i < len(spans)-1 {
			continue
		}
		if err != nil {
			return nil, since, err
		}
		all, err := s.quantities(ctx, who.Patient, page.Resources)
		return all, since, err
	}
	return nil, time.Time{}, nil
}

// quantities groups Observations, which are the newest first.
func (s *Service) quantities(ctx context.Context, patient string, found []store.Resource) ([]Quantity, error) {
	entries, err := s.entries(ctx, patient, found)
	if err != nil {
		return nil, err
	}
	g := group{study: s.Study, by: map[string]*Quantity{}}
	for i, r := range found {
		root, err := tree.Parse(r.Body)
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "a record cannot be read back")
		}
		if at := entries[i].When.Last(); at.Known() && !entries[i].Wrong {
			g.add(root, entries[i], at)
		}
	}
	all := make([]Quantity, len(g.order))
	for i, q := range g.order {
		for j := range q.Series {
			slices.Reverse(q.Series[j].Points)
		}
		all[i] = *q
	}
	return all, nil
}

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
	b, told := rangeOf(v, q.unit)
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

// usual is the range that the study's protocol calls usual, for a quantity that it
// measures: what no meaning of it is said beyond.
func (g *group) usual(code string, unit *ucum.Unit) (b band, ok bool) {
	id, code, in := "", strings.TrimPrefix(code, loinc+"|"), ""
	for _, m := range g.study.Protocol.Measures {
		if m.Code == code {
			id, in = m.ID, m.Unit
		}
	}
	for _, d := range g.study.Protocol.Derived {
		if d.Code == code {
			id, in = d.ID, d.Unit
		}
	}
	from, err := ucum.Parse(in)
	if id == "" || err != nil {
		return b, false
	}
	for _, m := range g.study.Protocol.Meanings {
		for _, l := range m.Levels {
			for _, limit := range l.When {
				if limit.Measure == id {
					b.narrow(limit, from, unit)
				}
			}
		}
	}
	return b, b.low != nil || b.high != nil
}

// narrow takes what lies beyond a limit out of the band.
func (b *band) narrow(l program.Limit, from, to *ucum.Unit) {
	at := func(v *float64) *big.Rat {
		if v == nil {
			return nil
		}
		out, ok := ucum.Convert(new(big.Rat).SetFloat64(*v), from, to)
		if !ok {
			return nil
		}
		return out
	}
	if low := at(l.Below); low != nil && (b.low == nil || low.Cmp(b.low) > 0) {
		b.low = low
	}
	if high := at(l.Above); high != nil && (b.high == nil || high.Cmp(b.high) < 0) {
		b.high = high
	}
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

// named is what the study calls a quantity that its protocol measures.
func named(study *program.Study, code string) program.Text {
	p := &study.Protocol
	for _, m := range p.Measures {
		if loinc+"|"+m.Code == code {
			return m.Title
		}
	}
	for _, m := range p.Panels {
		if loinc+"|"+m.Code == code {
			return m.Title
		}
	}
	for _, m := range p.Derived {
		if loinc+"|"+m.Code == code {
			return m.Title
		}
	}
	return nil
}

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

// Last is the newest point of a series.
func (s Series) Last() Point { return s.Points[len(s.Points)-1] }
