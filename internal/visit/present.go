package visit

import (
	"context"
	"slices"
	"time"

	"tributary/fhir/compose"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/store"
)

// Reachable is for how long after a visit its center still reaches the person:
// what was measured may have to be corrected, and samples take days to be processed.
const Reachable = 7 * 24 * time.Hour

// Present answers who is checked in at a site, or was within Reachable. The access
// decision asks it, before there are records to ask: it reads the store itself, and
// nothing but whose the Appointments are.
type Present struct {
	Store    store.Reader
	Registry *search.Registry
	Now      func() time.Time // time.Now when nil
}

var _ access.Visits = Present{}

// presentCount is the size of a page; a site has fewer people in it.
const presentCount = 500

// CheckedIn implements access.Visits: the Patients of the site's Appointments that
// say that they have arrived, or did.
func (p Present) CheckedIn(ctx context.Context, site string) ([]string, error) {
	now := time.Now
	if p.Now != nil {
		now = p.Now
	}
	parsed, err := p.Registry.ParseQuery("Appointment", []search.Pair{{Name: "location", Value: "Location/" + site},
		{Name: "status", Value: Arrived + "," + Fulfilled}, {Name: "_tag", Value: ofStudy()},
		{Name: "date", Value: "ge" + now().Add(-Reachable).UTC().Format(compose.Instant)}},
		search.Options{DefaultCount: presentCount, MaxCount: presentCount})
	if err != nil {
		return nil, err
	}
	var patients []string
	var after *store.Cursor
	for {
		page, err := p.Store.Search(ctx, parsed.Query, after)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Resources {
			v, err := readVisit(r)
			if err != nil {
				return nil, err
			}
			patients = append(patients, v.Patient)
		}
		if after = page.Next; after == nil {
			slices.Sort(patients)
			return slices.Compact(patients), nil
		}
	}
}
