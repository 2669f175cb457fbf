package subscriptions

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/fhirserver"
	"tributary/internal/jobs"
	"tributary/internal/keys"
	"tributary/internal/records"
	"tributary/internal/session/embedded"
	"tributary/internal/store"
	"tributary/internal/store/postgres"
	"tributary/internal/store/sqlite"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

// world is the FHIR API with subscriptions over a store, and a token for each actor:
// "all" of maintenance, "ehr" of a provider's system that is named on a Group of p1
// and p2, "app" of p1's app.
type world struct {
	t       testing.TB
	store   store.Store
	service *Service
	http    *httptest.Server
	base    string
	stop    func()
	mu      sync.Mutex
	tokens  map[string]access.Actor
	people  map[string]access.Permissions
}

func (w *world) Authenticate(r *http.Request) (access.Actor, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	actor, known := w.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if !known {
		return access.Actor{}, errs.New(errs.Unauthorized, "an access token is needed")
	}
	return actor, nil
}

func (w *world) Permissions(_ context.Context, id string) (access.Permissions, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.people[id], nil
}

func (w *world) permit(id string, p access.Permissions) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.people[id] = p
}

func (w *world) Withdrawn(context.Context) ([]string, error) { return nil, nil }

func (w *world) Members(context.Context, string) ([]string, error) { return []string{"p1", "p2"}, nil }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var scopesOf = map[string]string{"all": "system/*.cruds", "ehr": "system/*.cruds", "app": "patient/*.cruds"}

// start serves a store; options change how deliveries are made.
func start(t testing.TB, db store.Store, options ...func(*Config)) *world {
	t.Helper()
	w := &world{t: t, store: db, tokens: map[string]access.Actor{}, people: map[string]access.Permissions{"p1": {EHR: true, Research: true}, "p2": {EHR: true}}}
	for name, actor := range map[string]access.Actor{
		"all": {Role: access.Maintenance, ID: "repair", Client: "repair"},
		"ehr": {Role: access.EHR, ID: "harbor", Client: "harbor", Groups: []string{"g1"}},
		"app": {Role: access.Participant, ID: "ada", Client: "diary", Patient: "p1"},
	} {
		var err error
		actor.Scopes, err = access.ParseScopes(scopesOf[name])
		ok(t, err)
		actor.Grant = "grant of " + name
		w.tokens[name] = actor
	}
	w.register()
	w.serve(options)
	return w
}

// register keeps the clients and their authorizations, as the authorization server would.
func (w *world) register() {
	oauth, now := tables.OAuth{}, time.Now()
	ok(w.t, w.store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
		for name, purpose := range map[string]string{"all": store.PurposeMaintenance, "ehr": store.PurposeEHR, "app": store.PurposeApp} {
			a := w.tokens[name]
			if _, err := oauth.Client(ctx, tx, a.Client); err == nil {
				return nil // another process has done so
			}
			if err := oauth.AddClient(ctx, tx, store.Client{ID: a.Client, Purpose: purpose, Scopes: scopesOf[name], Groups: a.Groups, CreatedAt: now}); err != nil {
				return err
			}
			grant := store.OAuthGrant{ID: a.Grant, Client: a.Client, Subject: a.ID, Role: string(a.Role), Patient: a.Patient, Scopes: scopesOf[name], AuthTime: now, CreatedAt: now}
			if err := oauth.AddGrant(ctx, tx, grant); err != nil {
				return err
			}
			token := store.OAuthToken{Hash: []byte(name), Kind: store.TokenAccess, Grant: a.Grant, Scopes: scopesOf[name], IssuedAt: now, ExpiresAt: now.Add(time.Hour)}
			if err := oauth.AddToken(ctx, tx, token); err != nil {
				return err
			}
		}
		return nil
	}))
}

func openQueue(t testing.TB, q *jobs.Queue, db store.Store) {
	t.Helper()
	switch s := db.(type) {
	case *sqlite.Store:
		path, _, _ := strings.Cut(strings.TrimPrefix(s.DSN(), "file:"), "?")
		ok(t, q.OpenSQLite(context.Background(), path))
	case *postgres.Store:
		ok(t, q.OpenPostgres(context.Background(), s.Pool().Config().ConnConfig.ConnString()))
	}
}

func (w *world) serve(options []func(*Config)) {
	ctx, t := context.Background(), w.t
	registry, ids := search.Base(), search.NewIDs(1, time.Now)
	log := audit.New(audit.Config{Store: w.store, IDs: ids, Now: time.Now})
	w.http = httptest.NewUnstartedServer(nil)
	w.base = "http://" + w.http.Listener.Addr().String() + "/fhir/R4"
	service := records.New(records.Config{Store: w.store, Audit: log, IDs: ids, BaseURL: w.base, Registry: registry,
		Policy: &access.Policy{Consents: w, Groups: w, Registry: registry}})
	ring, err := keys.Open(filepath.Join(t.TempDir(), "keys.json"), true)
	ok(t, err)
	tokens, err := embedded.Open(ctx, filepath.Join(t.TempDir(), "sessions.db"), time.Now)
	ok(t, err)
	queue := jobs.New(jobs.Options{Poll: 10 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	c := Config{
		Store: w.store.(Store), Records: service, Registry: registry, Queue: queue, Sealer: ring, Tokens: tokens, SignKey: bytes.Repeat([]byte{7}, 32),
		FHIRBase: w.base, Socket: "ws://" + w.http.Listener.Addr().String() + "/ws", Owner: fmt.Sprint("process ", t.Name(), time.Now().UnixNano()),
		Now: time.Now, Logger: slog.New(slog.DiscardHandler), Hosts: map[string][]string{"*": {"127.0.0.1"}}, Private: true, Attempts: 3,
		Backoff: func(failed int) time.Duration { return time.Duration(failed) * 20 * time.Millisecond }, Poll: 20 * time.Millisecond,
	}
	for _, o := range options {
		o(&c)
	}
	w.service, err = New(c)
	ok(t, err)
	ok(t, w.service.Register(queue, 4))
	openQueue(t, queue, w.store)
	ok(t, queue.Start(ctx))
	server, err := fhirserver.New(fhirserver.Config{Records: service, Auth: w, BaseURL: w.base, CursorKey: bytes.Repeat([]byte{7}, 32), Logger: slog.New(slog.DiscardHandler)})
	ok(t, err)
	for _, route := range w.service.Routes() {
		server.Mount(route)
	}
	server.Topics(w.service.TopicURLs()...)
	mux := http.NewServeMux()
	mux.Handle("/fhir/R4/", server)
	mux.HandleFunc("/ws", w.service.ServeSocket)
	w.http.Config.Handler = mux
	w.http.Start()
	following, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.service.Run(following)
	}()
	w.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
		soon, over := context.WithTimeout(ctx, 100*time.Millisecond)
		defer over()
		queue.Stop(soon) //nolint:errcheck // what does not end in time is killed
		w.http.Close()
		ok(t, log.Close(ctx))
		ok(t, tokens.Close())
	})
	t.Cleanup(w.stop)
}

// reply is an answer, read to its end.
type reply struct {
	t      testing.TB
	status int
	body   []byte
}

// call sends a request: "GET /Patient/1" with the token, and a body.
func (w *world) call(token, line, body string) reply {
	w.t.Helper()
	method, path, _ := strings.Cut(line, " ")
	r, err := http.NewRequest(method, w.base+path, strings.NewReader(body))
	ok(w.t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/fhir+json")
	answer, err := http.DefaultClient.Do(r)
	ok(w.t, err)
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	ok(w.t, err)
	return reply{w.t, answer.StatusCode, read}
}

func (r reply) want(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("HTTP %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

func (r reply) json() map[string]any {
	r.t.Helper()
	var v map[string]any
	ok(r.t, json.Unmarshal(r.body, &v))
	return v
}

func (r reply) id() string { return r.json()["id"].(string) }

// put writes a resource as maintenance.
func (w *world) put(typ, id, rest string) {
	w.t.Helper()
	w.call("all", "PUT /"+typ+"/"+id, fmt.Sprintf(`{"resourceType":%q,"id":%q,%s}`, typ, id, rest))
}

const encounterOf = `"status":%q,"class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"subject":{"reference":"Patient/%s"}`

func (w *world) encounter(id, status, patient string) {
	w.t.Helper()
	w.put("Encounter", id, fmt.Sprintf(encounterOf, status, patient))
}

func (w *world) patients() {
	w.t.Helper()
	for _, id := range []string{"p1", "p2", "p3"} {
		w.put("Patient", id, `"active":true`)
	}
}

const topicBase = "https://tributary.example/fhir/SubscriptionTopic/"

// subscription is what a client posts.
type subscription struct {
	criteria, endpoint, content, channel string
	filters, headers                     []string
	payload                              string // "": JSON; or none
	more, channelMore                    string
}

func (s subscription) json() string {
	if !strings.Contains(s.criteria, "?") {
		s.criteria = topicBase + s.criteria
	}
	var filters []string
	for _, f := range s.filters {
		filters = append(filters, fmt.Sprintf(`{"url":%q,"valueString":%q}`, extFilter, f))
	}
	criteria := fmt.Sprintf(`"criteria":%q`, s.criteria)
	if len(filters) > 0 {
		criteria += `,"_criteria":{"extension":[` + strings.Join(filters, ",") + `]}`
	}
	channel := `"type":"websocket"`
	if s.endpoint != "" {
		channel = fmt.Sprintf(`"type":"rest-hook","endpoint":%q`, s.endpoint)
	}
	if s.channel != "" {
		channel = s.channel
	}
	if s.payload == "" {
		s.payload = "application/fhir+json"
	}
	if s.payload != "none" {
		channel += fmt.Sprintf(`,"payload":%q`, s.payload)
	}
	if s.content != "" {
		channel += fmt.Sprintf(`,"_payload":{"extension":[{"url":%q,"valueCode":%q}]}`, extContent, s.content)
	}
	if len(s.headers) > 0 {
		list, _ := json.Marshal(s.headers)
		channel += `,"header":` + string(list)
	}
	return fmt.Sprintf(`{"resourceType":"Subscription","status":"requested","reason":"to know",%s,"channel":{%s%s}%s}`, criteria, channel, s.channelMore, s.more)
}

// subscribe creates a Subscription and waits for the handshake.
func (w *world) subscribe(token string, s subscription, r *receiver) string {
	w.t.Helper()
	id := w.call(token, "POST /Subscription", s.json()).want(201).id()
	if r != nil {
		if n := r.next(w.t); n.kind() != handshake || n.total() != "0" {
			w.t.Fatalf("the first notification is a %s of %s events", n.kind(), n.total())
		}
	}
	w.becomes(id, store.SubscriptionActive)
	return id
}

// becomes waits until a Subscription has a status.
func (w *world) becomes(id, status string) map[string]any {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		signal := w.store.(store.Feed).Committed()
		is := w.call("all", "GET /Subscription/"+id, "").want(200).json()
		if is["status"] == status {
			return is
		}
		select {
		case <-signal:
		case <-time.After(time.Until(deadline)):
			w.t.Fatalf("the Subscription is %v, not %s: %v", is["status"], status, is["error"])
		}
	}
}

// receiver is an endpoint.
type receiver struct {
	*httptest.Server
	got    chan notified
	left   []string // events that were received and not looked at
	mu     sync.Mutex
	answer func(w http.ResponseWriter) // nil: 200
}

type notified struct {
	request string // method and path
	header  http.Header
	raw     []byte
	bundle  map[string]any
}

func receive(t testing.TB) *receiver {
	r := &receiver{got: make(chan notified, 1000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		n := notified{request: q.Method + " " + q.URL.RequestURI(), header: q.Header}
		n.raw, _ = io.ReadAll(q.Body)
		json.Unmarshal(n.raw, &n.bundle) //nolint:errcheck // the test sees what is missing
		r.mu.Lock()
		answer := r.answer
		r.mu.Unlock()
		r.got <- n
		if answer != nil {
			answer(w)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answers(with func(http.ResponseWriter)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = with
}

func (r *receiver) next(t testing.TB) notified {
	t.Helper()
	select {
	case n := <-r.got:
		return n
	case <-time.After(20 * time.Second):
		t.Fatal("no notification came")
		return notified{}
	}
}

// parameters are the status of a notification.
func (n notified) parameters() []any {
	entries, _ := n.bundle["entry"].([]any)
	if len(entries) == 0 {
		return nil
	}
	list, _ := entries[0].(map[string]any)["resource"].(map[string]any)["parameter"].([]any)
	return list
}

func (n notified) parameter(name string) string {
	for _, p := range n.parameters() {
		p := p.(map[string]any)
		if p["name"] != name {
			continue
		}
		for key, v := range p {
			if strings.HasPrefix(key, "value") {
				return fmt.Sprint(v)
			}
		}
	}
	return ""
}

func (n notified) kind() string  { return n.parameter("type") }
func (n notified) total() string { return n.parameter("events-since-subscription-start") }

// events are number and focus of each event: 1 Encounter/e1.
func (n notified) events() (list []string) {
	for _, p := range n.parameters() {
		if p := p.(map[string]any); p["name"] == "notification-event" {
			text := ""
			for _, part := range p["part"].([]any) {
				switch part := part.(map[string]any); part["name"] {
				case "event-number":
					text = part["valueString"].(string) + text
				case "focus":
					url := part["valueReference"].(map[string]any)["reference"].(string)
					_, url, _ = strings.Cut(url, "/fhir/R4/")
					text += " " + url
				}
			}
			list = append(list, text)
		}
	}
	return list
}

// entries are the entries behind the status: method, url, and the resource's status.
func (n notified) entries() (list []string) {
	all, _ := n.bundle["entry"].([]any)
	for _, e := range all[min(1, len(all)):] {
		e := e.(map[string]any)
		request := e["request"].(map[string]any)
		text := fmt.Sprint(request["method"], " ", request["url"])
		if r, there := e["resource"].(map[string]any); there {
			text += fmt.Sprint(" ", r["resourceType"], " ", r["status"])
		}
		list = append(list, text)
	}
	return list
}

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, s store.Store)) {
	storetest.Each(t, test)
}
