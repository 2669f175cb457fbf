package tables_test

import (
	"fmt"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

// Pages hold whole participants, in their order, and each decision once.
func TestConsentPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var c tables.Consents
		begin := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
		for i := range 14 { // p0 has 2, p1 3, … in an order of their own
			e := store.ConsentEvent{ID: fmt.Sprint("e", i), Patient: fmt.Sprint("p", []int{3, 1, 0, 2, 3, 1, 2, 0, 3, 2, 1, 3, 2, 3}[i]), Kind: "research", Decision: "agree", At: begin.Add(time.Duration(i) * time.Hour)}
			if err := c.Add(t.Context(), s, e); err != nil {
				t.Fatal(err)
			}
		}
		for _, size := range []int64{1, 2, 3, 4, 100} {
			var all []string
			for after := ""; ; {
				page, err := c.Page(t.Context(), s, after, size)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				people := map[string]bool{}
				for _, e := range page {
					people[e.Patient], after = true, e.Patient
					all = append(all, e.Patient+e.ID)
				}
				if int64(len(people)) > size {
					t.Errorf("%d people in a page of %d", len(people), size)
				}
			}
			if got, want := fmt.Sprint(all), "[p0e2 p0e7 p1e1 p1e5 p1e10 p2e3 p2e6 p2e9 p2e12 p3e0 p3e4 p3e8 p3e11 p3e13]"; got != want {
				t.Errorf("in pages of %d: %s", size, got)
			}
		}
	})
}
