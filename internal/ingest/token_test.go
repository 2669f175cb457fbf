package ingest_test

import (
	"context"
	"errors"
	"testing"

	"tributary/connectors"
	"tributary/internal/access"
	"tributary/internal/ingest"
	"tributary/internal/records"
	"tributary/internal/store"
)

// expireAt makes the provider refuse the first token from a page on, and
// reports every token that comes with a page.
func expireAt(w *world, page string) (used func() []string) {
	var tokens []string
	from := false
	w.provider.onPage = func(_ context.Context, asked string, c connectors.Credentials) error {
		w.provider.mu.Lock()
		defer w.provider.mu.Unlock()
		tokens = append(tokens, c.Access)
		from = from || asked == page
		if from && c.Access == "access-0" {
			return fault(connectors.Expired, 401)
		}
		return nil
	}
	return func() []string { return tokens }
}

func TestTokenEndsMidPull(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		expireAt(w, "Observation/2")
		w.connect("me")
		if p := w.pull("me"); p.State != store.PullDone || w.provider.refreshes != 1 {
			t.Fatalf("the pull is %s after %d renewals", p.State, w.provider.refreshes)
		}
		expireAt(w, "Patient") // of the first token: the next pull must come with the second
		if p := w.again("me"); p.State != store.PullDone || w.provider.refreshes != 1 {
			t.Errorf("the next pull is %s after %d renewals: the rotated tokens were not kept", p.State, w.provider.refreshes)
		}
	})
}

// keepless is a store that cannot keep credentials.
type keepless struct{ store.Store }

func (k keepless) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	return k.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return fn(ctx, keeplessTx{tx}) })
}

type keeplessTx struct{ store.Tx }

var errFull = errors.New("the disk is full")

func (k keeplessTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if len(query) > 30 && query[:30] == "UPDATE connection SET credenti" {
		return 0, errFull
	}
	return k.Tx.Exec(ctx, query, args...)
}

func TestRotatedTokenThatCannotBeKeptIsNotUsed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		used := expireAt(w, "Observation")
		w.connect("me")
		c := w.config
		c.Store = keepless{w.store}
		args, _ := w.queue.next()
		if err := run(t.Context(), ingest.New(c), args, 1); !errors.Is(err, errFull) {
			t.Errorf("the job ends with %v", err)
		}
		for _, token := range used() {
			if token != "access-0" {
				t.Error("a token was used that is nowhere kept")
			}
		}
	})
}

func TestRefreshRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		expireAt(w, "Observation")
		w.provider.onRefresh = func() error { return fault(connectors.Reconnect, 400) }
		w.connect("me")
		if p := w.pull("me"); p.State != store.PullStopped {
			t.Errorf("the pull is %s", p.State)
		}
		if c := w.connection("me"); c.State != store.ConnectionLapsed || c.Reason != ingest.ReasonRefresh {
			t.Errorf("the connection is %s because of %q", c.State, c.Reason)
		}
		w.provider.onPage, w.provider.onRefresh = nil, nil
		w.connect("me")
		if p := w.pull("me"); p.State != store.PullDone || len(w.held("Observation")) != 5 {
			t.Errorf("connected again: %s", p.State)
		}
	})
}

// A type that is refused with 401 whatever the token is a refused type.
func TestUnauthorizedType(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	w.provider.onPage = on("Condition", fault(connectors.Expired, 401))
	w.connect("me")
	if p := w.pull("me"); p.State != store.PullPartial || typeOf(w.status("me"), "Condition").Reason != "refused" {
		t.Errorf("%s, %+v", p.State, typeOf(w.status("me"), "Condition"))
	}
}

func TestCredentialsThatDoNotOpen(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	c := w.connect("me")
	if _, err := w.store.Exec(t.Context(), `UPDATE connection SET credentials=$1 WHERE id=$2`, []byte("other"), c.ID); err != nil {
		t.Fatal(err)
	}
	w.pull("me")
	if c := w.connection("me"); c.State != store.ConnectionLapsed {
		t.Errorf("the connection is %s", c.State)
	}
}

func TestStopAllMidPull(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.provider.onPage = func(ctx context.Context, page string, _ connectors.Credentials) error {
			if page != "Observation" {
				return nil
			}
			return w.records.Write(context.WithoutCancel(ctx), access.Job("consent", "HRESCH"), func(ctx context.Context, tx *records.Tx) error {
				return w.StopAll(ctx, tx, "me", ingest.ReasonWithdrawn)
			})
		}
		w.connect("me")
		if p := w.pull("me"); p.State != store.PullStopped {
			t.Errorf("the pull is %s", p.State)
		}
		c := w.connection("me")
		if c.State != store.ConnectionStopped || c.Reason != ingest.ReasonWithdrawn || len(c.Credentials) != 0 {
			t.Errorf("the connection is %s because of %s and keeps %d bytes of credentials", c.State, c.Reason, len(c.Credentials))
		}
		if n := len(w.held("Observation")); n != 0 {
			t.Errorf("%d Observations after the stop", n)
		}
	})
}

func TestStopAllIsPartOfItsTransaction(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.connect("me")
		err := w.records.Write(t.Context(), access.Job("consent", "HRESCH"), func(ctx context.Context, tx *records.Tx) error {
			return errors.Join(w.StopAll(ctx, tx, "me", ingest.ReasonRevoked), errFull)
		})
		if !errors.Is(err, errFull) || w.connection("me").State != store.ConnectionActive {
			t.Errorf("%v; the connection is %s", err, w.connection("me").State)
		}
	})
}
