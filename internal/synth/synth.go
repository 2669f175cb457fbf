package synth

import "time"

// Options say which patients a Generator makes up.
type Options struct {
	Seed     uint64
	End      time.Time // the records' today; zero: 2026-01-01, so that bytes do not change with the calendar
	MaxYears int       // the most years of visits a record holds; zero: 7
}

// Generator makes up patients. It is immutable and safe for concurrent use.
type Generator struct {
	seed  uint64
	end   time.Time
	years int
	staff [][]clinician
}

// New returns the generator of the given options.
func New(o Options) *Generator {
	g := &Generator{seed: o.Seed, end: o.End, years: o.MaxYears, staff: staff()}
	if g.end.IsZero() {
		g.end = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if g.years <= 0 {
		g.years = 7
	}
	return g
}

// Infrastructure returns the batch bundles that must be loaded before any
// patient: the organizations with their locations, then the practitioners
// with their roles. They are the same for every seed, and loading them twice
// changes nothing.
func (g *Generator) Infrastructure() []Bundle {
	return []Bundle{organizations(), practitioners(g.staff)}
}

// Patient returns the record of the i-th patient as a transaction bundle. It
// depends on the options and i alone.
func (g *Generator) Patient(i int) Bundle {
	r := newSource(g.seed, uint64(i))
	p := newPerson(r, g.end)
	c := newChart(g, r, p)
	c.write(newCourse(r, p, g.window(r, p)))
	b := c.bundle(p.ID)
	b.Patient = p.Person
	return b
}
