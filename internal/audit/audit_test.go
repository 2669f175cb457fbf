package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

var anna = access.Actor{Role: access.Participant, ID: "account-1", Client: "app-1", Patient: "p1", Address: "192.0.2.7", RequestID: "req-1"}

// ids are shared, as by all that a process writes: logs of one millisecond would mint
// the same.
var ids = search.NewIDs(3, time.Now)

func logOver(t *testing.T, db store.Store, c Config) *Log {
	t.Helper()
	c.Store, c.Now, c.IDs = db, time.Now, ids
	l := New(c)
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return l
}

func find(t *testing.T, l *Log, db store.DB, f store.AuditFilter) []store.Resource {
	t.Helper()
	f.Limit = 100
	found, err := l.Find(t.Context(), db, f)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Of a delegate it is told for whom; of everybody else the agents say all.
func TestOnBehalfOf(t *testing.T) {
	db := storetest.SQLite(t, storetest.Options{})
	l := logOver(t, db, Config{Every: time.Millisecond})
	eve := anna
	eve.Role, eve.ID = access.Delegate, "account-2"
	for _, a := range []access.Actor{anna, eve} {
		if err := l.Record(t.Context(), a, PurposeOf(a), Event{Interaction: access.Read, Entities: []Entity{{Type: "Patient", ID: "p1", Version: 1}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range find(t, l, db, store.AuditFilter{}) {
		delegate := bytes.Contains(r.Body, []byte("actor/delegate"))
		if behalf := bytes.Contains(r.Body, []byte(`"text":"on behalf of"},"who":{"reference":"Patient/p1"}`)); behalf != delegate {
			t.Errorf("on behalf of: %v: %s", behalf, r.Body)
		}
	}
}

// Each event that can be made is a valid R4 AuditEvent.
func TestEventsAreValid(t *testing.T) {
	db := storetest.SQLite(t, storetest.Options{})
	l := logOver(t, db, Config{Every: time.Millisecond})
	actors := []access.Actor{anna, {}, access.Job("ingest", ""), {Role: access.Maintenance, Client: "repair", Purpose: "HSYSADMIN"},
		{Role: access.Delegate, ID: "account-2", Client: "app-1", Patient: "p1"}}
	interactions := []access.Interaction{
		access.Read, access.VRead, access.History, access.Search, access.Create, access.Update, access.Delete,
		access.Patch, access.Transaction, access.Export, access.Metadata, SignIn, SignOut,
	}
	for _, a := range actors {
		for _, i := range interactions {
			for _, e := range []Event{
				{Interaction: i, Entities: []Entity{{Type: "Patient", ID: "p1", Version: 3}}},
				{Interaction: i, Entities: []Entity{{Type: "Observation", ID: "o1", Patients: []string{"p1", "p2"}, Action: access.Create}}},
				{Interaction: i, Type: "Observation", Query: `code="ünï"&x=\`, Outcome: Refused, Reason: "forbidden"},
				{Interaction: i},
			} {
				if err := l.Record(t.Context(), a, PurposeOf(a), e); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	checked, f := 0, store.AuditFilter{Limit: 1000}
	found, err := l.Find(t.Context(), db, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range found {
		parsed, err := fhir.Parse(r.Body)
		if err != nil {
			t.Fatalf("%v\n%s", err, r.Body)
		}
		if parsed.ID != r.ID {
			t.Fatalf("id %q, body %s", r.ID, r.Body)
		}
		checked++
	}
	if want := len(actors) * len(interactions) * 5; checked != want { // two patients make two events
		t.Errorf("%d events, want %d", checked, want)
	}
}

func TestAppendJoinsTheTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		l := logOver(t, db, Config{})
		event := Event{Interaction: access.Create, Entities: []Entity{{Type: "Patient", ID: "p1", Version: 1}}}
		failed := errors.New("given up")
		for _, outcome := range []error{failed, nil} {
			err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				return errors.Join(l.Append(ctx, tx, anna, PatientRequest, event), outcome)
			})
			if !errors.Is(err, outcome) {
				t.Fatal(err)
			}
		}
		found := find(t, l, db, store.AuditFilter{})
		if len(found) != 1 {
			t.Fatalf("%d events: the one of the transaction that was given up must be gone", len(found))
		}
		for _, want := range []string{`"action":"C"`, `"PATRQT"`, `account-1`, `app-1`, `192.0.2.7`, `Patient/p1/_history/1`, `req-1`, `"outcome":"0"`} {
			if !bytes.Contains(found[0].Body, []byte(want)) {
				t.Errorf("no %s in %s", want, found[0].Body)
			}
		}
	})
}

// A bundle over two patients makes an event for each, which names the other's
// resources nowhere; more entities than fit continue in further events.
func TestEventsAreOfOnePatient(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		l := logOver(t, db, Config{})
		var entities []Entity
		for i := range 250 {
			patient := fmt.Sprintf("p%d", i%2)
			entities = append(entities, Entity{
				Type: "Observation", ID: fmt.Sprintf("%s-o%d", patient, i), Body: []byte(`{"subject":{"reference":"Patient/` + patient + `"}}`),
			})
		}
		entities = append(entities, Entity{Type: "Organization", ID: "shared"})
		if err := l.Append(t.Context(), db, anna, PatientRequest, Event{Interaction: access.Transaction, Entities: entities}); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			own, other := fmt.Sprintf("p%d-o", i), fmt.Sprintf("p%d-o", 1-i)
			found := find(t, l, db, store.AuditFilter{Patient: int64(search.KeyOf("Patient", own[:2]))})
			if len(found) != 2 {
				t.Errorf("%d events of 125 entities, want 2", len(found))
			}
			named := 0
			for _, r := range found {
				named += strings.Count(string(r.Body), own)
				if strings.Contains(string(r.Body), other) {
					t.Error("an event names another patient's resource")
				}
			}
			if named != 125 {
				t.Errorf("%d of 125 are named", named)
			}
		}
	})
}

// stuck is a store whose writes wait until it is let go.
type stuck struct {
	store.Store
	free chan struct{}
}

func (s stuck) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	select {
	case <-s.free:
		return s.Store.Update(ctx, fn)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestFullQueueRefusesRatherThanLoses(t *testing.T) {
	db := storetest.SQLite(t, storetest.Options{})
	s := stuck{db, make(chan struct{})}
	l := New(Config{Store: s, Now: time.Now, IDs: search.NewIDs(3, time.Now), Queue: 4, Every: time.Nanosecond})
	ctx, cancel := context.WithCancel(t.Context())
	event := Event{Interaction: access.Read, Entities: []Entity{{Type: "Patient", ID: "p1"}}}
	taken := 0
	for taken < 1000 {
		if taken > 4 {
			cancel() // whoever waits now gives up at once
		}
		if err := l.Record(ctx, anna, PatientRequest, event); err != nil {
			if !errs.Is(err, errs.Unavailable) {
				t.Fatal(err)
			}
			break
		}
		taken++
	}
	cancel()
	if taken == 1000 {
		t.Fatal("the queue has no bound")
	}
	close(s.free)
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(find(t, l, db, store.AuditFilter{})); n != taken {
		t.Errorf("%d events taken, %d written", taken, n)
	}
	if err := l.Record(t.Context(), anna, PatientRequest, event); !errs.Is(err, errs.Unavailable) {
		t.Errorf("after Close: %v", err)
	}
}

func TestCloseTellsOfLoss(t *testing.T) {
	s := stuck{storetest.SQLite(t, storetest.Options{}), make(chan struct{})}
	l := New(Config{Store: s, Now: time.Now, IDs: search.NewIDs(3, time.Now), Every: time.Nanosecond})
	if err := l.Record(t.Context(), anna, PatientRequest, Event{Interaction: access.Read}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Close(ctx); err == nil {
		t.Error("nothing was said")
	}
}

// Two processes that share a node number and a clock mint the same keys: what
// collides is minted anew, and everything is written.
func TestCollidingKeysAreMintedAnew(t *testing.T) {
	db := storetest.SQLite(t, storetest.Options{})
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	first := New(Config{Store: db, Now: now, IDs: search.NewIDs(0, now), Every: time.Millisecond})
	second := New(Config{Store: db, Now: now, IDs: search.NewIDs(0, now), Every: time.Millisecond})
	for _, l := range []*Log{first, second} {
		if err := l.Record(t.Context(), anna, PurposeOf(anna), Event{Interaction: access.Read, Type: "Patient"}); err != nil {
			t.Fatal(err)
		}
		if err := l.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if found := find(t, first, db, store.AuditFilter{}); len(found) != 2 {
		t.Errorf("%d events are kept", len(found))
	}
	for _, l := range []*Log{first, second} {
		if err := l.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
