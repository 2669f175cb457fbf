package conformance

import (
	"fmt"
	"regexp"
	"sync"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// together runs n calls at the same time, and counts their statuses.
func together(n int, call func(i int) reply) (replies []reply, counts map[int]int) {
	replies, counts = make([]reply, n), map[int]int{}
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { replies[i] = call(i) })
	}
	group.Wait()
	for _, r := range replies {
		counts[r.status]++
	}
	return replies, counts
}

func TestRaces(t *testing.T) {
	const n = 8
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		t.Run("conditional create", func(t *testing.T) {
			replies, counts := together(n, func(int) reply {
				return s.call(t, "POST /Patient", patient("", identified1), "If-None-Exist", "identifier=urn:mrn|1")
			})
			if counts[201] != 1 || counts[200] != n-1 {
				t.Errorf("statuses %v", counts)
			}
			ids := map[string]bool{}
			for _, r := range replies {
				ids[idOf(t, r.body)] = true
			}
			if found := s.call(t, "GET /Patient?identifier=urn:mrn|1", "").bundle(t).ids(t); len(found) != 1 || len(ids) != 1 || !ids[found[0]] {
				t.Errorf("there are %v, the answers say %v", found, ids)
			}
		})
		t.Run("If-Match", func(t *testing.T) {
			s.call(t, "PUT /Patient/v", patient("v", "")).is(t, 201)
			_, counts := together(n, func(i int) reply {
				return s.call(t, "PUT /Patient/v", patient("v", fmt.Sprintf(`,"multipleBirthInteger":%d`, i+1)), "If-Match", `W/"1"`)
			})
			if counts[200] != 1 || counts[412] != n-1 {
				t.Errorf("statuses %v", counts)
			}
			s.call(t, "GET /Patient/v/_history/2", "").is(t, 200)
			s.call(t, "GET /Patient/v/_history/3", "").refused(t, 404)
		})
		t.Run("create under an id", func(t *testing.T) {
			_, counts := together(n, func(int) reply {
				return s.call(t, "PUT /Patient/once", patient("once", ""), "If-None-Match", "*")
			})
			if counts[201] != 1 || counts[412] != n-1 {
				t.Errorf("statuses %v", counts)
			}
		})
		t.Run("no lost version", func(t *testing.T) {
			_, counts := together(n, func(i int) reply {
				return s.call(t, "PUT /Patient/many", patient("many", fmt.Sprintf(`,"multipleBirthInteger":%d`, i+1)))
			})
			written := counts[200] + counts[201]
			versions := len(s.call(t, "GET /Patient/many/_history", "").is(t, 200).bundle(t).Entry)
			if counts[201] != 1 || written != n || versions != written {
				t.Errorf("statuses %v, %d versions", counts, versions)
			}
		})
		t.Run("transactions", s.racingTransactions)
	})
}

// Of transactions that update the same two resources in opposite orders, each
// happens or is refused; the two always tell of the same one.
func (s *site) racingTransactions(t *testing.T) {
	_, counts := together(8, func(i int) reply {
		put := func(id string) fhirtest.Entry {
			return fhirtest.Put("Patient/"+id, []byte(patient(id, fmt.Sprintf(`,"multipleBirthInteger":%d`, i+1))))
		}
		entries := []fhirtest.Entry{put("a"), put("b")}
		if i%2 == 1 {
			entries = []fhirtest.Entry{put("b"), put("a")}
		}
		return s.call(t, "POST /", string(fhirtest.Transaction(entries...)))
	})
	if counts[200] == 0 || counts[200]+counts[409] != 8 {
		t.Errorf("statuses %v", counts)
	}
	birth := regexp.MustCompile(`"multipleBirthInteger":\d+`)
	a := birth.FindString(string(s.call(t, "GET /Patient/a", "").is(t, 200).body))
	b := birth.FindString(string(s.call(t, "GET /Patient/b", "").is(t, 200).body))
	if a == "" || a != b {
		t.Errorf("one has %s, the other %s", a, b)
	}
}
