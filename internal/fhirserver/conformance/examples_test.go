package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// misreferring are HL7's examples that break R4 itself: each refers to a type
// that the element's definition does not allow.
var misreferring = map[string]string{
	"DeviceMetric-example.json":        "DeviceMetric.parent: a DeviceDefinition, where R4 has Device",
	"DeviceUseStatement-example.json":  "DeviceUseStatement.reasonReference: a Procedure, where R4 has Condition, Observation, DiagnosticReport, DocumentReference, Media",
	"MedicationRequest-medrx0301.json": "MedicationRequest.dispenseRequest.performer: a Practitioner, where R4 has Organization",
	"Observation-clinical-gender.json": "Observation.performer: an Encounter, where R4 has people and organizations",
}

// example is one official example.
type example struct {
	file, typ, id string
	sent          []byte
	research      bool // a Consent to research: written by the consent flow alone
}

func (e example) url() string { return "/" + e.typ + "/" + e.id }

func examples(t testing.TB) []example {
	t.Helper()
	var all []example
	for _, file := range fhirtest.Files(t, "r4-examples") {
		sent, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r struct {
			ResourceType, ID string
			Scope            struct{ Coding []struct{ Code string } }
		}
		if err := json.Unmarshal(sent, &r); err != nil {
			t.Fatal(err)
		}
		research := r.ResourceType == "Consent" && len(r.Scope.Coding) > 0 && r.Scope.Coding[0].Code == "research"
		all = append(all, example{filepath.Base(file), r.ResourceType, r.ID, sent, research})
	}
	if len(all) != 571 {
		t.Fatalf("%d official examples, R4 has 571", len(all))
	}
	return all
}

// load writes the examples in the way that each has, and returns those that are
// there then. What the API must refuse, it is asked first.
func (s *site) load(t testing.TB, all []example) []example {
	t.Helper()
	var stored []example
	var mu sync.Mutex
	inParallel(all, func(e example) {
		if s.put(t, e) {
			mu.Lock()
			defer mu.Unlock()
			stored = append(stored, e)
		}
	})
	slices.SortFunc(stored, func(a, b example) int { return strings.Compare(a.file, b.file) })
	if len(stored) != len(all)-len(misreferring) {
		t.Errorf("%d of %d examples are stored", len(stored), len(all))
	}
	return stored
}

// inParallel keeps a few requests under way.
func inParallel[T any](items []T, do func(T)) {
	var group sync.WaitGroup
	next := make(chan T)
	for range 4 {
		group.Go(func() {
			for item := range next {
				do(item)
			}
		})
	}
	for _, item := range items {
		next <- item
	}
	close(next)
	group.Wait()
}

func (s *site) put(t testing.TB, e example) bool {
	r := s.call(t, "PUT "+e.url(), string(e.sent))
	switch {
	case misreferring[e.file] != "":
		r.refused(t, 400)
		return false
	case e.typ == "AuditEvent":
		r.refused(t, 403, 405)
		return s.keep(t, e)
	case e.research:
		r.refused(t, 422)
		return s.consent(t, e)
	case r.status != 201:
		t.Errorf("%s: status %d: %.500s", e.file, r.status, r.body)
		return false
	}
	return true
}

// consent writes a research Consent as the consent flow does.
func (s *site) consent(t testing.TB, e example) bool {
	actor := access.Actor{Role: access.System, ID: "consent", Unscoped: true}
	err := s.records.Write(t.Context(), actor, func(ctx context.Context, tx *records.Tx) error {
		_, err := tx.Put(ctx, records.Draft{Type: e.typ, ID: e.id, JSON: e.sent})
		return err
	})
	if err != nil {
		t.Errorf("%s: %v", e.file, err)
	}
	return err == nil
}

// keep gives an AuditEvent to the store: the API has none but the server's own.
func (s *site) keep(t testing.TB, e example) bool {
	r, err := fhir.Parse(e.sent)
	if err != nil {
		t.Errorf("%s: %v", e.file, err)
		return false
	}
	entries, err := search.Base().Extract(e.typ, e.id, r.Root, s.url)
	if err != nil {
		t.Errorf("%s: %v", e.file, err)
		return false
	}
	err = s.store.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		body := r.Stamp(fhir.Stamp{ID: e.id, VersionID: 1, LastUpdated: tx.Now()})
		return tx.Put(ctx, []store.Write{{Add: entries, Resource: store.Resource{
			Type: e.typ, ID: e.id, Version: 1, Updated: tx.Now(), Method: "PUT", Body: body,
		}}})
	})
	if err != nil {
		t.Errorf("%s: %v", e.file, err)
	}
	return err == nil
}

// read is what is there, over HTTP but for AuditEvents.
func (s *site) read(t testing.TB, e example) []byte {
	if e.typ != "AuditEvent" {
		return s.call(t, "GET "+e.url(), "").is(t, 200).body
	}
	r, err := s.store.Read(t.Context(), e.typ, e.id)
	if err != nil {
		t.Errorf("%s: %v", e.file, err)
	}
	return r.Body
}

// Every official example is read back as it was sent: every byte outside of
// meta, and every token of meta but for what the server sets there.
func TestOfficialExamplesAreReadBackAsSent(t *testing.T) {
	all := examples(t)
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for _, e := range s.load(t, all) {
			got := s.read(t, e)
			gotRest, gotMeta := withoutMeta(t, got)
			wantRest, wantMeta := withoutMeta(t, e.sent)
			if !bytes.Equal(bytes.TrimSpace(gotRest), bytes.TrimSpace(wantRest)) {
				t.Errorf("%s: %s", e.file, firstDifference(gotRest, wantRest))
			}
			if e.typ == "Subscription" { // the server labels whose it is; the examples have no meta
				owner := access.Owner(client(t, "all", "system/*.cruds"))
				wantMeta = fmt.Appendf(nil, `{"tag":[{"system":%q,"code":%q}]}`, access.OwnerSystem, owner)
			}
			if got, want := tokensOf(t, gotMeta), tokensOf(t, wantMeta); !slices.Equal(got, want) {
				t.Errorf("%s: meta is %v, was sent as %v", e.file, got, want)
			}
			stamped(t, e, got)
		}
	})
}

// stamped holds that the server's own part of meta is there.
func stamped(t testing.TB, e example, body []byte) {
	var r struct {
		ID   string
		Meta struct{ VersionID, LastUpdated string }
	}
	if err := json.Unmarshal(body, &r); err != nil || r.ID != e.id || r.Meta.VersionID != "1" || r.Meta.LastUpdated == "" {
		t.Errorf("%s: id and meta are %+v, %v", e.file, r, err)
	}
}
