package app

import (
	"context"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/mydata"
	"tributary/internal/paging"
	room "tributary/internal/portal/mydata"
	"tributary/internal/portal/web"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// data is the room in which participants look at what is kept about them.
func (s *Service) data(site *web.Site) web.Room {
	cursors, err := paging.New(s.ring.Derive("places in my data"))
	if err != nil {
		panic("app: " + err.Error()) // a derived key has the length that is asked for
	}
	held := holdings{s}
	return room.New(room.Config{
		Site: site, Holdings: held, Cursors: cursors, Base: s.fhirBase(),
		Data: mydata.New(mydata.Config{Records: s.records, Study: s.study, Sources: held, Now: s.Now}),
	}).Room()
}

// holdings knows, of a participant's data, what the resources do not say.
type holdings struct{ *Service }

var (
	_ room.Holdings  = holdings{}
	_ mydata.Sources = holdings{}
)

// Pulled implements mydata.Holdings of the portal: a connection that has ended may have
// left records behind.
func (h holdings) Pulled(ctx context.Context, patient string) (bool, error) {
	all, err := h.ingest.OfPatient(ctx, patient)
	return len(all) > 0, err
}

// Providers implements mydata.Sources.
func (h holdings) Providers(ctx context.Context, patient string, keys []search.Key) (map[search.Key]string, error) {
	connections, err := h.ingest.OfPatient(ctx, patient)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, c := range connections {
		names[c.Connection.ID] = c.Provider
	}
	heads, err := tables.Connections{}.Heads(ctx, h.store, keys)
	if err != nil {
		return nil, err
	}
	out := make(map[search.Key]string, len(heads))
	for key, head := range heads {
		out[key] = names[head.Connection]
	}
	return out, nil
}

// mostReleases is how many a participant is told of.
const mostReleases = 200

// Releases implements mydata.Holdings of the portal.
func (h holdings) Releases(ctx context.Context, participant access.Actor) ([]room.Release, error) {
	all, err := tables.Released{}.Of(ctx, h.store, participant.Patient, mostReleases)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	out := make([]room.Release, len(all))
	for i, r := range all {
		out[i] = room.Release{At: r.At, Name: seen(h).partyName(ctx, names, "research", r.Client), Tier: r.Policy, EHR: r.EHR,
			Closed: r.Gone || r.State != store.ReleaseDone && r.State != store.ReleaseRunning}
		if r.At.IsZero() {
			out[i].At = r.Created
		}
	}
	return out, h.audit.Record(ctx, participant, audit.PurposeOf(participant), audit.Event{Interaction: access.Search, Type: "AuditEvent"})
}
