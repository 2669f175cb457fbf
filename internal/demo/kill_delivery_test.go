package demo_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tributary/config"
)

// listener is an endpoint that keeps which event had which number.
type listener struct {
	*httptest.Server
	mu     sync.Mutex
	events map[string]string // number -> focus
	faults []string
}

func listen(t *testing.T) *listener {
	l := &listener{events: map[string]string{}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		time.Sleep(3 * time.Millisecond) // as long as an endpoint takes: the kill comes in between
		l.mu.Lock()
		defer l.mu.Unlock()
		l.keep(body)
	}))
	t.Cleanup(l.Close)
	return l
}

// keep reads the events of a notification Bundle.
func (l *listener) keep(body []byte) {
	var bundle struct {
		Entry []struct {
			Resource struct {
				Parameter []struct {
					Part []struct {
						Name, ValueString string
						ValueReference    struct{ Reference string }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(body, &bundle); err != nil || len(bundle.Entry) == 0 {
		l.faults = append(l.faults, fmt.Sprintf("no notification: %.100s", body))
		return
	}
	for _, p := range bundle.Entry[0].Resource.Parameter {
		var number, focus string
		for _, part := range p.Part {
			switch part.Name {
			case "event-number":
				number = part.ValueString
			case "focus":
				focus = part.ValueReference.Reference
			}
		}
		if before := l.events[number]; number != "" && before != "" && before != focus {
			l.faults = append(l.faults, fmt.Sprintf("the number %s is of %s and of %s", number, before, focus))
		}
		if number != "" {
			l.events[number] = focus
		}
	}
}

func (l *listener) heard() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.events)
}

// configured adds to the configuration of the service.
func (v *victim) configured(text string) {
	v.t.Helper()
	_, file, _ := strings.Cut(v.environ[0], "=")
	before, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, append(before, text...), 0o600)
	}
	if err == nil {
		v.config, err = config.Load(file, v.environ)
	}
	if err != nil {
		v.t.Fatal(err)
	}
}

// TestKilledDeliveries kills the service while it tells a subscriber of changes: every
// acknowledged change is told, under one number, and the numbers have no gaps.
func TestKilledDeliveries(t *testing.T) {
	t.Parallel()
	for name, environ := range installations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it is waiting for the claim of the process that was killed
			killedDeliveries(t, environ)
		})
	}
}

func killedDeliveries(t *testing.T, environ []string) {
	const kills, each = 2, 20
	l := listen(t)
	v := newVictim(t, environ, "")
	v.configured(fmt.Sprintf("subscriptions: {private: true, clients: [{client: \"*\", hosts: [%q]}]}\n", strings.TrimPrefix(l.URL, "http://")))
	v.start()
	key := maintenance(t, v)
	id := subscribe(t, v, key, l.URL)
	written := 0
	for range kills {
		for range each {
			write(t, v, key, written)
			written++
		}
		before := l.heard()
		eventually(t, "deliveries go on", func() bool { return l.heard() > before || l.heard() == written })
		v.kill()
		v.start()
	}
	eventually(t, "every change is told", func() bool { return l.heard() >= written })
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, fault := range l.faults {
		t.Error(fault)
	}
	told := map[string]bool{}
	for n := 1; n <= written; n++ {
		focus := l.events[fmt.Sprint(n)]
		if focus == "" || told[focus] {
			t.Errorf("the number %d is missing, or of an event that has another: %q", n, focus)
		}
		told[focus] = true
	}
	if len(l.events) != written {
		t.Errorf("%d numbers for %d changes of %s", len(l.events), written, id)
	}
}

func subscribe(t *testing.T, v *victim, key, endpoint string) string {
	t.Helper()
	const content = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content"
	body := fmt.Sprintf(`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST","url":"Subscription"},"resource":{
		"resourceType":"Subscription","status":"requested","reason":"to know","criteria":"Basic?code=told","channel":{"type":"rest-hook","endpoint":%q,
		"payload":"application/fhir+json","_payload":{"extension":[{"url":%q,"valueCode":"id-only"}]}}}}]}`, endpoint, content)
	answer := post(t, v.config.FHIRBase(), key, []byte(body))
	place := strings.Split(answer.Entry[0].Response.Location, "/")
	id := place[1]
	eventually(t, "the subscription is active", func() bool {
		var found struct{ Status string }
		get(t, v.config.FHIRBase()+"/Subscription/"+id, key, &found)
		return found.Status == "active"
	})
	return id
}

// write makes one change that the subscription is told of.
func write(t *testing.T, v *victim, key string, n int) {
	t.Helper()
	post(t, v.config.FHIRBase(), key, fmt.Appendf(nil, `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"PUT","url":"Basic/b%d"},
		"resource":{"resourceType":"Basic","id":"b%[1]d","code":{"coding":[{"code":"told"}]}}}]}`, n))
}
