package mydata

import (
	"cmp"
	"context"
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
	all, since, err = s.measured(ctx, who, FewPoints, nil)
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
		code := []search.Pair{{Name: "code", Value: escaped.Replace(c.Get("system").Text()) + "|" + escaped.Replace(c.Get("code").Text())}}
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

func (s *Service) measured(ctx context.Context, who access.Actor, n int, code []search.Pair) ([]Quantity, time.Time, error) {
	for i, years := range spans {
		query := append(slices.Clone(code), search.Pair{Name: "status:not", Value: "entered-in-error,cancelled"})
		var since time.Time
		if years > 0 {
			since = s.Now().AddDate(-years, 0, 0)
			query = append(query, search.Pair{Name: "date", Value: "ge" + since.UTC().Format(time.DateOnly)})
		}
		page, err := s.Records.Newest(ctx, who, records.Search{Patient: who.Patient, Query: query}, n)
		if errs.Is(err, errs.Unprocessable) && i < len(spans)-1 {
			continue
		}
		if err != nil {
			return nil, since, err
		}
		all, err := s.quantities(ctx, who, page.Resources)
		return all, since, err
	}
	return nil, time.Time{}, nil
}

// quantities groups Observations, which are the newest first.
func (s *Service) quantities(ctx context.Context, who access.Actor, found []store.Resource) ([]Quantity, error) {
	entries, err := s.entries(ctx, who, found)
	if err != nil {
		return nil, err
	}
	g := group{study: s.Study, by: map[string]*Quantity{}}
	for i, r := range found {
		root, err := tree.Parse(r.Body)
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "a record cannot be read back")
		}
		if at := entries[i].When.Last(); at.Known() && !entries[i].Wrong && root.At("code", "coding").Exists() {
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

// Last is the newest point of a series.
func (s Series) Last() Point { return s.Points[len(s.Points)-1] }
