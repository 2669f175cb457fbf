package smart

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/connectors"
)

func bundle(link string, entries ...string) string {
	for i, e := range entries {
		entries[i] = `{"resource":` + e + `}`
	}
	if link != "" {
		link = `"link":[` + link + `],`
	}
	return `{"resourceType":"Bundle","type":"searchset",` + link + `"entry":[` + strings.Join(entries, ",") + `]}`
}

func next(url string) string { return `{"relation":"next","url":"` + url + `"}` }

const observation = `{"resourceType":"Observation","id":"o1"}`

var first = connectors.Query{Type: "Observation", URL: "Observation?patient=p1"}

func TestNextLinks(t *testing.T) {
	foreign := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the token went to another host") }))
	defer foreign.Close()
	for _, c := range []struct {
		name, link, want string // want is below the server, or a failure
	}{
		{"absolute", next("BASE/fhir/Observation?page=2"), "/fhir/Observation?page=2"},
		{"relative to the base", next("Observation?page=2"), "/fhir/Observation?page=2"},
		{"opaque, relative to the base", next("_page/x7"), "/fhir/_page/x7"},
		{"query only", next("?page=2"), "/fhir/Observation?page=2"},
		{"absolute path", next("/paging/2"), "/paging/2"},
		{"only prev and previous", `{"relation":"prev","url":"BASE/a"},{"relation":"previous","url":"BASE/b"},{"relation":"self","url":"BASE/c"}`, ""},
		{"none", "", ""},
		{"the same page", next("BASE/fhir/Observation?patient=p1"), string(connectors.BadAnswer)},
		{"another host", next(foreign.URL + "/fhir/Observation"), string(connectors.ForeignHost)},
		{"another host without a scheme", next("//elsewhere.invalid/fhir"), string(connectors.ForeignHost)},
		{"another scheme", next("file:///etc/passwd"), string(connectors.ForeignHost)},
		{"user information", next("http://x@HOST/fhir"), string(connectors.ForeignHost)},
		{"no URL", next("http://%zz"), string(connectors.BadAnswer)},
		{"empty", next(""), string(connectors.BadAnswer)},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, conn, p := newEHR(t, Options{})
			link := strings.NewReplacer("BASE", e.URL, "HOST", strings.TrimPrefix(e.URL, "http://")).Replace(c.link)
			e.answer("/fhir/Observation", 200, bundle(link, observation))
			page, err := conn.Page(t.Context(), p, creds, first)
			switch {
			case c.want == string(connectors.BadAnswer), c.want == string(connectors.ForeignHost):
				failure(t, err, connectors.Failure(c.want))
			case err != nil:
				t.Fatal(err)
			case c.want == "" && page.Next != nil:
				t.Errorf("goes on at %s", page.Next.URL)
			case c.want != "" && (page.Next == nil || page.Next.URL != e.URL+c.want || page.Next.Type != "Observation"):
				t.Errorf("goes on at %+v", page.Next)
			}
		})
	}
}

func TestNextOnAnAllowedHost(t *testing.T) {
	e, conn, p := newEHR(t, Options{})
	p.Hosts = []string{"pages.example"}
	e.answer("/fhir/Observation", 200, bundle(next("http://pages.example/2"), observation))
	page, err := conn.Page(t.Context(), p, creds, first)
	if err != nil || page.Next == nil {
		t.Errorf("%+v, %v", page.Next, err)
	}
}

func TestOutcomesAreMessages(t *testing.T) {
	e, conn, p := newEHR(t, Options{})
	outcome := `{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"incomplete","diagnostics":"Jane Doe"}]},"search":{"mode":"outcome"}}`
	e.answer("/fhir/Observation", 200, `{"resourceType":"Bundle","entry":[{"fullUrl":"x"},`+outcome+`,{"resource":`+observation+`},{"resource":`+observation+`}]}`)
	page, err := conn.Page(t.Context(), p, creds, first)
	if err != nil || len(page.Resources) != 2 || !slices.Equal(page.Messages, []string{"incomplete"}) || string(page.Resources[0]) != observation {
		t.Errorf("%d resources, messages %v, %v", len(page.Resources), page.Messages, err)
	}
}

func TestAnswersThatAreNoPage(t *testing.T) {
	for name, body := range map[string]string{
		"HTML": "<html>sign in</html>", "empty": "", "an outcome": `{"resourceType":"OperationOutcome"}`, "another type": `{"resourceType":"Patient","id":"p1"}`,
		"too large": bundle("", `{"resourceType":"Observation","id":"`+strings.Repeat("x", 2000)+`"}`),
	} {
		t.Run(name, func(t *testing.T) {
			e, conn, p := newEHR(t, Options{Body: 1000})
			e.answer("/fhir/Observation", 200, body, "Content-Type", "application/json")
			_, err := conn.Page(t.Context(), p, creds, first)
			failure(t, err, connectors.BadAnswer)
		})
	}
}

func TestRedirectsAreRefused(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer elsewhere.Close()
	e, conn, p := newEHR(t, Options{})
	e.answer("/fhir/Observation", 302, "", "Location", elsewhere.URL)
	_, err := conn.Page(t.Context(), p, creds, first)
	failure(t, err, connectors.ForeignHost)
}

func TestSlowBody(t *testing.T) {
	e, conn, p := newEHR(t, Options{Timeout: 30 * time.Millisecond})
	e.mux.HandleFunc("/fhir/Observation", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(`{"resourceType":`))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	_, err := conn.Page(t.Context(), p, creds, first)
	failure(t, err, connectors.Down)
	if n := len(e.asked()); n != maxAttempts {
		t.Errorf("%d attempts", n)
	}
}

func TestRetries(t *testing.T) {
	good := reply{200, bundle("", observation), nil}
	date := testNow.Add(20 * time.Second).Format(http.TimeFormat)
	for _, c := range []struct {
		name  string
		first reply
		waits []time.Duration
		after time.Duration // of the failure; 0: it comes right
		want  connectors.Failure
	}{
		{"500 once", reply{500, "", nil}, []time.Duration{time.Second}, 0, ""},
		{"429 in seconds", reply{429, "", []string{"Retry-After", "7"}}, []time.Duration{7 * time.Second}, 0, ""},
		{"503 with a date", reply{503, "", []string{"Retry-After", date}}, []time.Duration{20 * time.Second}, 0, ""},
		{"429 without", reply{429, "", nil}, []time.Duration{time.Second}, 0, ""},
		{"429 for hours", reply{429, "", []string{"Retry-After", "7200"}}, nil, 2 * time.Hour, connectors.Throttled},
		{"503 for hours", reply{503, "", []string{"Retry-After", "7200"}}, nil, 2 * time.Hour, connectors.Down},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, conn, p := newEHR(t, Options{})
			e.answers("/fhir/Observation", c.first, good)
			page, err := conn.Page(t.Context(), p, creds, first)
			if !slices.Equal(e.waits, c.waits) {
				t.Errorf("waited %v", e.waits)
			}
			if c.want != "" {
				if got := failure(t, err, c.want); got.After != c.after {
					t.Errorf("again after %v", got.After)
				}
			} else if err != nil || len(page.Resources) != 1 {
				t.Error(err)
			}
		})
	}
}

func TestStatuses(t *testing.T) {
	for status, want := range map[int]connectors.Failure{
		400: connectors.Refused, 401: connectors.Expired, 403: connectors.Refused, 404: connectors.Refused, 500: connectors.Down, 504: connectors.Down,
	} {
		e, conn, p := newEHR(t, Options{})
		e.answer("/fhir/Observation", status, `{"resourceType":"OperationOutcome"}`)
		_, err := conn.Page(t.Context(), p, creds, first)
		if got := failure(t, err, want); got.Status != status || strings.Contains(err.Error(), "secret") {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestFetchOneByOneWhereSearchIsRefused(t *testing.T) {
	e, conn, p := newEHR(t, Options{})
	e.answer("/fhir/Medication", 400, "")
	e.answer("/fhir/Medication/a", 200, `{"resourceType":"Medication","id":"a"}`)
	e.answer("/fhir/Medication/c", 410, "")
	page, err := conn.Fetch(t.Context(), p, creds, "Medication", []string{"a", "b", "c"})
	if err != nil || len(page.Resources) != 1 {
		t.Errorf("%d resources, %v", len(page.Resources), err)
	}
}

func TestBinary(t *testing.T) {
	for _, c := range []struct{ name, contentType, body, want string }{
		{"resource", "application/fhir+json", `{"resourceType":"Binary","id":"b1","contentType":"text/plain"}`, `{"resourceType":"Binary","id":"b1","contentType":"text/plain"}`},
		{"resource without id", "application/json", `{"resourceType":"Binary","contentType":"text/plain"}`, `{"id":"b1","resourceType":"Binary","contentType":"text/plain"}`},
		{"bytes", "application/pdf", "%PDF", `{"resourceType":"Binary","id":"b1","contentType":"application/pdf","data":"JVBERg=="}`},
		{"JSON of its own", "application/json", `{"a":1}`, `{"resourceType":"Binary","id":"b1","contentType":"application/json","data":"eyJhIjoxfQ=="}`},
		{"no content type", "///", "x", `{"resourceType":"Binary","id":"b1","contentType":"application/octet-stream","data":"eA=="}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, conn, p := newEHR(t, Options{})
			e.answer("/fhir/Binary/b1", 200, c.body, "Content-Type", c.contentType)
			page, err := conn.Fetch(t.Context(), p, creds, "Binary", []string{"b1"})
			if err != nil || len(page.Resources) != 1 || string(page.Resources[0]) != c.want {
				t.Fatalf("%s, %v", page.Resources, err)
			}
			if accept := e.seen[0].Header.Get("Accept"); !strings.HasPrefix(accept, "application/fhir+json") {
				t.Errorf("Accept: %s", accept)
			}
		})
	}
	e, conn, p := newEHR(t, Options{})
	e.answer("/fhir/Binary/b1", 200, `{"resourceType":"OperationOutcome"}`)
	_, err := conn.Fetch(t.Context(), p, creds, "Binary", []string{"b1"})
	failure(t, err, connectors.BadAnswer)
}

func TestPlan(t *testing.T) {
	statement := `{"resourceType":"CapabilityStatement","rest":[{"resource":[
		{"type":"Observation","interaction":[{"code":"search-type"}],"searchParam":[{"name":"patient"},{"name":"category"},{"name":"_lastUpdated"}]},
		{"type":"Condition","interaction":[{"code":"search-type"}],"searchParam":[{"name":"patient"}]},
		{"type":"MedicationRequest","searchParam":[{"name":"patient"}]},
		{"type":"Goal","interaction":[{"code":"read"}]},{"type":"ValueSet","interaction":[{"code":"search-type"}]}]}]}`
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		vendor string
		want   []string
	}{
		{"", []string{"Patient/p1", "Condition?patient=p1&_count=200", "MedicationRequest?patient=p1&_count=200",
			"Observation?patient=p1&_lastUpdated=ge2026-01-02T03%3A04%3A05Z&_count=200"}},
		{"athena", []string{"MedicationRequest?patient=p1&intent=order,plan,proposal,reflex-order&_count=200"}},
		{"epic", []string{"Condition?patient=p1&category=problem-list-item&_count=200",
			"Observation?patient=p1&category=vital-signs&_lastUpdated=ge2026-01-02T03%3A04%3A05Z&_count=200"}},
	} {
		e, conn, p := newEHR(t, Options{})
		p.Vendor = c.vendor
		e.answer("/fhir/metadata", 200, statement)
		plan, err := conn.Plan(t.Context(), p, creds, since)
		if err != nil {
			t.Fatal(err)
		}
		var urls []string
		for _, q := range plan {
			urls = append(urls, q.URL)
		}
		for _, want := range c.want {
			if !slices.Contains(urls, want) {
				t.Errorf("%q: %s is not in %v", c.vendor, want, urls)
			}
		}
		if c.vendor == "" && !slices.Equal(urls, c.want) {
			t.Errorf("the plan is %v", urls)
		}
	}
}

func TestPlanWithoutACapabilityStatement(t *testing.T) {
	e, conn, p := newEHR(t, Options{})
	e.answer("/fhir/metadata", 404, "")
	plan, err := conn.Plan(t.Context(), p, creds, time.Time{})
	if err != nil || len(plan) != 1+len(usCore) {
		t.Errorf("%d queries, %v", len(plan), err)
	}
}

func TestCapabilityIsReadOnceAnHour(t *testing.T) {
	e, conn, p := newEHR(t, Options{})
	now := testNow
	conn.now = func() time.Time { return now }
	e.answer("/fhir/metadata", 200, `{"rest":[{"resource":[{"type":"Goal","interaction":[{"code":"search-type"}]}]}]}`)
	for _, step := range []struct {
		after time.Duration
		asked int
	}{{0, 1}, {59 * time.Minute, 1}, {time.Minute, 2}} {
		now = now.Add(step.after)
		plan, err := conn.Plan(t.Context(), p, creds, time.Time{})
		if err != nil || len(plan) != 2 || len(e.seen) != step.asked {
			t.Errorf("%d queries after %d requests, %v", len(plan), len(e.seen), err)
		}
	}
}

// A provider that refuses to say what it can do is asked again.
func TestRefusedCapabilityIsNotRemembered(t *testing.T) {
	e, conn, p := newEHR(t, Options{})
	e.answers("/fhir/metadata", reply{404, "", nil}, reply{200, `{"rest":[{"resource":[{"type":"Goal"}]}]}`, nil})
	for _, want := range []int{1 + len(usCore), 2} {
		if plan, err := conn.Plan(t.Context(), p, creds, time.Time{}); err != nil || len(plan) != want {
			t.Errorf("%d queries, %v", len(plan), err)
		}
	}
}
