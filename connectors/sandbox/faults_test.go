package sandbox

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func control(t *testing.T, f *Faults, method, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "/control", strings.NewReader(body)))
	return w
}

func TestControl(t *testing.T) {
	f := NewFaults()
	if w := control(t, f, http.MethodPut, `{"refuse":"Observation","tokenTTL":5}`); w.Code != http.StatusOK {
		t.Fatalf("HTTP %d", w.Code)
	}
	if got := strings.TrimSpace(control(t, f, http.MethodGet, "").Body.String()); got != `{"tokenTTL":5,"refuse":"Observation"}` {
		t.Errorf("told: %s", got)
	}
	if d := f.TokenTTL(time.Hour); d != 5*time.Second {
		t.Errorf("tokens live %v", d)
	}
	for _, bad := range []string{`{"refuze":"Observation"}`, `[]`, ``} {
		if w := control(t, f, http.MethodPut, bad); w.Code != http.StatusBadRequest {
			t.Errorf("%q: HTTP %d", bad, w.Code)
		}
	}
	control(t, f, http.MethodDelete, "")
	if got := strings.TrimSpace(control(t, f, http.MethodGet, "").Body.String()); got != `{}` || f.TokenTTL(time.Hour) != time.Hour {
		t.Errorf("after the end: %s", got)
	}
}

const answer = `{"resourceType":"Bundle","link":[{"relation":"next","url":"http://ehr.example/fhir/R4/Goal?page=x"}],"entry":[{"resource":{"resourceType":"Goal","id":"<g>"}}]}`

func TestFaultsOfAPage(t *testing.T) {
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(answer)) })
	for _, c := range []struct {
		name   string
		told   Misbehaviour
		path   string
		status int
		has    string
	}{
		{"behaves", Misbehaviour{}, "/fhir/R4/Goal", 200, `"<g>"`},
		{"another type", Misbehaviour{Refuse: "Observation", Malformed: "Observation", Foreign: "Observation"}, "/fhir/R4/Goal", 200, "http://ehr.example/fhir/R4/Goal?page=x"},
		{"refuses", Misbehaviour{Refuse: "Goal"}, "/fhir/R4/Goal", 403, "forbidden"},
		{"throttles", Misbehaviour{Throttle: 1, RetryAfter: "9"}, "/fhir/R4/Goal", 429, "throttled"},
		{"down", Misbehaviour{Down: true}, "/fhir/R4/metadata", 503, "transient"},
		{"malformed", Misbehaviour{Malformed: "Goal"}, "/fhir/R4/Goal", 200, "notAnElement"},
		{"foreign", Misbehaviour{Foreign: "Goal"}, "/fhir/R4/Goal", 200, "elsewhere.invalid"},
		{"circle", Misbehaviour{Circle: "Goal"}, "/fhir/R4/Goal?a=b", 200, "http://example.com/fhir/R4/Goal?a=b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := NewFaults()
			f.Set(c.told)
			w := httptest.NewRecorder()
			f.Around(api).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, c.path, nil))
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) || w.Header().Get("Retry-After") != c.told.RetryAfter {
				t.Errorf("HTTP %d: %s", w.Code, w.Body)
			}
		})
	}
}

// A page fails by its number, which its next link carries.
func TestFailingPage(t *testing.T) {
	f := NewFaults()
	f.Set(Misbehaviour{FailType: "Goal", FailPage: 2})
	h := f.Around(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(answer)) }))
	get := func(path string) int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return w.Code
	}
	if first, second := get("/fhir/R4/Goal"), get("/fhir/R4/Goal?page=x"); first != 200 || second != 500 || f.Requests() != 2 {
		t.Errorf("HTTP %d, then %d, by %d requests", first, second, f.Requests())
	}
}

// A later page is malformed on its own.
func TestMalformedPage(t *testing.T) {
	f := NewFaults()
	f.Set(Misbehaviour{Malformed: "Goal", MalformedPage: 2})
	h := f.Around(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(answer)) }))
	for i, path := range []string{"/fhir/R4/Goal", "/fhir/R4/Goal?page=x"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if got := strings.Contains(w.Body.String(), "notAnElement"); got != (i == 1) {
			t.Errorf("page %d: malformed %v", i+1, got)
		}
	}
}

// A provider that is down gives no tokens and shows no pages; it can be told to
// come back.
func TestDownIsTheWholeProvider(t *testing.T) {
	auth := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("{}")) })
	f := NewFaults()
	provider, err := New(Config{Name: "Harbor", FHIR: auth, Auth: auth, Faults: f})
	if err != nil {
		t.Fatal(err)
	}
	get := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		provider.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("")))
		return w
	}
	asked := map[string]string{"/auth/token": http.MethodPost, "/.well-known/openid-configuration": http.MethodGet, "/": http.MethodGet, "/fhir/R4/metadata": http.MethodGet}
	for path, method := range asked {
		f.Set(Misbehaviour{})
		if w := get(method, path); w.Code != http.StatusOK {
			t.Errorf("%s answers HTTP %d", path, w.Code)
		}
		f.Set(Misbehaviour{Down: true, RetryAfter: "7"})
		if w := get(method, path); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "7" {
			t.Errorf("%s of a provider that is down answers HTTP %d", path, w.Code)
		}
	}
	if w := get(http.MethodDelete, "/control"); w.Code != http.StatusOK || get(http.MethodPost, "/auth/token").Code != http.StatusOK {
		t.Error("it cannot be told to come back")
	}
}
