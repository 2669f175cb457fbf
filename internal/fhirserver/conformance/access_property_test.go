package conformance

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// sharers are who shares the health record, all of them on each Group.
type sharers struct {
	nobody
	ids []string
}

func (s *sharers) Permissions(_ context.Context, id string) (access.Permissions, error) {
	return access.Permissions{EHR: slices.Contains(s.ids, id)}, nil
}
func (s *sharers) Members(context.Context, string) ([]string, error) {
	return []string{"p0", "p1", "p2", "p3"}, nil
}

// seenObservation is an Observation as the test knows it.
type seenObservation struct {
	id, status, subject, performer string
}

func (f seenObservation) body() string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":%q,"code":{"text":"x"},"subject":{"reference":%q},"performer":[{"reference":%q}]}`,
		f.id, f.status, f.subject, f.performer)
}

// of reports whether it belongs to one of the Patients (R4, compartment of Patient:
// Observation.subject and Observation.performer).
func (f seenObservation) of(ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return f.subject == "Patient/"+id || f.performer == "Patient/"+id })
}

// What a narrowed search finds is what is left of an unnarrowed one without what the
// actor does not reach: matches, totals, pages, includes, _has and chains.
func TestNarrowedSearchesAgreeWithTheFilter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		people := &sharers{}
		s := startWith(t, db, func(c *records.Config) {
			c.Policy = &access.Policy{Consents: people, Groups: people, Registry: search.Base()}
		})
		for i := range 4 {
			s.given(t, fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","gender":%q,"link":[{"other":{"reference":"Patient/p0"},"type":"seealso"}]}`, i, []string{"male", "female"}[i%2]))
		}
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			patient := rapid.SampledFrom([]string{"p0", "p1", "p2", "p3"})
			var all []seenObservation
			for i := range rapid.IntRange(0, 6).Draw(rt, "n") {
				f := seenObservation{fmt.Sprintf("r%d-%d", run, i), rapid.SampledFrom([]string{"final", "amended"}).Draw(rt, "status"),
					rapid.SampledFrom([]string{"Patient/p0", "Patient/p1", "Patient/p2", "Patient/p3", "Location/l", "Group/g"}).Draw(rt, "subject"),
					rapid.SampledFrom([]string{"Patient/p0", "Practitioner/x", "Patient/p3"}).Draw(rt, "performer")}
				s.given(t, f.body())
				all = append(all, f)
			}
			people.ids = rapid.SliceOfNDistinct(patient, 1, 3, rapid.ID[string]).Draw(rt, "sharing")
			own := patient.Draw(rt, "own")
			s.narrowsAlike(rt, all, reader(t, access.Participant, own), []string{own})
			s.narrowsAlike(rt, all, reader(t, access.EHR, ""), people.ids)
			for _, f := range all {
				s.call(t, "DELETE /Observation/"+f.id, "")
			}
		})
	})
}

func reader(t testing.TB, role access.Role, patient string) access.Actor {
	a := client(t, "reader", "patient/*.rs system/*.rs")
	a.Role, a.Patient, a.Groups = role, patient, []string{"g"}
	return a
}

func (s *site) given(t testing.TB, body string) {
	t.Helper()
	root, err := tree.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if r := s.call(t, "PUT /"+root.Get("resourceType").Text()+"/"+root.Get("id").Text(), body); r.status != 200 && r.status != 201 {
		t.Fatalf("%s: %d %s", body, r.status, r.body)
	}
}

// narrowsAlike compares searches of the actor with the filter of all that there is.
func (s *site) narrowsAlike(rt *rapid.T, all []seenObservation, a access.Actor, reached []string) {
	for _, status := range []string{"final", "amended"} {
		var want, subjects, male []string
		for _, f := range all {
			if f.status != status || !f.of(reached) {
				continue
			}
			want = append(want, f.id)
			for i, id := range []string{"p0", "p1", "p2", "p3"} {
				if f.subject == "Patient/"+id && slices.Contains(reached, id) {
					subjects = append(subjects, id)
					if i%2 == 0 {
						male = append(male, f.id)
					}
				}
			}
		}
		slices.Sort(subjects)
		got, total, included := s.reachedBy(rt, a, "Observation", "status", status, "_total", "accurate", "_include", "Observation:subject", "_count", "2")
		same(rt, a, "matches", got, want)
		same(rt, a, "included", included, slices.Compact(slices.Clone(subjects)))
		if total != int64(len(want)) {
			rt.Errorf("%s of %v: a total of %d, want %d", a.Role, reached, total, len(want))
		}
		got, _, _ = s.reachedBy(rt, a, "Patient", "_has:Observation:patient:status", status)
		same(rt, a, "_has", got, slices.Compact(subjects))
		got, _, _ = s.reachedBy(rt, a, "Observation", "status", status, "patient.gender", "male")
		same(rt, a, "chained", got, male)
	}
}

func same(rt *rapid.T, a access.Actor, what string, got, want []string) {
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		rt.Errorf("%s %s: %s are %v, want %v", a.Role, a.Patient, what, got, want)
	}
}

// reachedBy follows the pages of a search to the end.
func (s *site) reachedBy(rt *rapid.T, a access.Actor, typ string, query ...string) (ids []string, total int64, included []string) {
	q := records.Search{Type: typ}
	for i := 0; i < len(query); i += 2 {
		q.Query = append(q.Query, search.Pair{Name: query[i], Value: query[i+1]})
	}
	for {
		page, err := s.records.Search(context.Background(), a, q)
		if err != nil {
			rt.Fatal(err)
		}
		if q.After == nil {
			total = page.Total
		}
		for _, r := range page.Resources {
			ids = append(ids, r.ID)
		}
		for _, r := range page.Included {
			included = append(included, r.ID)
		}
		if q.After = page.Next; q.After == nil {
			slices.Sort(included)
			return ids, total, slices.Compact(included)
		}
	}
}
