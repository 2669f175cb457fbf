package subscriptions

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"tributary/internal/store"
)

// Where nothing happens a heartbeat tells that the subscription lives, until its end;
// events are forgotten after their time.
func TestHeartbeatAndEnd(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		var ahead atomic.Int64
		w := start(t, db, func(c *Config) {
			c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		})
		w.patients()
		r := receive(t)
		id := w.subscribe("ehr", subscription{criteria: "encounter-start", endpoint: r.URL, content: contentID,
			channelMore: fmt.Sprintf(`,"extension":[{"url":%q,"valueUnsignedInt":60}]`, extBeat),
			more:        fmt.Sprintf(`,"end":%q`, time.Now().Add(20*time.Minute).UTC().Format(time.RFC3339))}, r)
		w.encounter("e1", "in-progress", "p1")
		if got := r.event(t); got != "1 Encounter/e1" {
			t.Errorf("told of %s", got)
		}
		w.rests(id)
		ahead.Store(int64(2 * time.Minute))
		ok(t, w.service.Tend(t.Context()))
		if n := r.next(t); n.kind() != heartbeat || n.total() != "1" || len(n.events()) != 0 {
			t.Errorf("no heartbeat but %s", n.raw)
		}
		w.rests(id)
		ahead.Store(int64(30 * time.Minute))
		ok(t, w.service.Tend(t.Context()))
		if is := w.becomes(id, store.SubscriptionOff); is["error"] != reasonEnd {
			t.Errorf("it is off because of %v", is["error"])
		}
		replayed := func() int {
			return len(notified{bundle: w.call("ehr", "GET /Subscription/"+id+"/$events", "").want(200).json()}.events())
		}
		if n := replayed(); n != 1 {
			t.Errorf("%d events are kept", n)
		}
		ok(t, w.service.rows.Prune(t.Context(), db, time.Now().Add(time.Minute)))
		if n := replayed(); n != 0 {
			t.Errorf("%d events are kept after their time", n)
		}
	})
}

// A receiver that asks for more time gets it.
func TestRetryAfterIsHonored(t *testing.T) {
	db := storeOf(t)
	w := start(t, db)
	w.patients()
	r := receive(t)
	id := w.subscribe("ehr", subscription{criteria: "encounter-start", endpoint: r.URL, content: contentID}, r)
	r.answers(func(w http.ResponseWriter) { w.Header().Set("Retry-After", "600"); w.WriteHeader(429) })
	w.encounter("e1", "in-progress", "p1")
	r.next(t)
	row := w.until(id, func(row store.Subscription) bool { return row.Failed == 1 })
	if wait := time.Until(row.Until); wait < 600*time.Second {
		t.Errorf("tried again within %v", wait)
	}
}
