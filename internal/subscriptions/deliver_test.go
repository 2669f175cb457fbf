package subscriptions

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// From creation over the handshake to an event, for each content.
func TestRestHook(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		w := start(t, db)
		w.patients()
		for _, c := range []struct{ content, event, entry string }{
			{contentEmpty, "1", ""},
			{contentID, "1 Encounter/e-id-only", "PUT Encounter/e-id-only"},
			{contentFull, "1 Encounter/e-full-resource", "PUT Encounter/e-full-resource Encounter in-progress"},
		} {
			r := receive(t)
			id := w.subscribe("ehr", subscription{criteria: "encounter-start", endpoint: r.URL, content: c.content, headers: []string{"Authorization: Bearer s3cret"}}, r)
			w.encounter("e-"+c.content, "in-progress", "p1")
			n := r.next(t)
			if n.kind() != eventNotification || n.total() != "1" || n.bundle["type"] != "history" || !slices.Equal(n.events(), []string{c.event}) || strings.Join(n.entries(), ";") != c.entry {
				t.Errorf("%s: %s", c.content, n.raw)
			}
			if n.parameter("subscription") != fmt.Sprint(map[string]any{"reference": w.base + "/Subscription/" + id}) || n.parameter("topic") != topicBase+"encounter-start" {
				t.Errorf("%s: it is for another subscription: %s", c.content, n.raw)
			}
			if n.header.Get("Authorization") != "Bearer s3cret" {
				t.Errorf("the header was %q", n.header.Get("Authorization"))
			}
			verify(t, w, id, n)
			if read := w.call("ehr", "GET /Subscription/"+id, "").want(200); strings.Contains(string(read.body), "s3cret") || !strings.Contains(string(read.body), `"Authorization: sealed:`) {
				t.Errorf("the secret is shown: %s", read.body)
			}
			w.call("ehr", "DELETE /Subscription/"+id, "").want(204)
		}
	})
}

// verify does what a receiver would.
func verify(t *testing.T, w *world, id string, n notified) {
	t.Helper()
	answer := w.call("ehr", "POST /Subscription/"+id+"/$signing-secret", "").want(200).json()
	secret := answer["parameter"].([]any)[0].(map[string]any)["valueString"].(string)
	stamp, signature, _ := strings.Cut(strings.TrimPrefix(n.header.Get(signatureHeader), "t="), ",v1=")
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "." + string(n.raw)))
	if signature != hex.EncodeToString(mac.Sum(nil)) {
		t.Errorf("the signature %q does not verify", n.header.Get(signatureHeader))
	}
}

// Filters, updates and deletions; an event is one where before and after differ.
func TestTriggersAndFilters(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		w := start(t, db)
		w.patients()
		ends, cancelled, watched := receive(t), receive(t), receive(t)
		w.subscribe("ehr", subscription{criteria: "encounter-end", endpoint: ends.URL, content: contentID, filters: []string{"Encounter?patient=Patient/p2"}}, ends)
		w.subscribe("ehr", subscription{criteria: "appointment-cancelled", endpoint: cancelled.URL, content: contentFull, channelMore: single}, cancelled)
		w.subscribe("all", subscription{criteria: "Encounter?status=finished&subject=Patient/p3", endpoint: watched.URL, content: contentID}, watched)
		w.encounter("e1", "in-progress", "p1")
		w.encounter("e1", "finished", "p1")    // another patient's
		w.encounter("e2", "in-progress", "p2") // no end
		w.encounter("e2", "finished", "p2")
		w.encounter("e2", "finished", "p2") // it had ended
		w.encounter("e3", "finished", "p3") // beyond the client's reach
		w.encounter("e4", "finished", "p2") // ended when it came
		for _, want := range []string{"1 Encounter/e2", "2 Encounter/e4"} {
			if got := ends.event(t); got != want {
				t.Errorf("ended: %s, want %s", got, want)
			}
		}
		if got := watched.event(t); got != "1 Encounter/e3" {
			t.Errorf("the query finds %s", got)
		}
		appointment := `"status":%q,"participant":[{"actor":{"reference":"Patient/p1"},"status":"accepted"}]`
		for _, status := range []string{"booked", "cancelled"} {
			w.put("Appointment", "a1", fmt.Sprintf(appointment, status))
		}
		w.put("Appointment", "a2", fmt.Sprintf(appointment, "booked"))
		w.call("all", "DELETE /Appointment/a2", "").want(204)
		for _, want := range []string{"1 Appointment/a1 PUT Appointment/a1 Appointment cancelled", "2 Appointment/a2 DELETE Appointment/a2"} {
			if n := cancelled.next(t); strings.Join(append(n.events(), n.entries()...), " ") != want {
				t.Errorf("cancelled: %v %v, want %s", n.events(), n.entries(), want)
			}
		}
	})
}

// event is the next event, of this notification or the next.
func (r *receiver) event(t *testing.T) string {
	t.Helper()
	for len(r.left) == 0 {
		n := r.next(t)
		if r.left = n.events(); len(r.left) == 0 {
			t.Fatalf("a notification without events: %s", n.raw)
		}
	}
	first := r.left[0]
	r.left = r.left[1:]
	return first
}

// single asks for one event a notification.
var single = fmt.Sprintf(`,"extension":[{"url":%q,"valuePositiveInt":1}]`, extMaxCount)

// What the subscriber may not read is neither told nor counted, from one moment to
// the next; without its authorization it is told nothing more.
func TestRevocation(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		w := start(t, db)
		w.patients()
		r := receive(t)
		id := w.subscribe("ehr", subscription{criteria: "encounter-start", endpoint: r.URL, content: contentID}, r)
		w.encounter("e1", "in-progress", "p1")
		if got := r.event(t); got != "1 Encounter/e1" {
			t.Errorf("before: %s", got)
		}
		w.permit("p1", access.Permissions{Withdrawn: true})
		w.encounter("e2", "in-progress", "p1")
		w.encounter("e3", "in-progress", "p3")
		w.encounter("e4", "in-progress", "p2")
		if got := r.event(t); got != "2 Encounter/e4" {
			t.Errorf("after the withdrawal: %s", got)
		}
		replayed := notified{bundle: w.call("ehr", "GET /Subscription/"+id+"/$events", "").want(200).json()}
		if got := replayed.events(); !slices.Equal(got, []string{"2 Encounter/e4"}) {
			t.Errorf("replayed: %v", got)
		}
		ok(t, tables.OAuth{}.Revoke(t.Context(), db, "grant of ehr", time.Now()))
		w.encounter("e5", "in-progress", "p2")
		if is := w.becomes(id, store.SubscriptionOff); is["error"] != reasonOver {
			t.Errorf("it is off because of %v", is["error"])
		}
		if len(r.got) != 0 {
			t.Errorf("told without authorization: %s", r.next(t).raw)
		}
	})
}

// An app hears of its own person alone, and no longer than its tokens live.
func TestAppsAuthorization(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		w := start(t, db)
		w.patients()
		r := receive(t)
		id := w.subscribe("app", subscription{criteria: "patient-data-change", endpoint: r.URL, content: contentID}, r)
		w.encounter("e2", "planned", "p2")
		w.encounter("e1", "planned", "p1")
		if got := r.event(t); got != "1 Encounter/e1" {
			t.Errorf("the app hears of %s", got)
		}
		w.call("ehr", "GET /Subscription/"+id, "").want(404)
		w.call("ehr", "GET /Subscription/"+id+"/$events", "").want(404)
		ok(t, tables.OAuth{}.ExpireToken(t.Context(), db, []byte("app"), time.Now().Add(-time.Second)))
		w.encounter("e1", "finished", "p1")
		w.becomes(id, store.SubscriptionOff)
		if len(r.got) != 0 {
			t.Errorf("told after its time: %s", r.next(t).raw)
		}
	})
}

// What fails is sent again, in its order and with its number; after too many failures
// the subscription is in error, and goes on where it was when it is asked for again.
func TestRetry(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		w := start(t, db)
		w.patients()
		r := receive(t)
		id := w.subscribe("ehr", subscription{criteria: "encounter-start", endpoint: r.URL, content: contentID, channelMore: single}, r)
		failing := func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }
		var attempts atomic.Int32
		r.answers(func(w http.ResponseWriter) {
			if attempts.Add(1) <= 2 {
				failing(w)
			}
		})
		w.encounter("e1", "in-progress", "p1")
		w.encounter("e2", "in-progress", "p1")
		for _, want := range []string{"1 Encounter/e1", "1 Encounter/e1", "1 Encounter/e1", "2 Encounter/e2"} {
			if got := r.event(t); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		r.answers(failing)
		w.encounter("e3", "in-progress", "p1")
		for range 3 {
			if got := r.event(t); got != "3 Encounter/e3" {
				t.Errorf("an attempt tells of %s", got)
			}
		}
		is := w.becomes(id, store.SubscriptionError)
		if is["error"] != "the endpoint answered with HTTP 503" {
			t.Errorf("the error is %v", is["error"])
		}
		w.encounter("e4", "in-progress", "p1")
		r.answers(nil)
		w.again(id)
		if n := r.next(t); n.kind() != handshake {
			t.Errorf("it begins with %s", n.kind())
		}
		for _, want := range []string{"3 Encounter/e3", "4 Encounter/e4"} {
			if got := r.event(t); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		if is := w.becomes(id, store.SubscriptionActive); is["error"] != nil {
			t.Errorf("the error stays: %v", is["error"])
		}
	})
}

// again asks for a Subscription as it was read, secrets sealed.
func (w *world) again(id string) {
	w.t.Helper()
	body := string(w.call("ehr", "GET /Subscription/"+id, "").want(200).body)
	w.call("ehr", "PUT /Subscription/"+id, strings.Replace(body, `"status":"error"`, `"status":"requested"`, 1)).want(200)
}

// A process that dies between noticing and delivering loses nothing: another sends
// what was not taken, with the same number.
func TestKilled(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		soon := func(c *Config) { c.Timeout = 200 * time.Millisecond }
		first := start(t, db, soon)
		first.patients()
		r := receive(t)
		first.subscribe("ehr", subscription{criteria: "encounter-start", endpoint: r.URL, content: contentID}, r)
		dies := make(chan struct{})
		r.answers(func(http.ResponseWriter) { <-dies })
		first.encounter("e1", "in-progress", "p1")
		if got := r.event(t); got != "1 Encounter/e1" {
			t.Errorf("the first process tells of %s", got)
		}
		first.stop()
		close(dies)
		r.answers(nil)
		_, err := db.Exec(t.Context(), `UPDATE subscription SET until = 1`) // its claim runs out
		ok(t, err)
		second := start(t, db, func(c *Config) { c.Sealer, c.FHIRBase = first.service.Sealer, first.service.FHIRBase })
		second.encounter("e2", "in-progress", "p2")
		var got []string
		for len(got) < 2 {
			got = append(got, r.next(t).events()...)
		}
		if got = slices.Compact(got); !slices.Equal(got, []string{"1 Encounter/e1", "2 Encounter/e2"}) {
			t.Errorf("the second process tells of %v", got)
		}
	})
}
