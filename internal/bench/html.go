package bench

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
)

//go:embed report.html
var reportPage string

// page is the report as people read it: one file without scripts.
var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"number":  digits,
	"percent": func(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) },
	"mega":    func(n int64) string { return known(megabytes(n)) },
	"known":   known,
	"milli":   func(micros float64) string { return digits(micros / 1000) },
	"bar":     func(share float64) template.CSS { return template.CSS(fmt.Sprintf("%.1f%%", 100*share)) },
}).Parse(reportPage))

// known leaves out what was not measured.
func known(v float64) string {
	if v == 0 {
		return "–"
	}
	return digits(v)
}

func (r *Report) writePage(dir string) (err error) {
	f, err := os.Create(filepath.Join(dir, "report.html"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return page.Execute(f, r)
}

// Judged are the figures that have a target.
func (r *Report) Judged() (judged []Figure) {
	for _, f := range r.Figures {
		if f.Met != nil {
			judged = append(judged, f)
		}
	}
	return judged
}

// IsMet tells whether the target is met; false without one.
func (f Figure) IsMet() bool { return f.Met != nil && *f.Met }

// Target is the target in words, and whether it was met.
func (f Figure) Target() string { return f.verdict() }

// Whole tells whether this is the mix of all shapes.
func (g Growth) Whole() bool { return g.Shape == wholeMix }

// Ratio is a cost as a multiple of the first.
type Ratio struct {
	Value float64
	Over  bool // the target of the mix
}

// Ratios are those of the sizes after the first.
func (g Growth) Ratios() (ratios []Ratio) {
	for i := range g.Cost[1:] {
		v := g.grown(i + 1)
		ratios = append(ratios, Ratio{v, v > sizes[i+1].most})
	}
	return ratios
}

// Last is the latency at the largest size.
func (g Growth) Last() float64 { return g.Latency[len(g.Latency)-1] }
