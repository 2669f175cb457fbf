package app

import (
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tributary/internal/store"
)

// unaudited are the routes by which nobody's data is reached, with the reason that no
// event tells of them.
var unaudited = map[string]string{
	"GET /metadata":                     "the capabilities are public",
	"GET /OperationDefinition/{id}":     "the definitions are public",
	"POST /{type}/$validate":            "what is validated was sent",
	"POST /{type}/{id}/$validate":       "what is validated was sent",
	"POST /$convert":                    "what is converted was sent",
	"GET /$explain":                     "a plan, without data",
	"GET /{type}/$explain":              "a plan, without data",
	"GET /$reindex-status/{job}":        "progress, without data",
	"GET /SearchParameter/{id}/$status": "progress, without data",
	"GET /$export-status/{job}":         "progress; what is downloaded is audited",
	"DELETE /$reindex-status/{job}":     "there is no such job",
	"DELETE /$export-status/{job}":      "there is no such job",
}

// Each route of the FHIR API, asked for by who reaches everything, leaves an event
// with the request's id: whatever it answers.
func TestNoRouteEscapesTheAudit(t *testing.T) {
	w := newLeakWorld(t)
	asked := map[string]string{}
	n := 0
	for _, route := range slices.SortedFunc(iter.Seq[string](keysOf(routeRows)), readsFirst) {
		typ := ""
		if strings.Contains(route, "{type}") {
			typ = "Observation"
		}
		for _, a := range requests(route, typ, reached)[:1] {
			id := fmt.Sprintf("asked-%d", n)
			n++
			a.headers = append(a.headers, "X-Request-Id", id)
			if answer := w.send("maintenance", a); answer.Code < 400 {
				asked[id] = route
			}
		}
	}
	told := w.trail()
	for id, route := range asked {
		if unaudited[route] == "" && !strings.Contains(told, `"`+id+`"`) {
			t.Errorf("%s leaves no event", route)
		}
	}
	if len(asked) < len(routeRows)/3 {
		t.Errorf("only %d of %d routes answer", len(asked), len(routeRows))
	}
}

// readsFirst sorts what takes something away to the end.
func readsFirst(a, b string) int {
	last := func(route string) string { return strings.NewReplacer("DELETE ", "Z").Replace(route) }
	return strings.Compare(last(a), last(b))
}

// trail is all events, as text.
func (w *leakWorld) trail() string {
	w.t.Helper()
	w.ok(w.audit.Flush(w.t.Context()))
	var b strings.Builder
	for f := (store.AuditFilter{Limit: 1000}); ; {
		found, err := w.audit.Find(w.t.Context(), w.store, f)
		w.ok(err)
		for _, r := range found {
			b.Write(r.Body)
			f.Under = r.Key()
		}
		if len(found) < f.Limit {
			return b.String()
		}
	}
}

// Staff who sign in, fail to, and leave are on record.
func TestSignInsOfStaffAreAudited(t *testing.T) {
	w := newLeakWorld(t)
	password, err := w.AddStaff(t.Context(), "kim", "study", "")
	w.ok(err)
	var cookies []*http.Cookie
	post := func(path string, form url.Values) int {
		r := httptest.NewRequest(http.MethodPost, w.base+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, c := range cookies {
			r.AddCookie(c)
		}
		answer := httptest.NewRecorder()
		w.Handler().ServeHTTP(answer, r)
		if got := answer.Result().Cookies(); len(got) > 0 {
			cookies = got
		}
		return answer.Code
	}
	codes := []int{
		post("/staff/signin", url.Values{"login": {"kim"}, "password": {"wrong"}}),
		post("/staff/signin", url.Values{"login": {"kim"}, "password": {password}}),
		post("/staff/signout", nil),
	}
	if !slices.Equal(codes, []int{422, 303, 303}) {
		t.Fatal(codes)
	}
	told := w.trail()
	if n := strings.Count(told, `"code":"110122"`); n != 2 {
		t.Errorf("%d sign-ins", n)
	}
	if n := strings.Count(told, `"code":"110123"`); n != 1 {
		t.Errorf("%d sign-outs", n)
	}
	if !strings.Contains(told, `"value":"kim"`) || strings.Contains(told, "wrong") || strings.Contains(told, password) {
		t.Error("who came in is not told, or a password is")
	}
}
