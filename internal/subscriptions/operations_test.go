package subscriptions

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"tributary/internal/store"
)

// listen binds a WebSocket by the token of the answer.
func (w *world) listen(t *testing.T, answer reply) *websocket.Conn {
	t.Helper()
	n := notified{bundle: map[string]any{"entry": []any{map[string]any{"resource": answer.want(200).json()}}}}
	conn, _, err := websocket.Dial(t.Context(), n.parameter("websocket-url"), nil)
	ok(t, err)
	t.Cleanup(func() { conn.CloseNow() })
	ok(t, conn.Write(t.Context(), websocket.MessageText, []byte("bind-with-token "+n.parameter("token"))))
	return conn
}

func heard(t *testing.T, conn *websocket.Conn) (n notified) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, message, err := conn.Read(ctx)
	ok(t, err)
	n.raw = message
	ok(t, json.Unmarshal(message, &n.bundle))
	return n
}

// A WebSocket hears of what happens while it is bound; $events fills the gap.
func TestWebSocket(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		w := start(t, db)
		w.patients()
		id := w.subscribe("app", subscription{criteria: "encounter-start", content: contentFull}, nil)
		conn := w.listen(t, w.call("app", "GET /Subscription/"+id+"/$get-ws-binding-token", ""))
		if n := heard(t, conn); n.kind() != handshake || n.total() != "0" {
			t.Errorf("first comes %s", n.raw)
		}
		w.encounter("e1", "in-progress", "p2") // somebody else's
		w.encounter("e2", "in-progress", "p1")
		if n := heard(t, conn); !slices.Equal(n.events(), []string{"1 Encounter/e2"}) || n.kind() != eventNotification ||
			strings.Join(n.entries(), ";") != "PUT Encounter/e2 Encounter in-progress" {
			t.Errorf("heard %s", n.raw)
		}
		ok(t, conn.Close(websocket.StatusNormalClosure, ""))
		w.encounter("e3", "in-progress", "p1")
		w.counts(id, 2)
		gap := notified{bundle: w.call("app", "GET /Subscription/"+id+"/$events?eventsSinceNumber=2&content=id-only", "").want(200).json()}
		if gap.kind() != queryEvent || gap.total() != "2" || !slices.Equal(gap.events(), []string{"2 Encounter/e3"}) || !slices.Equal(gap.entries(), []string{"PUT Encounter/e3"}) {
			t.Errorf("replayed %v %v", gap.events(), gap.entries())
		}
	})
}

// until waits for a subscription to be so.
func (w *world) until(id string, so func(store.Subscription) bool) store.Subscription {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		signal := w.store.(store.Feed).Committed()
		row, err := w.service.rows.Get(context.Background(), w.store, id)
		ok(w.t, err)
		if so(row) {
			return row
		}
		select {
		case <-signal:
		case <-time.After(20 * time.Millisecond): // claims are given up outside of an Update
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the subscription stays %s with %d events, %d of %d settled", row.Status, row.Number, row.Done, row.Seq)
		}
	}
}

// counts waits until a subscription has so many events.
func (w *world) counts(id string, events int64) {
	w.t.Helper()
	w.until(id, func(row store.Subscription) bool { return row.Number >= events })
}

// rests waits until nobody works at a subscription.
func (w *world) rests(id string) {
	w.t.Helper()
	w.until(id, func(row store.Subscription) bool { return row.Claim == "" && row.Done == row.Seq })
}

// A token binds once; what is no token ends the connection.
func TestBindingTokens(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		w := start(t, db)
		id := w.subscribe("app", subscription{criteria: "encounter-start"}, nil)
		body := fmt.Sprintf(`{"resourceType":"Parameters","parameter":[{"name":"ids","valueString":%q}]}`, id)
		answer := w.call("app", "POST /Subscription/$get-ws-binding-token", body)
		heard(t, w.listen(t, answer))
		for _, again := range []reply{answer, {t, 200, []byte(strings.ReplaceAll(string(answer.body), `"token","valueString":"`, `"token","valueString":"x`))}} {
			conn := w.listen(t, again)
			if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
				t.Errorf("bound by a token that is not good: %v", err)
			}
		}
		w.call("ehr", "POST /Subscription/$get-ws-binding-token", body).want(404)
		hook := receive(t)
		other := w.subscribe("app", subscription{criteria: "encounter-start", endpoint: hook.URL}, hook)
		w.call("app", "GET /Subscription/"+other+"/$get-ws-binding-token", "").want(422)
		w.call("app", "GET /Subscription/$get-ws-binding-token", "").want(400)
	})
}

func TestStatus(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		w := start(t, db)
		w.patients()
		one, two := w.subscribe("app", subscription{criteria: "encounter-start"}, nil), w.subscribe("app", subscription{criteria: "encounter-end"}, nil)
		w.subscribe("ehr", subscription{criteria: "encounter-end"}, nil)
		w.encounter("e1", "in-progress", "p1")
		w.counts(one, 1)
		for _, c := range []struct {
			line string
			want []string
		}{
			{"GET /Subscription/" + one + "/$status", []string{one + " 1"}},
			{"GET /Subscription/$status", []string{one + " 1", two + " 0"}},
			{"GET /Subscription/$status?id=" + two, []string{two + " 0"}},
			{"GET /Subscription/%24status?id=" + two + "," + one + "&status=active", []string{one + " 1", two + " 0"}},
			{"GET /Subscription/$status?status=error", nil},
		} {
			var got []string
			entries, _ := w.call("app", c.line, "").want(200).json()["entry"].([]any)
			for _, e := range entries {
				n := notified{bundle: map[string]any{"entry": []any{e}}}
				_, id, _ := strings.Cut(n.parameter("subscription"), "Subscription/")
				got = append(got, strings.TrimSuffix(id, "]")+" "+n.total())
				if n.kind() != queryStatus || n.parameter("status") != store.SubscriptionActive {
					t.Errorf("%s: %v", c.line, e)
				}
			}
			if slices.Sort(got); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.line, got, c.want)
			}
		}
		w.call("ehr", "GET /Subscription/"+one+"/$status", "").want(404)
		w.call("app", "GET /Subscription/$status?other=1", "").want(400)
		w.call("app", "GET /Subscription/"+one+"/$events?eventsSinceNumber=x", "").want(400)
	})
}

// What cannot be served is refused with all that is wrong, and what to do.
func TestRefusals(t *testing.T) {
	w := start(t, storeOf(t), func(c *Config) { c.Hosts = map[string][]string{"harbor": {"ehr.example.org"}} })
	hook := "https://ehr.example.org/hook"
	for name, c := range map[string]struct {
		token  string
		s      subscription
		status int
		texts  []string
	}{
		"topic":        {"ehr", subscription{criteria: "nothing", endpoint: hook}, 422, []string{"Subscription.criteria", "CapabilityStatement"}},
		"query":        {"ehr", subscription{criteria: "Observation?cod=1", endpoint: hook}, 422, []string{"Subscription.criteria", "cod"}},
		"chain":        {"ehr", subscription{criteria: "Observation?patient.name=x", endpoint: hook}, 422, []string{"cannot be watched"}},
		"page":         {"ehr", subscription{criteria: "Observation?_count=1", endpoint: hook}, 422, []string{"conditions only"}},
		"filter":       {"ehr", subscription{criteria: "encounter-start", endpoint: hook, filters: []string{"Encounter?status=x"}}, 422, []string{"filtered by patient"}},
		"filter type":  {"ehr", subscription{criteria: "encounter-start", endpoint: hook, filters: []string{"Patient?_id=x"}}, 422, []string{"not about this type"}},
		"host":         {"ehr", subscription{criteria: "encounter-start", endpoint: "https://evil.example.org/hook"}, 422, []string{"Subscription.channel.endpoint"}},
		"other's host": {"app", subscription{criteria: "encounter-start", endpoint: hook}, 422, []string{"may not be notified at this host"}},
		"credentials":  {"ehr", subscription{criteria: "encounter-start", endpoint: "https://a:b@ehr.example.org/"}, 422, []string{"Subscription.channel.endpoint"}},
		"mail":         {"ehr", subscription{criteria: "encounter-start", channel: `"type":"email","endpoint":"mailto:a@example.org"`}, 422, []string{"Subscription.channel.type", "rest-hook and websocket"}},
		"message":      {"ehr", subscription{criteria: "encounter-start", channel: `"type":"message","endpoint":"https://ehr.example.org/"`}, 422, []string{"Subscription.channel.type"}},
		"content":      {"ehr", subscription{criteria: "encounter-start", endpoint: hook, content: "some"}, 422, []string{"empty, id-only or full-resource"}},
		"header":       {"ehr", subscription{criteria: "encounter-start", endpoint: hook, headers: []string{"Host: x"}}, 422, []string{"Subscription.channel.header", "Host"}},
		"stolen":       {"ehr", subscription{criteria: "encounter-start", endpoint: hook, headers: []string{"Authorization: sealed:AAAA"}}, 422, []string{"not sealed for this"}},
		"heartbeat":    {"ehr", subscription{criteria: "encounter-start", endpoint: hook, channelMore: fmt.Sprintf(`,"extension":[{"url":%q,"valueUnsignedInt":1}]`, extBeat)}, 422, []string{"a number from 5"}},
		"several":      {"ehr", subscription{criteria: "nothing", endpoint: "https://evil.example.org/"}, 422, []string{"Subscription.criteria", "Subscription.channel.endpoint"}},
	} {
		t.Run(name, func(t *testing.T) {
			answer := w.call(c.token, "POST /Subscription", c.s.json())
			for _, text := range c.texts {
				if !strings.Contains(string(answer.body), text) {
					t.Errorf("%q is not said: %s", text, answer.body)
				}
			}
			if answer.status != c.status {
				t.Errorf("HTTP %d, want %d: %s", answer.status, c.status, answer.body)
			}
		})
	}
}

// A subscription that nobody may read for cannot be made; nor does one client see another's.
func TestScopes(t *testing.T) {
	w := start(t, storeOf(t))
	app := w.tokens["app"]
	app.Scopes.Resource = app.Scopes.Covering("Subscription", 0)[:1]
	app.Scopes.Resource[0].Type = "Subscription"
	w.mu.Lock()
	w.tokens["narrow"] = app
	w.mu.Unlock()
	if answer := w.call("narrow", "POST /Subscription", subscription{criteria: "encounter-start"}.json()); answer.status != 422 || !strings.Contains(string(answer.body), "no scope of the token") {
		t.Errorf("HTTP %d: %s", answer.status, answer.body)
	}
	w.subscribe("all", subscription{criteria: "encounter-start"}, nil)
	id := w.subscribe("ehr", subscription{criteria: "encounter-start"}, nil)
	found := w.call("ehr", "GET /Subscription", "").want(200).json()["entry"].([]any)
	if len(found) != 1 || found[0].(map[string]any)["resource"].(map[string]any)["id"] != id {
		t.Errorf("the client finds %v", found)
	}
	w.call("all", "GET /Subscription/"+id, "").want(200)
}

func TestTopicsAreAnnounced(t *testing.T) {
	w := start(t, storeOf(t))
	text := string(w.call("", "GET /metadata", "").want(200).body)
	for _, want := range []string{topicBase + "encounter-start", "capabilitystatement-subscriptiontopic-canonical", "OperationDefinition/backport-subscription-events", "StructureDefinition/backport-subscription"} {
		if !strings.Contains(text, want) {
			t.Errorf("the CapabilityStatement does not have %s", want)
		}
	}
}
