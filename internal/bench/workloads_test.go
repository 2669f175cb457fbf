package bench

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"tributary/internal/synth"
)

// fakeK6 stands for k6: it answers as the scripts do and says what it was given.
const fakeK6 = `#!/bin/sh
name=$(basename "$6" .js)
echo "$BASE $TOKEN $VUS $DURATION" > "$OUT/asked"
cat > "$OUT/$name.json" <<J
{"row":{"workload":"$name","requests":100,"rate":50,"unit":"req/s","p50":1,"p95":2,"p99":3,"error_rate":0.01,"seconds":2,"kb_per_answer":4},
 "metrics":{"http_reqs":{"values":{"count":110}}}}
J
echo 'time="2026" level=error msg="FIRST-ERROR Patient.name: sure to match, but empty" source=console'
echo 'time="2026" level=error msg="FIRST-ERROR Patient.name: sure to match, but empty" source=console'
exit $FAKE
`

func TestOneRunOfK6(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "k6")
	if err := os.WriteFile(program, []byte(fakeK6), 0o700); err != nil {
		t.Fatal(err)
	}
	r := &run{Options: Options{Workloads: Workloads{Folder: dir, K6: program}}}
	server := &target{name: "PostgreSQL", base: "http://127.0.0.1:1/fhir/R4", tokenCmd: []string{"echo", "secret"}}
	k := k6{workload: workloads[3], duration: 2 * time.Second, target: server, out: filepath.Join(dir, "out")}
	t.Setenv("FAKE", "99") // some answers were wrong: a result, not a failure
	m, err := r.k6(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if m.Server != "PostgreSQL" || m.Rate != 50 || m.P99 != 3 || m.all != 110 || m.ErrorRate != 0.01 {
		t.Errorf("%+v", m)
	}
	if len(m.Faults) != 1 || m.Faults[0] != "Patient.name: sure to match, but empty" {
		t.Errorf("errors: %q", m.Faults)
	}
	if asked, err := os.ReadFile(filepath.Join(k.out, "asked")); err != nil || string(asked) != server.base+" secret 8 2s\n" {
		t.Errorf("k6 was given %q, %v", asked, err)
	}
	t.Setenv("FAKE", "107")
	if _, err := r.k6(t.Context(), k); err == nil {
		t.Error("a failed run passes for a result")
	}
}

func TestProcessorTimeIsSpreadOverWhatWasDone(t *testing.T) {
	after := spending{server: 2 * time.Second, database: time.Second, memory: 5}
	search, load := Measured{Workload: "search", all: 1000}, Measured{Workload: "import", all: 90}
	search.cost(spending{}, after, 50_000)
	load.cost(spending{}, after, 50_000)
	if search.Processor != 2000 || search.Database != 1000 || load.Processor != 40 || load.Memory != 5 {
		t.Errorf("%+v, %+v", search, load)
	}
}

func TestWorkloadsAreHeldAgainstThePeer(t *testing.T) {
	r := &run{Options: Options{Print: &bytes.Buffer{}}, limit: 100}
	of := func(server string, rate, p99 float64) Measured {
		return Measured{Server: server, Rate: rate, P99: p99, Processor: 150}
	}
	r.compare(workloads[3], []Measured{of("PostgreSQL", 900, 10), of("SQLite", 10, 10), of(peerName, 300, 100)})
	want := []string{
		"search on PostgreSQL against the peer: at least 3: met",
		"search on PostgreSQL, p99 against the peer's: at most 0.2: met",
		"search on SQLite against the peer: ", "search on SQLite, p99 against the peer's: ",
	}
	for i, f := range r.report.Figures {
		if got := f.Name + ": " + f.verdict(); got != want[i] {
			t.Errorf("%q, want %q", got, want[i])
		}
	}
	r.report.Figures = nil
	r.compare(workloads[1], []Measured{of("PostgreSQL", 900, 10)})
	if f := r.report.Figures; len(f) != 1 || f[0].Value != 1.5 || !f[0].IsMet() {
		t.Errorf("without a peer: %+v", f)
	}
}

func TestIndexOfBundles(t *testing.T) {
	r := &run{dir: t.TempDir(), data: &bundles{
		shared:   [][]byte{[]byte(`{"type":"batch","entry":[{},{}]}`)},
		patients: [][]byte{[]byte(`{"type":"transaction","entry":[{},{},{}]}`)},
	}}
	index, err := r.indexBundles()
	if err != nil || index.entries != 5 {
		t.Fatalf("%+v, %v", index, err)
	}
	raw, err := os.ReadFile(filepath.Join(index.dir, "index.json"))
	var rows []struct {
		File, Type string
		Entries    int
	}
	if err != nil || json.Unmarshal(raw, &rows) != nil || len(rows) != 2 {
		t.Fatalf("%s, %v", raw, err)
	}
	if !strings.HasPrefix(filepath.Base(rows[0].File), "0-") || rows[1].Type != "transaction" || rows[1].Entries != 3 {
		t.Errorf("%+v", rows)
	}
}

// What runtime/pprof writes is read, and what is no profile is refused.
func TestProfilesAreRead(t *testing.T) {
	var profile bytes.Buffer
	if err := pprof.StartCPUProfile(&profile); err != nil {
		t.Skip(err)
	}
	g := synth.New(synth.Options{Seed: 1, MaxYears: 2})
	for begun, i := time.Now(), 0; time.Since(begun) < 400*time.Millisecond; i++ {
		g.Patient(i)
	}
	pprof.StopCPUProfile()
	stacks, err := parseProfile(profile.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	top := stacks.top("import", "SQLite")
	var share float64
	for _, p := range top.Packages {
		if p.Name == "tributary/internal/synth" {
			share = p.Share
		}
	}
	if share < 0.3 || len(top.Functions) == 0 || len(top.Own) > topEntries {
		t.Errorf("%+v", top)
	}
	var damaged bytes.Buffer
	zip := gzip.NewWriter(&damaged)
	zip.Write([]byte{0x12, 0xff, 1})
	zip.Close()
	for _, bad := range [][]byte{nil, []byte("404 not found"), damaged.Bytes()} {
		if _, err := parseProfile(bad); err == nil {
			t.Errorf("%q passes for a profile", bad)
		}
	}
}

func TestPackageOfAFunction(t *testing.T) {
	for function, want := range map[string]string{
		"runtime.mallocgc": "runtime", "net/http.(*conn).serve": "net/http", "github.com/jackc/pgx/v5.(*Conn).Query": "github.com/jackc/pgx/v5",
		"tributary/fhir.checkAll.func1": "tributary/fhir",
	} {
		if got := packageOf(function); got != want {
			t.Errorf("%s: %s", function, got)
		}
	}
}
