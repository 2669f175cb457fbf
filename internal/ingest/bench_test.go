package ingest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"

	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
	"tributary/internal/store/storetest"
	"tributary/internal/synth"
)

// cpu is the processor time of this process so far.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// syntheticRecord is a synthetic patient as a provider's record, by type, its
// references literal.
func syntheticRecord(b *testing.B, patient int) map[string][][]byte {
	b.Helper()
	var bundle struct {
		Entry []struct {
			FullURL  string          `json:"fullUrl"`
			Resource json.RawMessage `json:"resource"`
		}
	}
	if err := json.Unmarshal(synth.New(synth.Options{Seed: 11}).Patient(patient).JSON, &bundle); err != nil {
		b.Fatal(err)
	}
	names := map[string]string{}
	for i, e := range bundle.Entry {
		names[e.FullURL] = fmt.Sprintf("%s/%d-%d", field(e.Resource, "resourceType"), patient, i)
	}
	all := map[string][][]byte{}
	for i, e := range bundle.Entry {
		root, err := tree.Parse(e.Resource)
		if err != nil {
			b.Fatal(err)
		}
		edits := []tree.Edit{{Start: 1, End: 1, New: fmt.Appendf(nil, `"id":"%d-%d",`, patient, i)}}
		if id := root.Get("id"); id.Exists() {
			edits[0] = tree.Replace(id, fmt.Appendf(nil, `"%d-%d"`, patient, i))
		}
		root.Walk(func(v tree.Value) bool {
			if v.Key() == "reference" {
				edits = append(edits, tree.Replace(v, fmt.Appendf(nil, "%q", literal(names, v.Text()))))
			}
			return true
		})
		typ := root.Get("resourceType").Text()
		all[typ] = append(all[typ], tree.Apply(e.Resource, edits))
	}
	return all
}

// literal is a reference as a provider has it.
func literal(names map[string]string, text string) string {
	if name, ok := names[text]; ok {
		return name
	}
	typ, criteria, conditional := strings.Cut(text, "?")
	if !conditional {
		return text
	}
	sum := sha256.Sum256([]byte(criteria))
	return typ + "/" + hex.EncodeToString(sum[:8])
}

// BenchmarkPull pulls whole records, one participant an iteration, and compares
// its processor time with what google/fhir's Unmarshal alone takes of it.
func BenchmarkPull(b *testing.B) {
	c := newClock()
	w := newWorld(b, storetest.SQLite(b, storetest.Options{Now: c.Now}), c)
	w.provider.size = 200
	var resources int
	var spent, alone time.Duration
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		record := syntheticRecord(b, i)
		n, limit := unmarshalAlone(b, record)
		w.offer(i, record)
		resources, alone = resources+n, alone+limit
		before := cpu(b)
		b.StartTimer()
		args, _ := w.queue.next()
		if err := run(b.Context(), w.Service, args, 1); err != nil {
			b.Fatal(err)
		}
		spent += cpu(b) - before
	}
	b.ReportMetric(float64(resources)/b.Elapsed().Seconds(), "resources/s")
	b.ReportMetric(float64(spent.Microseconds())/float64(resources), "cpu-µs/resource")
	b.ReportMetric(float64(spent)/float64(alone), "×unmarshal")
	if n := w.count(`SELECT COUNT(*) FROM quarantine`); n != 0 {
		b.Errorf("%d resources in quarantine", n)
	}
}

// offer makes a participant whose provider has the record.
func (w *world) offer(i int, record map[string][][]byte) {
	me := record["Patient"][0]
	id := fmt.Sprintf("me-%d", i)
	w.participant(id, fhirtest.With("birthDate", field(me, "birthDate")), fhirtest.With("gender", field(me, "gender")))
	w.provider.patient, w.provider.record, w.provider.types = field(me, "id"), record, nil
	for typ := range record {
		if typ != "Patient" {
			w.provider.types = append(w.provider.types, typ)
		}
	}
	w.connect(id)
}

func unmarshalAlone(b *testing.B, record map[string][][]byte) (n int, spent time.Duration) {
	u, err := jsonformat.NewUnmarshaller("UTC", fhirversion.R4)
	if err != nil {
		b.Fatal(err)
	}
	before := cpu(b)
	for _, all := range record {
		for _, raw := range all {
			if _, err := u.Unmarshal(raw); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	return n, cpu(b) - before
}
