package bench

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestShapesAreDrawnFromTheData(t *testing.T) {
	d := drawn{}
	d.take("Observation", sampledResource{Effective: "2024-05-01T10:00:00Z", Code: concept{Coding: []struct{ System, Code string }{{loinc, "8302-2"}}}})
	d.take("Patient", sampledResource{Name: []byte(`[{"family":"Moss","given":["Ida"]}]`), Address: []byte(`[{"city":"Salem"}]`), BirthDate: "1980-02-03"})
	shapes := d.shapes()
	if len(shapes) != 24 {
		t.Fatalf("%d shapes", len(shapes))
	}
	for i, s := range shapes {
		if len(s.queries) != perShape || d.shapes()[i].queries[0] != s.queries[0] {
			t.Errorf("%s: %d queries, or others at the second draw", s.name, len(s.queries))
		}
		for _, q := range s.queries {
			u, err := url.Parse(q)
			typ, param, _ := strings.Cut(s.name, ".")
			if err != nil || u.Path != "/fhir/R4/"+typ || u.Query().Get("_count") != "20" || !(u.Query().Has(param) || u.Query().Has(param+":contains")) {
				t.Fatalf("%s: %s: %v", s.name, q, err)
			}
		}
	}
	if q := shapes[7].queries[0]; !strings.Contains(q, "8302-2") {
		t.Errorf("codes are not of the data: %s", q)
	}
}

func TestGrowthIsHeldAgainstItsTargets(t *testing.T) {
	var out bytes.Buffer
	g := &growing{run: &run{Options: Options{Print: &out}}}
	g.judge("SQLite", []Growth{
		{Shape: "Patient.name", Cost: []float64{100, 200, 900}},
		{Shape: wholeMix, Cost: []float64{100, 120, 210}},
	})
	f := g.report.Figures
	if len(f) != 2 || !f[0].IsMet() || f[1].IsMet() || f[1].Value != 2.1 {
		t.Errorf("%+v", f)
	}
	if !strings.Contains(out.String(), "grows: Patient.name") {
		t.Errorf("the shape that grows is not named: %s", out.String())
	}
}

// The page is well-formed, and what servers say is text in it.
func TestPageOfAReport(t *testing.T) {
	met := false
	r := Report{Figures: []Figure{{Part: "g", Name: "a <figure>", Value: 3, Most: 2, Met: &met}}}
	r.Workloads = []Measured{{Workload: "read", Server: "PostgreSQL", Rate: 2}, {Workload: "read", Server: peerName, Rate: 1, ErrorRate: 0.5, Faults: []string{"<script>alert(1)</script>"}}}
	r.Growth = []Growth{
		{Server: "SQLite", Shape: "Patient.name", Cost: []float64{1, 2, 30}, Latency: []float64{1, 2, 3}},
		{Server: "SQLite", Shape: wholeMix, Cost: []float64{1, 1, 1}, Latency: []float64{1, 2, 3}},
	}
	r.Profiles = []Profile{{Workload: "read", Server: "SQLite", Own: []Share{{"runtime", 0.25}}}}
	dir := t.TempDir()
	if err := r.write(dir); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a &lt;figure&gt;", "at most 2: MISSED", "&lt;script&gt;", "25.0 %", "<polyline", "the mix"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if bytes.Contains(page, []byte("<script")) || bytes.Contains(page, []byte("ZgotmplZ")) || bytes.Contains(page, []byte("http")) {
		t.Error("the page has a script, a value that was not let in, or needs something from elsewhere")
	}
	for _, part := range bytes.Split(page, []byte("<svg"))[1:] {
		drawing, _, _ := bytes.Cut(append([]byte("<svg"), part...), []byte("</svg>"))
		decoder := xml.NewDecoder(bytes.NewReader(append(drawing, "</svg>"...)))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("a drawing is damaged: %v", err)
			}
		}
	}
}
