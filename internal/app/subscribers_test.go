package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"tributary/config"
)

// notifying is a whole service that may notify this machine.
type notifying struct {
	*Service
	t     *testing.T
	url   string
	token string
}

func startNotifying(t *testing.T, dir string) *notifying {
	t.Helper()
	n := &notifying{t: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n.Handler().ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "config.yaml")
	text := "subscriptions:\n  private: true\n  clients:\n    - client: \"*\"\n      hosts: [127.0.0.1]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, []string{"TRIBUTARY_DATA_DIR=" + dir, "TRIBUTARY_LISTEN=127.0.0.1:0", "TRIBUTARY_BASE_URL=" + server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if n.Service, err = NewService(t.Context(), c, Options{Logger: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.url = server.URL + "/fhir/R4"
	if n.token, err = n.Token(t.Context(), "system/*.cruds", time.Hour); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *notifying) end() {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := n.Stop(ctx); err != nil {
		n.t.Error(err)
	}
}

// call sends a request and returns the answer, which must be a success.
func (n *notifying) call(method, path, body string) map[string]any {
	n.t.Helper()
	r, err := http.NewRequest(method, n.url+path, strings.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+n.token)
	r.Header.Set("Content-Type", "application/fhir+json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		n.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode/100 != 2 {
		n.t.Fatalf("%s %s: HTTP %d, %v: %s", method, path, answer.StatusCode, err, raw)
	}
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		n.t.Fatal(err)
	}
	return v
}

const startTopic = "https://tributary.example/fhir/SubscriptionTopic/encounter-start"

func (n *notifying) encounter(id string) {
	n.t.Helper()
	n.call("PUT", "/Encounter/"+id, fmt.Sprintf(`{"resourceType":"Encounter","id":%q,"status":"in-progress","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}}`, id))
}

// until waits for a message that holds the text.
func until(t *testing.T, messages <-chan string, text string) {
	t.Helper()
	for deadline := time.After(30 * time.Second); ; {
		select {
		case m := <-messages:
			if strings.Contains(m, text) {
				return
			}
		case <-deadline:
			t.Fatalf("no message holds %q", text)
		}
	}
}

// The whole service notifies an endpoint and a WebSocket; what happened while the
// endpoint was away, and the service was started anew, comes afterwards.
func TestSubscriptionsEndToEnd(t *testing.T) {
	dir, hooked, heard := t.TempDir(), make(chan string, 100), make(chan string, 100)
	down := make(chan struct{})
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		select {
		case <-down:
			hooked <- string(body)
		default:
			if strings.Contains(string(body), "/Encounter/away") {
				hooked <- "away"
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			hooked <- string(body)
		}
	}))
	defer hook.Close()
	first := startNotifying(t, dir)
	subscription := func(channel string) string {
		return first.call("POST", "/Subscription", `{"resourceType":"Subscription","status":"requested","reason":"test","criteria":"`+startTopic+`","channel":{`+channel+`,
			"payload":"application/fhir+json","_payload":{"extension":[{"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content","valueCode":"id-only"}]}}}`)["id"].(string)
	}
	subscription(`"type":"rest-hook","endpoint":"` + hook.URL + `"`)
	until(t, hooked, `"handshake"`)
	socket := subscription(`"type":"websocket"`)
	first.listen(socket, heard)
	until(t, heard, `"handshake"`)
	first.encounter("one")
	until(t, hooked, "/Encounter/one")
	until(t, heard, "/Encounter/one")
	first.encounter("away")
	until(t, hooked, "away")
	first.end()
	close(down)
	second := startNotifying(t, dir)
	defer second.end()
	until(t, hooked, "/Encounter/away")
	status := second.call("GET", "/Subscription/"+socket+"/$status", "")
	if text := fmt.Sprint(status); !strings.Contains(text, "events-since-subscription-start valueString:2") {
		t.Errorf("the status is %s", text)
	}
}

// listen binds a WebSocket that hands on what it hears.
func (n *notifying) listen(id string, heard chan<- string) {
	n.t.Helper()
	values := map[string]string{}
	for _, p := range n.call("GET", "/Subscription/"+id+"/$get-ws-binding-token", "")["parameter"].([]any) {
		for key, v := range p.(map[string]any) {
			if strings.HasPrefix(key, "value") {
				values[p.(map[string]any)["name"].(string)] = v.(string)
			}
		}
	}
	conn, _, err := websocket.Dial(n.t.Context(), values["websocket-url"], nil)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { conn.CloseNow() })
	if err := conn.Write(n.t.Context(), websocket.MessageText, []byte("bind-with-token "+values["token"])); err != nil {
		n.t.Fatal(err)
	}
	go func() {
		for {
			_, message, err := conn.Read(context.Background())
			if err != nil {
				return
			}
			heard <- string(message)
		}
	}()
}
