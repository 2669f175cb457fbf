package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// Measured is what a workload found of one server.
type Measured struct {
	Workload  string  `json:"workload"`
	Server    string  `json:"server"`
	Rate      float64 `json:"rate"`
	Unit      string  `json:"unit"`
	P50       float64 `json:"p50"` // milliseconds
	P95       float64 `json:"p95"`
	P99       float64 `json:"p99"`
	Requests  int     `json:"requests"`
	Seconds   float64 `json:"seconds"`
	ErrorRate float64 `json:"error_rate"` // 0 to 1
	Size      float64 `json:"kb_per_answer"`

	// Processor is the server's processor time for one request, of the import for
	// one resource, in microseconds; Database that of its database's processes.
	// 0 is not known.
	Processor float64  `json:"processor"`
	Database  float64  `json:"database_processor"`
	Memory    int64    `json:"memory"` // the most that the server has had resident, in bytes
	Disk      int64    `json:"disk"`   // what the database takes, in bytes
	Faults    []string `json:"faults"` // the first error of each kind
	all       int      // requests, those of the setup too
}

func (m *Measured) line() string {
	errs := "no errors"
	if m.ErrorRate > 0 {
		errs = fmt.Sprintf("ERRORS %.2f %%: %.200s", 100*m.ErrorRate, m.Faults)
	}
	return fmt.Sprintf("(k) %-10s %-18s %8.0f %-11s p50 %7.1f p95 %7.1f p99 %7.1f ms  %5.0f µs server, %5.0f µs database  %s",
		m.Workload, m.Server, m.Rate, m.Unit, m.P50, m.P95, m.P99, m.Processor, m.Database, errs)
}

// cost spreads the processor time over what was done with it.
func (m *Measured) cost(before, after spending, entries int) {
	n := float64(m.all)
	if m.Workload == "import" {
		n = float64(entries)
	}
	if n > 0 {
		m.Processor = micros(after.server-before.server) / n
		m.Database = micros(after.database-before.database) / n
	}
	m.Memory = after.memory
}

// k6 is one run of a script.
type k6 struct {
	workload
	duration time.Duration
	target   *target
	index    bundleIndex
	out      string
}

// thresholds is what k6 exits with when the server erred: that is a result.
const thresholds = 99

func (r *run) k6(ctx context.Context, k k6) (m Measured, err error) {
	token, err := k.target.bearer(ctx)
	if err != nil {
		return m, err
	}
	if err := os.MkdirAll(k.out, 0o755); err != nil {
		return m, err
	}
	cmd := exec.CommandContext(ctx, r.Workloads.K6, "run", "-q", "--address", "", "--no-color", filepath.Join(r.Workloads.Folder, k.name+".js"))
	cmd.Env = append(os.Environ(), "BASE="+k.target.base, "TOKEN="+token, "VUS="+strconv.Itoa(k.users), "DURATION="+k.duration.String(),
		"BUNDLES="+k.index.dir, "OUT="+k.out, "K6_NO_USAGE_REPORT=true")
	log, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == thresholds) {
		return m, fmt.Errorf("k6: %w: %.2000s", err, log)
	}
	if err := os.WriteFile(filepath.Join(k.out, k.name+".log"), log, 0o644); err != nil {
		return m, err
	}
	m, err = readSummary(filepath.Join(k.out, k.name+".json"))
	m.Server, m.Faults = k.target.name, faults(log)
	return m, err
}

// readSummary reads what a script writes at its end.
func readSummary(file string) (m Measured, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return m, err
	}
	var summary struct {
		Row     *Measured
		Metrics map[string]struct{ Values map[string]float64 }
	}
	summary.Row = &m
	err = json.Unmarshal(raw, &summary)
	m.all = int(summary.Metrics["http_reqs"].Values["count"])
	return m, err
}

var fault = regexp.MustCompile(`FIRST-ERROR ([^\n]*)`)

// faults are the errors that the scripts name, each once.
func faults(log []byte) []string {
	seen, out := map[string]bool{}, []string{}
	for _, found := range fault.FindAllSubmatch(log, -1) {
		text, _, _ := bytes.Cut(found[1], []byte(`" source=`))
		if line := fmt.Sprintf("%.300s", text); !seen[line] && len(out) < 20 {
			seen[line] = true
			out = append(out, line)
		}
	}
	return out
}

// bundleIndex is the index.json that the import reads.
type bundleIndex struct {
	dir     string
	entries int
}

// indexBundles lists the bundles in a folder of their own: files as they are, or
// written there when they were made up.
func (r *run) indexBundles() (bundleIndex, error) {
	index := bundleIndex{dir: filepath.Join(r.dir, "bundles")}
	if err := os.MkdirAll(index.dir, 0o700); err != nil {
		return index, err
	}
	type row struct {
		File    string `json:"file"`
		Type    string `json:"type"`
		Entries int    `json:"entries"`
	}
	var rows []row
	for i, raw := range append(append([][]byte{}, r.data.shared...), r.data.patients...) {
		name := fmt.Sprintf("%05d.json", i+1)
		if i < len(r.data.shared) {
			name = "0-" + name
		}
		var bundle struct {
			Type  string
			Entry []struct{}
		}
		file := filepath.Join(index.dir, name)
		if err := errors.Join(json.Unmarshal(raw, &bundle), os.WriteFile(file, raw, 0o600)); err != nil {
			return index, err
		}
		rows, index.entries = append(rows, row{file, bundle.Type, len(bundle.Entry)}), index.entries+len(bundle.Entry)
	}
	raw, err := json.Marshal(rows)
	return index, errors.Join(err, os.WriteFile(filepath.Join(index.dir, "index.json"), raw, 0o600))
}
