package mydata

import (
	"path/filepath"
	"testing"
	"time"

	"tributary/fhir/fhirtest"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/records"
	"tributary/internal/store"
)

// A timeline is ordered by the index, and shows what the resource says: of each of HL7's
// examples both tell the same day.
func TestEntriesStandWhereTheTimelineHasThem(t *testing.T) {
	registry, compared := search.Base(), 0
	for _, file := range fhirtest.Files(t, "r4-examples") {
		inside(t, file, func(body []byte) {
			root, err := tree.Parse(body)
			if err != nil {
				t.Fatal(err)
			}
			typ := root.Get("resourceType").Text()
			by := records.CareDates(registry, typ)
			if access.ClassOf(typ) != access.InPatient || by[0].Code == search.LastUpdated {
				return
			}
			index, err := registry.Extract(typ, "x", root, "")
			if err != nil {
				t.Fatal(err)
			}
			e, _, err := entryOf(store.Resource{Type: typ, ID: "x", Body: body})
			if err != nil {
				t.Fatal(err)
			}
			compared++
			stands(t, filepath.Base(file)+" "+typ, e, latest(index.Dates, by))
		})
	}
	if compared < 300 {
		t.Errorf("%d were compared", compared)
	}
}

// latest is the row that a timeline goes by: of the first parameter that has any, the
// newest.
func latest(rows []search.DateEntry, by []*search.Param) (last *search.DateEntry) {
	for _, p := range by {
		for i, row := range rows {
			if row.Param == p.Number && (last == nil || row.Hi > last.Hi) {
				last = &rows[i]
			}
		}
		if last != nil {
			return last
		}
	}
	return nil
}

func stands(t *testing.T, file string, e Entry, row *search.DateEntry) {
	t.Helper()
	at, goesOn := e.Day()
	if row == nil || !at.Known() {
		if (row == nil) == at.Known() {
			t.Errorf("%s: the index has %v, the entry %v", file, row, at)
		}
		return
	}
	if open := time.UnixMicro(row.Hi).Year() > 3000; open != goesOn {
		t.Errorf("%s: open in the index: %v, in the entry: %v", file, open, goesOn)
	} else if from, to := time.UnixMicro(row.Lo), time.UnixMicro(row.Hi); !open && (at.Time.Before(from.Add(-24*time.Hour)) || at.Time.After(to.Add(24*time.Hour)) || to.Sub(at.Time) > 367*24*time.Hour) {
		t.Errorf("%s: the index has %v to %v, the entry %v", file, from, to, at)
	}
}
