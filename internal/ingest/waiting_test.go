package ingest_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"tributary/connectors"
	"tributary/fhir/fhirtest"
	"tributary/internal/store"
)

// slowly lets time go by while each page is fetched.
func slowly(w *world, then func(context.Context, string, connectors.Credentials) error) func(context.Context, string, connectors.Credentials) error {
	return func(ctx context.Context, page string, c connectors.Credentials) error {
		w.clock.Advance(2 * time.Second)
		if then == nil {
			return nil
		}
		return then(ctx, page, c)
	}
}

func TestSlowPagesDoNotWait(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		held := map[string]int{}
		w.provider.onPage = slowly(w, func(_ context.Context, page string, _ connectors.Credentials) error {
			if page == "Observation/4" {
				held["Condition"] = len(w.held("Condition"))
			}
			return nil
		})
		w.connect("me")
		if p := w.pull("me"); p.State != store.PullDone || held["Condition"] != 3 || len(w.held("Observation")) != 5 {
			t.Errorf("%s; on the way there were %v", p.State, held)
		}
	})
}

func TestManyResourcesDoNotWait(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	w.provider.size, w.provider.types = 150, []string{"Observation", "Condition"}
	w.provider.record["Observation"] = observations("p1", 1050)
	w.connect("me")
	p := w.pull("me")
	if n := len(w.held("Provenance")); n != 2 {
		t.Errorf("%d transactions for 1053 resources", n)
	}
	queries, err := w.pulls.Queries(t.Context(), w.store, p.ID)
	if err != nil || len(queries) != 3 {
		t.Fatalf("%d queries, %v", len(queries), err)
	}
	for i, want := range []int64{1, 1050, 3} {
		if q := queries[i]; q.Stored != want || q.Fetched != want || q.State != store.QueryDone {
			t.Errorf("%s: %+v", q.Type, q)
		}
	}
}

// A resource that changes while the pull is at it has both of its versions.
func TestChangedBetweenPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		all := observations("p1", 3)
		changed := fhirtest.Observation(fhirtest.ID("o0"), fhirtest.Subject("Patient/p1"), fhirtest.With("status", "amended"))
		w.provider.record["Observation"] = [][]byte{all[0], all[1], changed, all[2]}
		w.connect("me")
		if p := w.pull("me"); p.State != store.PullDone {
			t.Fatalf("the pull is %s", p.State)
		}
		if n := w.count(`SELECT COUNT(*) FROM source`); n != 1+3+4 {
			t.Errorf("%d sources", n)
		}
		versions := map[string]int64{}
		for _, r := range w.held("Observation") {
			versions[field(r.Body, "status")] = max(versions[field(r.Body, "status")], r.Version)
		}
		if versions["amended"] != 2 || len(versions) != 2 {
			t.Errorf("%v", versions)
		}
	})
}

// What waits when the provider asks for a pause is stored before it.
func TestPauseKeepsWhatCame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.provider.onPage = on("Observation/4", &connectors.Error{Failure: connectors.Throttled, Status: 429, After: time.Hour})
		w.connect("me")
		if err := w.work(w.Service, 1); err == nil {
			t.Fatal("the job ended")
		}
		if n := len(w.held("Observation")); n != 4 {
			t.Errorf("%d Observations", n)
		}
	})
}

// The last attempt may succeed like any other.
func TestLastAttemptSucceeds(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	w.connect("me")
	if err := w.work(w.Service, 8); err != nil {
		t.Fatal(err)
	}
	if p := w.status("me").Pull; p.State != store.PullDone || len(w.held("Observation")) != 5 {
		t.Errorf("the pull is %s", p.State)
	}
}

// Pages that were stored are not asked for again after a death.
func TestGoesOnAtTheCheckpoint(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	w.provider.onPage = slowly(w, on("Observation/4", errDead))
	w.connect("me")
	args, _ := w.queue.next()
	if err := run(t.Context(), w.Service, args, 1); err == nil {
		t.Fatal("the run ended well")
	}
	w.provider.onPage = nil
	before := len(w.provider.asked())
	if err := run(t.Context(), w.Service, args, 2); err != nil {
		t.Fatal(err)
	}
	if asked := w.provider.asked()[before:]; !slices.Equal(asked, []string{"Observation/4"}) || len(w.held("Observation")) != 5 {
		t.Errorf("asked for %v", asked)
	}
}
