package export_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/export"
	"tributary/internal/store/storetest"
)

const kickOff = "http://t/fhir/R4/Group/cohort/$export"

func small(t *testing.T) *site {
	x := newSite(t, storetest.SQLite(t, storetest.Options{}), nil)
	x.person("p1", all)
	return x
}

func TestKickOffParameters(t *testing.T) {
	lenient := "Prefer: respond-async, handling=lenient"
	for name, c := range map[string]struct {
		query, header string
		status        int
	}{
		"plain":                 {"", "Prefer: respond-async", 202},
		"format 1":              {"?_outputFormat=application/fhir%2Bndjson", "", 202},
		"format 1, plus as is":  {"?_outputFormat=application/fhir+ndjson", "", 202},
		"format 2":              {"?_outputFormat=application/ndjson", "", 202},
		"format 3":              {"?_outputFormat=ndjson", "", 202},
		"another format":        {"?_outputFormat=text/csv", "", 400},
		"another, lenient":      {"?_outputFormat=text/csv", lenient, 400},
		"types":                 {"?_type=Patient,Condition&_type=Observation", "", 202},
		"a type of no release":  {"?_type=Patient,Practitioner", "", 400},
		"the same, lenient":     {"?_type=Patient,Practitioner", lenient, 202},
		"only such, lenient":    {"?_type=Practitioner", lenient, 400},
		"since, shifted dates":  {"?_since=2026-01-01T00:00:00Z", "", 400},
		"since, lenient":        {"?_since=2026-01-01T00:00:00Z", lenient, 400},
		"since, no instant":     {"?_since=yesterday", "", 400},
		"unsupported":           {"?_typeFilter=Patient%3Factive%3Dtrue", "", 400},
		"unsupported, lenient":  {"?_typeFilter=Patient%3Factive%3Dtrue", lenient, 202},
		"elements":              {"?_elements=id", "", 400},
		"a query that is wrong": {"?_type=%zz", "", 400},
	} {
		t.Run(name, func(t *testing.T) {
			x := small(t)
			w := x.ask(x.KickOff, warehouse, "GET", kickOff+c.query, c.header)
			if w.Code != c.status {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if at := w.Header().Get("Content-Location"); (c.status == 202) != strings.HasPrefix(at, "http://t/fhir/R4/$export-status/") {
				t.Errorf("Content-Location %q", at)
			}
		})
	}
}

func TestKickOffByPost(t *testing.T) {
	for body, status := range map[string]int{
		"": 202,
		`{"resourceType":"Parameters","parameter":[{"name":"_type","valueString":"Patient"},{"name":"_outputFormat","valueString":"ndjson"}]}`: 202,
		`{"resourceType":"Parameters","parameter":[{"name":"patient","valueReference":{"reference":"Patient/p1"}}]}`:                           400,
		`{"resourceType":"Patient"}`: 400,
		`{`:                          400,
		strings.Repeat(" ", 2<<20):   413,
	} {
		x := small(t)
		r := httptest.NewRequestWithContext(t.Context(), "POST", kickOff, strings.NewReader(body))
		w := httptest.NewRecorder()
		got := 202
		if err := x.KickOff(w, r, warehouse); err != nil {
			got = errs.Of(err).Kind.Status()
		}
		if got != status {
			t.Errorf("%.60q: %d, want %d", body, got, status)
		}
		if status == 202 && body != "" {
			x.work()
			if got := x.lines(warehouse, w.Header().Get("Content-Location")); counts(got) != "map[Patient:1]" {
				t.Errorf("%s", counts(got))
			}
		}
	}
}

func TestWhoMayExport(t *testing.T) {
	stranger := client("stranger", access.Research, "system/*.rs")
	stranger.Groups = nil
	for name, c := range map[string]struct {
		actor  access.Actor
		path   string
		status int
	}{
		"named on the Group":       {warehouse, "Group/cohort/$export", 202},
		"not named on it":          {stranger, "Group/cohort/$export", 403},
		"another Group":            {warehouse, "Group/other/$export", 403},
		"all patients":             {warehouse, "Patient/$export", 403},
		"everything":               {warehouse, "$export", 403},
		"without a system scope":   {client("w", access.Research, "patient/*.rs"), "Group/cohort/$export", 403},
		"a participant":            {client("app", access.Participant, "patient/*.rs"), "Group/cohort/$export", 403},
		"nobody":                   {access.Actor{}, "Group/cohort/$export", 401},
		"an ehr on the Group":      {client("ehr", access.EHR, "system/*.rs"), "Group/cohort/$export", 202},
		"an ehr with little scope": {client("ehr", access.EHR, "system/Group.rs"), "Group/cohort/$export", 403},
	} {
		t.Run(name, func(t *testing.T) {
			x := small(t)
			if w := x.ask(x.KickOff, c.actor, "GET", "http://t/fhir/R4/"+c.path); w.Code != c.status {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestLifeOfAnExport(t *testing.T) {
	x := small(t)
	status := x.start(warehouse, "Group/cohort/$export?_type=Patient,Condition")
	w := x.ask(x.Status, warehouse, "GET", status)
	if w.Code != 202 || w.Header().Get("X-Progress") == "" || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := x.ask(x.KickOff, warehouse, "GET", kickOff); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("a second export: %d %v", w.Code, w.Header())
	}
	other := client("other", access.Research, "system/*.rs")
	if w := x.ask(x.KickOff, other, "GET", kickOff); w.Code != 202 {
		t.Errorf("another client waits for it: %d", w.Code)
	}
	x.work()
	w = x.ask(x.Status, warehouse, "GET", status)
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Expires") == "" || !strings.Contains(w.Body.String(), `"error":[]`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	m := x.manifest(warehouse, status)
	if _, err := time.Parse(time.RFC3339, m.TransactionTime); err != nil || !m.RequiresAccessToken || m.Request != kickOff+"?_type=Patient,Condition" || len(m.Output) != 2 {
		t.Errorf("%+v", m)
	}
	if w := x.ask(x.Status, other, "GET", status); w.Code != 404 {
		t.Errorf("another client sees it: %d", w.Code)
	}
	if w := x.file(other, m.Output[0].URL); w.Code != 404 {
		t.Errorf("another client has the file: %d", w.Code)
	}
	unnamed := warehouse
	unnamed.Groups = nil
	if w := x.file(unnamed, m.Output[0].URL); w.Code != 403 {
		t.Errorf("who is taken off the Group still has the file: %d", w.Code)
	}
	for _, name := range []string{"9.Patient.ndjson", "1.Observation.ndjson", "1.Patient", "x", "1.../../Patient.ndjson"} {
		if w := x.file(warehouse, m.Output[0].URL[:strings.LastIndex(m.Output[0].URL, "/")+1]+name); w.Code != 404 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := x.ask(x.Cancel, other, "DELETE", status); w.Code != 404 {
		t.Errorf("another client deletes it: %d", w.Code)
	}
	if w := x.ask(x.Cancel, warehouse, "DELETE", status); w.Code != 202 {
		t.Errorf("delete: %d", w.Code)
	}
	x.work()
	for what, w := range map[string]*httptest.ResponseRecorder{
		"status": x.ask(x.Status, warehouse, "GET", status), "delete": x.ask(x.Cancel, warehouse, "DELETE", status), "file": x.file(warehouse, m.Output[0].URL),
	} {
		if w.Code != 404 {
			t.Errorf("%s after the delete: %d", what, w.Code)
		}
	}
}

func TestLenientIsTold(t *testing.T) {
	x := small(t)
	status := x.start(warehouse, "Group/cohort/$export?_elements=id", "Prefer: handling=lenient")
	x.work()
	m := x.manifest(warehouse, status)
	if len(m.Error) != 1 || m.Error[0].Type != "OperationOutcome" || !strings.Contains(x.file(warehouse, m.Error[0].URL).Body.String(), "_elements") {
		t.Errorf("%+v", m.Error)
	}
}

func TestExpiry(t *testing.T) {
	x := small(t)
	status := x.start(warehouse, "Group/cohort/$export")
	x.work()
	m := x.manifest(warehouse, status)
	x.now = x.now.Add(8 * 24 * time.Hour)
	if w := x.file(warehouse, m.Output[0].URL); w.Code != 404 {
		t.Errorf("an expired file: %d", w.Code)
	}
	if err := x.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(x.queue.take()); n != 1 {
		t.Errorf("%d purges", n)
	}
}

func TestFilesNeedAToken(t *testing.T) {
	x := small(t)
	status := x.start(warehouse, "Group/cohort/$export")
	x.work()
	url := x.manifest(warehouse, status).Output[0].URL
	h := x.Files(func(r *http.Request) (access.Actor, error) {
		if r.Header.Get("Authorization") == "Bearer good" {
			return warehouse, nil
		}
		return access.Actor{}, errs.New(errs.Unauthorized, "an access token is needed")
	})
	for _, c := range []struct {
		method, url, token string
		status             int
	}{
		{"GET", url, "Bearer good", 200}, {"HEAD", url, "Bearer good", 200}, {"GET", url, "", 401}, {"GET", url, "Bearer bad", 401},
		{"PUT", url, "Bearer good", 405}, {"GET", url + "x", "Bearer good", 404},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.url, nil)
		r.Header.Set("Authorization", c.token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		failed := strings.Contains(w.Body.String(), "OperationOutcome")
		if w.Code != c.status || failed != (c.status >= 400) || c.method == "HEAD" && w.Body.Len() > 0 {
			t.Errorf("%s %s %q: %d %.200s", c.method, c.url, c.token, w.Code, w.Body)
		}
	}
}

func TestFailedExportSaysSo(t *testing.T) {
	broken := errs.New(errs.Unavailable, "the map is closed")
	x := newSite(t, storetest.SQLite(t, storetest.Options{}), func(c *export.Config) { c.Participants = closedMap{broken} })
	x.person("p1", all)
	status := x.start(warehouse, "Group/cohort/$export")
	id := x.queue.take()[0].(export.ReleaseArgs).ID
	if err := x.Work(t.Context(), id, false); err == nil {
		t.Error("a failure is not reported to the queue")
	}
	if w := x.ask(x.Status, warehouse, "GET", status); w.Code != 202 {
		t.Errorf("it is to be tried again: %d", w.Code)
	}
	if err := x.Work(t.Context(), id, true); err == nil {
		t.Error("the last failure is not reported to the queue")
	}
	if w := x.ask(x.Status, warehouse, "GET", status); w.Code != 500 || !strings.Contains(w.Body.String(), "the map is closed") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := x.ask(x.KickOff, warehouse, "GET", kickOff); w.Code != 202 {
		t.Errorf("a failed export blocks the next: %d", w.Code)
	}
}

type closedMap struct{ err error }

func (c closedMap) ResearchID(context.Context, string) (string, int, error) { return "", 0, c.err }
