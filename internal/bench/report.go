package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Report is what report.json holds.
type Report struct {
	At      time.Time `json:"at"`
	Version string    `json:"version"`
	Machine struct {
		Processors int    `json:"processors"`
		Go         string `json:"go"`
		OS         string `json:"os"`
		// Database are the settings of PostgreSQL.
		Database map[string]string `json:"database,omitempty"`
	} `json:"machine"`
	Data struct {
		Source    string `json:"source"`
		Bundles   int    `json:"bundles"`
		Resources int    `json:"resources"`
		Bytes     int    `json:"bytes"`
	} `json:"data"`
	Figures   []Figure   `json:"figures"`
	Workloads []Measured `json:"workloads"`
	Growth    []Growth   `json:"growth"`
	Profiles  []Profile  `json:"profiles"`
}

func newReport(o Options) Report {
	r := Report{At: time.Now().UTC(), Version: o.Version, Figures: []Figure{}, Workloads: []Measured{}, Growth: []Growth{}, Profiles: []Profile{}}
	r.Machine.Processors, r.Machine.Go = runtime.GOMAXPROCS(0), runtime.Version()
	r.Machine.OS = runtime.GOOS + "/" + runtime.GOARCH
	return r
}

// Figure is one measured value, with what it is held to.
type Figure struct {
	Part  string  `json:"part"` // a to g, k
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Most or Least is the target, 0 for none; Met is nil without one.
	Most  float64 `json:"most,omitempty"`
	Least float64 `json:"least,omitempty"`
	Met   *bool   `json:"met,omitempty"`
}

func (f *Figure) judge() {
	if f.Most == 0 && f.Least == 0 {
		return
	}
	met := (f.Most == 0 || f.Value <= f.Most) && (f.Least == 0 || f.Value >= f.Least)
	f.Met = &met
}

func (f *Figure) line() string {
	return fmt.Sprintf("(%s) %-62s %10s %-12s %s", f.Part, f.Name, digits(f.Value), f.Unit, f.verdict())
}

func (f *Figure) verdict() string {
	if f.Met == nil {
		return ""
	}
	target := fmt.Sprintf("at most %g", f.Most)
	if f.Least != 0 {
		target = fmt.Sprintf("at least %g", f.Least)
	}
	if *f.Met {
		return target + ": met"
	}
	return target + ": MISSED"
}

// digits shows three significant ones, and all before the point.
func digits(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func (r *Report) table(w io.Writer) {
	fmt.Fprintln(w, "\nall figures of this run")
	for i := range r.Figures {
		fmt.Fprintf(w, "  %s\n", r.Figures[i].line())
	}
}

func (r *Report) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, "report.json"), append(raw, '\n'), 0o644), r.writePage(dir))
}
