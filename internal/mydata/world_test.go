package mydata_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tributary/config/program"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/mydata"
	"tributary/internal/program/programtest"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// world is the package over a store, with somebody who takes part.
type world struct {
	testing.TB
	*programtest.World
	*mydata.Service
	who access.Actor
}

// Providers implements mydata.Sources.
func (w *world) Providers(_ context.Context, _ string, keys []search.Key) (map[search.Key]string, error) {
	out := map[search.Key]string{}
	for _, k := range keys {
		out[k] = "Przychodnia Łódź"
	}
	return out, nil
}

func newWorld(t testing.TB, db store.Store, clock *programtest.Clock) *world {
	t.Helper()
	w := &world{TB: t, World: programtest.New(t, db, clock)}
	patient := w.Join(t, programtest.Ada)
	w.who = access.Actor{Role: access.Participant, ID: "ada", Patient: patient, Unscoped: true, Purpose: "PATRQT"}
	w.Service = mydata.New(mydata.Config{Records: w.World.Records, Study: w.World.Study, Sources: w, Now: clock.Now})
	return w
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, db store.Store) { test(t, newWorld(t, db, clock)) })
}

// put keeps resources, in one transaction.
func (w *world) put(origin records.Origin, resources ...string) {
	w.Helper()
	err := w.World.Records.Write(w.Context(), access.Job("ingest", "TREAT"), func(ctx context.Context, tx *records.Tx) error {
		drafts := make([]records.Draft, len(resources))
		for i, body := range resources {
			root, err := tree.Parse([]byte(body))
			if err != nil {
				return err
			}
			drafts[i] = records.Draft{Type: root.Get("resourceType").Text(), ID: root.Get("id").Text(), JSON: []byte(body), Origin: origin}
		}
		_, err := tx.Put(ctx, drafts...)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
}

// lab is a value of one of so many tests.
func (w *world) lab(id string, test int, at time.Time, value float64) string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","subject":{"reference":"Patient/%s"},"effectiveDateTime":%q,"code":{"coding":[{"system":"http://loinc.org","code":"T-%d"}],"text":"Cholesterol całkowity %d"},
		"valueQuantity":{"value":%.1f,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}`, id, w.who.Patient, at.UTC().Format(time.RFC3339), test, test, value)
}

// labs are n values of as many tests as are wanted, a day apart.
func (w *world) labs(n, tests int) (all []string) {
	for i := range n {
		all = append(all, w.lab(fmt.Sprintf("o%05d", i), i%tests, w.Clock.Now().AddDate(0, 0, -i/tests), float64(i%200)))
	}
	return all
}

// taken is the Bundle, decoded.
func (w *world) taken() (ids map[string]int) {
	w.Helper()
	b, err := w.Bundle(w.Context(), w.who, "https://study.example/fhir/R4")
	if err != nil {
		w.Fatal(err)
	}
	var out bytes.Buffer
	if err := b.Write(w.Context(), &out); err != nil {
		w.Fatal(err)
	}
	var bundle struct {
		ResourceType, Type string
		Entry              []struct {
			Resource struct{ ResourceType, ID string }
		}
	}
	if err := json.Unmarshal(out.Bytes(), &bundle); err != nil || bundle.ResourceType != "Bundle" || bundle.Type != "collection" {
		w.Fatalf("%s %s: %v", bundle.ResourceType, bundle.Type, err)
	}
	ids = map[string]int{}
	for _, e := range bundle.Entry {
		ids[e.Resource.ResourceType+"/"+e.Resource.ID]++
	}
	return ids
}

// All pages are in it, each resource once; what was deleted is not, nor what others have.
func TestTheBundleIsComplete(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(records.FromEHR, w.labs(450, 9)...)
		w.put(records.FromEHR, fmt.Sprintf(`{"resourceType":"Device","id":"pump","patient":{"reference":"Patient/%s"}}`, w.who.Patient),
			`{"resourceType":"Observation","id":"theirs","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/somebody"}}`)
		err := w.World.Records.Write(t.Context(), access.Job("ingest", "TREAT"), func(ctx context.Context, tx *records.Tx) error { return tx.Delete(ctx, "Observation", "o00007") })
		if err != nil {
			t.Fatal(err)
		}
		ids := w.taken()
		for i := range 450 {
			want := 1
			if i == 7 {
				want = 0
			}
			if id := fmt.Sprintf("Observation/o%05d", i); ids[id] != want {
				t.Fatalf("%s is in it %d times", id, ids[id])
			}
		}
		if ids["Patient/"+w.who.Patient] != 1 || ids["Device/pump"] != 1 || ids["Observation/theirs"] != 0 {
			t.Errorf("%v", ids)
		}
	})
}

// broken is a connection that ends.
type broken struct{ room int }

func (b *broken) Write(p []byte) (int, error) {
	if b.room -= len(p); b.room < 0 {
		return 0, fmt.Errorf("gone")
	}
	return len(p), nil
}

// Whoever takes it along hears that it is not whole.
func TestABrokenBundleIsAFailure(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(records.FromEHR, w.labs(450, 9)...)
		b, err := w.Bundle(t.Context(), w.who, "https://study.example/fhir/R4")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Write(t.Context(), &broken{room: 70 << 10}); err == nil {
			t.Error("half a file passes for one")
		}
		if _, err := w.Bundle(t.Context(), access.Actor{Role: access.Participant, ID: "eve", Patient: "eve", Unscoped: true, Purpose: "PATRQT"}, ""); err == nil {
			t.Error("somebody without records gets some")
		}
	})
}

// english says everything in English.
type english struct{}

func (english) T(text string, args ...any) string {
	if len(args) == 0 {
		return text
	}
	said := text
	return fmt.Sprintf(said, args...)
}
func (english) On(t time.Time) string          { return t.Format("2 January 2006") }
func (english) Number(n float64, d int) string { return fmt.Sprintf("%.*f", d, n) }
func (english) In(text program.Text) string    { return text.In("en") }

// The paper is a PDF that says each entry, in the letters that it is written in.
func TestPaper(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed")
	}
	each(t, func(t *testing.T, w *world) {
		w.put(records.FromEHR, w.lab("o1", 1, w.Clock.Now(), 187.5),
			fmt.Sprintf(`{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/%s"},"code":{"text":"Αλλεργία, виêм, ngứa, 痛"},"onsetDateTime":"2019-04"}`, w.who.Patient))
		var out bytes.Buffer
		if err := w.PDF(t.Context(), w.who, mydata.Paper{Voice: english{}, Language: "en", At: w.Clock.Now(), Study: "The Study"}, &out); err != nil {
			t.Fatal(err)
		}
		if out.Len() > 120<<10 {
			t.Errorf("it takes %d bytes", out.Len())
		}
		cmd := exec.Command("pdftotext", "-", "-")
		cmd.Stdin = &out
		text, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		said := strings.Join(strings.Fields(string(text)), " ")
		for _, want := range []string{"My data", "The Study. Made on 2 March 2026.", "Cholesterol całkowity 1 187.5 mg/dL From Przychodnia Łódź", "April 2019 · Condition Αλλεργία, виêм, ngứa, □", "A box stands for a letter", "Page 1 of 1"} {
			if !strings.Contains(said, want) {
				t.Errorf("it does not say %q: %s", want, said)
			}
		}
	})
}

// A long record stays quick and light: a page of the timeline, the charts, one chart,
// the Bundle and the paper of somebody with 20,000 Observations.
func BenchmarkLongRecord(b *testing.B) {
	clock := programtest.NewClock()
	w := newWorld(b, storetest.SQLite(b, storetest.Options{Now: clock.Now}), clock)
	all := w.labs(20_000, 80)
	for from := 0; from < len(all); from += 1000 {
		w.put(records.FromEHR, all[from:from+1000]...)
	}
	for name, reads := range map[string]func() error{
		"timeline": func() error {
			_, err := w.Timeline(b.Context(), w.who, mydata.Query{Count: 40})
			return err
		},
		"charts": func() error {
			_, _, err := w.Measured(b.Context(), w.who)
			return err
		},
		"chart": func() error {
			_, err := w.Quantity(b.Context(), w.who, "o00000")
			return err
		},
		"bundle": func() error {
			t, err := w.Bundle(b.Context(), w.who, "https://study.example/fhir/R4")
			if err != nil {
				return err
			}
			return t.Write(b.Context(), &broken{room: 1 << 40})
		},
		"paper": func() error {
			return w.PDF(b.Context(), w.who, mydata.Paper{Voice: english{}, Language: "en", At: clock.Now(), Study: "The Study"}, &broken{room: 1 << 40})
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := reads(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
