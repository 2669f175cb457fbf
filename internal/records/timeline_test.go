package records

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// kept stores resources about a patient, type and id to members of JSON.
func kept(t *testing.T, s *Service, resources [][2]string) {
	t.Helper()
	for _, r := range resources {
		typ, id, _ := strings.Cut(r[0], "/")
		put(t, s, Draft{Type: typ, ID: id, JSON: fmt.Appendf(nil, `{"resourceType":%q,"id":%q,%s}`, typ, id, r[1])}, false)
	}
}

const (
	ofAda = `"subject":{"reference":"Patient/ada"}`
	ofBob = `"subject":{"reference":"Patient/bob"}`
	coded = `,"code":{"text":"x"}`
)

var everything = []TimelinePart{{Type: "AllergyIntolerance"}, {Type: "CarePlan"}, {Type: "Condition"}, {Type: "Coverage"}, {Type: "Device"}, {Type: "MedicationRequest"}, {Type: "Observation"}, {Type: "Patient"}}

// inOrder reads a timeline page by page.
func inOrder(t *testing.T, s *Service, who access.Actor, asked Timeline) (all []string) {
	t.Helper()
	for range 100 {
		page, err := s.Timeline(t.Context(), who, asked)
		if err != nil {
			t.Fatal(err)
		}
		if asked.Count > 0 && len(page.Resources) > asked.Count {
			t.Fatalf("%d on a page of %d", len(page.Resources), asked.Count)
		}
		for _, r := range page.Resources {
			all = append(all, r.ID)
		}
		if asked.After = page.Next; page.Next == nil {
			return all
		}
	}
	t.Fatal("the timeline does not end")
	return nil
}

func someOfAda(t *testing.T, s *Service) {
	kept(t, s, [][2]string{
		{"Patient/ada", `"birthDate":"1980-01-01"`}, {"Patient/bob", `"birthDate":"1981-01-01"`},
		{"Observation/new", `"status":"final","effectiveDateTime":"2025-06-01T10:00:00Z",` + ofAda + coded},
		{"Observation/old", `"status":"final","effectiveDateTime":"2001",` + ofAda + coded},
		{"Observation/never", `"status":"final",` + ofAda + coded},
		{"Observation/theirs", `"status":"final","effectiveDateTime":"2025-06-02",` + ofBob + coded},
		{"CarePlan/still", `"status":"active","intent":"plan","period":{"start":"2010-01-01"},` + ofAda},
		{"Condition/onset", `"onsetDateTime":"2020-03","recordedDate":"2024-09-09",` + ofAda + coded},
		{"Condition/noted", `"recordedDate":"2022-02-02",` + ofAda + coded},
		{"Condition/undated", ofAda + coded},
		{"MedicationRequest/rx", `"status":"active","intent":"order","authoredOn":"2023-05-05","medicationCodeableConcept":{"text":"x"},"dosageInstruction":[{"timing":{"event":["2031-01-01"]}}],` + ofAda},
		{"Device/pump", `"patient":{"reference":"Patient/ada"}`}, {"Device/other", `"patient":{"reference":"Patient/bob"}`},
	})
}

// What goes on is first, then all by the day of care, then what has none; pages of any
// size hold the same, and nothing of others.
func TestTimelineIsOneOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		someOfAda(t, s)
		for count := 1; count <= 14; count += 4 {
			got := inOrder(t, s, ingest, Timeline{Patient: "ada", Parts: everything, Count: count})
			i := slices.Index(got, "pump") // by its last change, which is now
			if i < 0 {
				t.Fatalf("no device: %v", got)
			}
			got = slices.Delete(got, i, i+1)
			slices.Sort(got[8:]) // those without a date, among themselves by their keys
			if want := "still new rx noted onset old ada"; strings.Join(got[:7], " ") != want || strings.Join(got[7:], " ") != "never undated" && strings.Join(got[7:], " ") != "undated never" {
				t.Errorf("in pages of %d: %v, want %s", count, got, want)
			}
		}
	})
}

// Somebody with a scope of their own record's conditions sees these, and other types are
// passed over; another person's timeline is empty.
func TestTimelineIsNarrowedByAccess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		someOfAda(t, s)
		ada := access.Actor{Role: access.Participant, ID: "ada", Patient: "ada", Unscoped: true, Purpose: "PATRQT"}
		if got := inOrder(t, s, ada, Timeline{Patient: "ada", Parts: everything, Count: 5}); len(got) != 10 || slices.Contains(got, "theirs") || slices.Contains(got, "other") {
			t.Errorf("their own: %v", got)
		}
		if got := inOrder(t, s, ada, Timeline{Patient: "bob", Parts: everything, Count: 5}); len(got) != 0 {
			t.Errorf("of somebody else: %v", got)
		}
	})
}

func TestTimelineParts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		someOfAda(t, s)
		if got := inOrder(t, s, ingest, Timeline{Patient: "ada", Parts: []TimelinePart{{Type: "Observation", Query: []search.Pair{{Name: "date", Value: "ge2020"}}}}}); !slices.Equal(got, []string{"new"}) {
			t.Errorf("narrowed by a date: %v", got)
		}
		if got := inOrder(t, s, ingest, Timeline{Patient: "ada"}); len(got) != 0 {
			t.Errorf("of no type: %v", got)
		}
		if _, err := s.Timeline(t.Context(), ingest, Timeline{Patient: "ada", Parts: []TimelinePart{{Type: "Observation", Query: []search.Pair{{Name: "nothing", Value: "1"}}}}}); err == nil {
			t.Error("an unknown parameter passes")
		}
	})
}
