package cohort

import (
	"context"
	"slices"
	"time"

	"tributary/config/program"
	"tributary/internal/access"
	journey "tributary/internal/program"
)

// Funnel is how many people come how far.
type Funnel struct {
	At     time.Time
	Steps  []program.Text // the first: an account was made
	Total  []Cell
	Months Breakdown // by when they joined
	Groups []Breakdown
}

// Breakdown is the funnel of parts of the people, each of whom is in one.
type Breakdown struct {
	ID    string
	Title program.Text
	Rows  []Part
}

// Part is a group, a month, or those who told nothing.
type Part struct {
	Title            program.Text // empty of a month
	Month            time.Time    // its first day, UTC
	Underrepresented bool
	NotTold          bool
	Counts           []Cell // by step
}

// Funnel counts everybody who has not left, as of a few minutes ago at most. That a
// member of staff has looked is put on record.
func (s *Service) Funnel(ctx context.Context, staff access.Actor) (Funnel, error) {
	p, err := s.look(ctx)
	if err != nil {
		return Funnel{}, err
	}
	return s.funnel(p), s.Witness.Shown(ctx, staff, "the cohort's funnel")
}

func (s *Service) funnel(p *picture) Funnel {
	f := Funnel{At: p.at, Steps: s.steps()}
	people := p.inOrder()
	f.Months, f.Total = s.months(p, people)
	for _, g := range s.Study.Outreach.Groups {
		f.Groups = append(f.Groups, s.breakdown(g, p.at, people, s.reached, len(f.Steps)))
	}
	return f
}

// inOrder are those who are counted, by when they joined.
func (p *picture) inOrder() []*person {
	var out []*person
	for _, one := range p.people {
		if one.counted() {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(a, b *person) int { return a.joined.Compare(b.joined) })
	return out
}

func (s *Service) steps() []program.Text {
	var out []program.Text
	for _, step := range s.Study.Outreach.Funnel {
		out = append(out, step.Title)
	}
	return out
}

// reached is the last step that a person took with all those before it. The first
// has no milestone: it is the account.
func (s *Service) reached(p *person, at time.Time) int {
	milestones := journey.Milestones(&s.Study.Eligibility, p.history, at)
	for i, step := range s.Study.Outreach.Funnel[1:] {
		if !slices.ContainsFunc(milestones, func(m journey.Milestone) bool { return m.Name == step.Milestone }) {
			return i
		}
	}
	return len(s.Study.Outreach.Funnel) - 1
}

// breakdown counts people by a grouping, and by how far they came of so many steps.
func (s *Service) breakdown(g program.Grouping, at time.Time, people []*person, reached func(*person, time.Time) int, steps int) Breakdown {
	b := Breakdown{ID: g.ID, Title: g.Title}
	counts := make([][]int64, len(g.Levels)+1)
	for i := range counts {
		counts[i] = make([]int64, steps)
	}
	for _, p := range people {
		row := p.level(g, at)
		if row < 0 {
			row = len(g.Levels)
		}
		counts[row][reached(p, at)]++
	}
	sheet := Suppress(counts)
	for i, l := range g.Levels {
		b.Rows = append(b.Rows, Part{Title: l.Title, Underrepresented: l.Underrepresented, Counts: sheet.Rows[i]})
	}
	b.Rows = append(b.Rows, Part{NotTold: true, Counts: sheet.Rows[len(g.Levels)]})
	return b
}

// shownMonths are how many months have a row of their own; those before share one.
const shownMonths = 12

func (s *Service) months(p *picture, people []*person) (Breakdown, []Cell) {
	last := month(p.at)
	first := last.AddDate(0, 1-shownMonths, 0)
	steps := len(s.Study.Outreach.Funnel)
	counts := make([][]int64, shownMonths+1)
	for i := range counts {
		counts[i] = make([]int64, steps)
	}
	for _, one := range people {
		row := 1 + monthsBetween(first, month(one.joined))
		counts[max(row, 0)][s.reached(one, p.at)]++
	}
	sheet := Suppress(counts)
	b := Breakdown{ID: "month"}
	for i := range counts {
		b.Rows = append(b.Rows, Part{Month: first.AddDate(0, i-1, 0), Counts: sheet.Rows[i], NotTold: i == 0})
	}
	return b, sheet.Total
}

func month(t time.Time) time.Time {
	y, m, _ := t.UTC().Date()
	return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
}

func monthsBetween(a, b time.Time) int {
	return 12*(b.Year()-a.Year()) + int(b.Month()) - int(a.Month())
}
