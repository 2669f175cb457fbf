package ingest_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"tributary/connectors"
	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/store"
)

func TestPullStoresTheRecord(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		practitioner := fhirtest.Practitioner(fhirtest.ID("d1"))
		w.provider.extra["Practitioner/d1"] = practitioner
		seen := fhirtest.Observation(fhirtest.ID("o9"), fhirtest.Subject(providerBase+"/Patient/p1"),
			fhirtest.With("performer", []any{map[string]any{"reference": "Practitioner/d1", "display": "Dr. A"}}))
		w.provider.record["Observation"] = append(w.provider.record["Observation"], seen)
		w.connect("me")
		if p := w.pull("me"); p.State != store.PullDone {
			t.Fatalf("the pull is %s", p.State)
		}
		if n := len(w.held("Observation")); n != 6 {
			t.Errorf("%d Observations", n)
		}
		if n := len(w.held("Patient")); n != 1 {
			t.Errorf("the provider's Patient became one of ours: %d", n)
		}
		doctors := w.held("Practitioner")
		if len(doctors) != 1 {
			t.Fatalf("%d Practitioners", len(doctors))
		}
		rewritten(t, w, seen, doctors[0].ID)
		if n := w.count(`SELECT COUNT(*) FROM source`); n != 1+3+6+1 {
			t.Errorf("%d sources", n)
		}
		kept(t, w, "Practitioner", practitioner)
		kept(t, w, "Patient", w.provider.record["Patient"][0])
		kept(t, w, "Observation", seen)
		if n := len(w.held("Provenance")); n != 2 {
			t.Errorf("%d Provenances: one for what the pages brought, one for what they refer to", n)
		}
	})
}

// rewritten checks the one Observation with references: only their values, id
// and meta are other than sent.
func rewritten(t *testing.T, w *world, sent []byte, doctor string) {
	t.Helper()
	for _, r := range w.held("Observation") {
		if field(r.Body, "meta", "source") != providerBase+"/Observation/o9" {
			continue
		}
		if field(r.Body, "subject", "reference") != "Patient/me" {
			t.Errorf("the subject is %s", field(r.Body, "subject", "reference"))
		}
		if !bytes.Contains(r.Body, []byte(`"Practitioner/`+doctor+`"`)) || bytes.Contains(r.Body, []byte("Practitioner/d1\"")) {
			t.Error("the performer was not rewritten")
		}
		if !bytes.Contains(r.Body, []byte(`"code":"ehr"`)) {
			t.Error("no origin")
		}
		same := strings.NewReplacer(providerBase+"/Patient/p1", "Patient/me", "Practitioner/d1", "Practitioner/"+doctor)
		for _, name := range []string{"code", "performer", "subject", "valueQuantity"} {
			if got, want := raw(r.Body, name), same.Replace(raw(sent, name)); got != want {
				t.Errorf("%s: %s, sent %s", name, got, want)
			}
		}
		return
	}
	t.Error("the Observation is not there")
}

// kept checks that the bytes of a source are the provider's.
func kept(t *testing.T, w *world, typ string, want []byte) {
	t.Helper()
	rows, err := w.store.Query(t.Context(), `SELECT s.body FROM source s JOIN source_head h ON h.key=s.key WHERE h.type=$1`, typ)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(body, want) {
			return
		}
	}
	t.Errorf("the bytes of the %s are not kept", typ)
}

func TestSecondPullChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.connect("me")
		first := w.pull("me")
		before := w.count(`SELECT COUNT(*) FROM source`)
		second := w.again("me")
		if second.ID == first.ID || second.State != store.PullDone {
			t.Fatalf("second pull: %+v", second)
		}
		if n := w.count(`SELECT COUNT(*) FROM source`); n != before {
			t.Errorf("%d sources became %d", before, n)
		}
		for _, typ := range []string{"Observation", "Condition", "Provenance"} {
			for _, r := range w.held(typ) {
				if r.Version != 1 {
					t.Errorf("%s has version %d", typ, r.Version)
				}
			}
		}
		if n := len(w.held("Provenance")); n != 1 {
			t.Errorf("%d Provenances", n)
		}
	})
}

func TestChangedResourceGetsOneVersion(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.connect("me")
		w.pull("me")
		w.provider.record["Condition"][1] = fhirtest.Condition(fhirtest.ID("c1"), fhirtest.Subject("Patient/p1"), fhirtest.With("recordedDate", "2025-01-01"))
		w.again("me")
		changed := 0
		for _, r := range w.held("Condition") {
			if r.Version == 2 && field(r.Body, "recordedDate") == "2025-01-01" {
				changed++
			} else if r.Version != 1 {
				t.Errorf("version %d", r.Version)
			}
		}
		if n := w.count(`SELECT COUNT(*) FROM source`); changed != 1 || n != 1+3+5+1 {
			t.Errorf("%d changed, %d sources", changed, n)
		}
	})
}

func TestIncrementalOnlyAfterACompletePull(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.provider.onPage = on("Observation", fault(connectors.Refused, 403))
		w.connect("me")
		if p := w.pull("me"); p.State != store.PullPartial {
			t.Fatalf("the pull is %s", p.State)
		}
		w.provider.onPage = nil
		w.again("me")
		if !w.provider.since.IsZero() {
			t.Error("only changes were asked for after a partial pull")
		}
		complete := w.status("me").Pull.Started
		w.again("me")
		if s := w.provider.since; s.IsZero() || s.After(complete) {
			t.Errorf("asked for changes since %v, the complete pull began %v", s, complete)
		}
	})
}

func TestSameResourceTwice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		all := observations("p1", 3)
		w.provider.record["Observation"] = [][]byte{all[0], all[0], all[1], all[0], all[2]}
		w.connect("me")
		if p := w.pull("me"); p.State != store.PullDone {
			t.Fatalf("the pull is %s", p.State)
		}
		if n := len(w.held("Observation")); n != 3 || w.count(`SELECT COUNT(*) FROM source WHERE version>1`) != 0 {
			t.Errorf("%d Observations", n)
		}
	})
}

func TestTwoParticipantsShareAPractitioner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.provider.extra["Practitioner/d1"] = fhirtest.Practitioner(fhirtest.ID("d1"))
		for _, who := range []string{"p1", "p2"} {
			w.participant("me-" + who)
			w.provider.patient = who
			w.provider.record = map[string][][]byte{"Patient": {patient(who)}, "Observation": {fhirtest.Observation(
				fhirtest.ID("o-"+who), fhirtest.Subject("Patient/"+who), fhirtest.With("performer", []any{map[string]any{"reference": "Practitioner/d1"}}))}}
			w.connect("me-" + who)
			if p := w.pull("me-" + who); p.State != store.PullDone {
				t.Fatalf("the pull is %s", p.State)
			}
		}
		if n := len(w.held("Practitioner")); n != 1 {
			t.Errorf("%d Practitioners", n)
		}
	})
}

func TestConsentEndsMidPull(t *testing.T) {
	for name, left := range map[string]access.Permissions{"revoked": {Research: true}, "withdrawn": {Withdrawn: true}} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.participant("me")
				w.provider.onPage = func(_ context.Context, page string, _ connectors.Credentials) error {
					if page == "Observation/2" {
						w.consents.set("me", left)
					}
					return nil
				}
				w.connect("me")
				if p := w.pull("me"); p.State != store.PullStopped {
					t.Fatalf("the pull is %s", p.State)
				}
				if n := len(w.held("Observation")); n > 2 {
					t.Errorf("%d Observations were stored after the consent ended", n)
				}
			})
		})
	}
}

func raw(body []byte, name string) string {
	return string(rawOf(body, name))
}
