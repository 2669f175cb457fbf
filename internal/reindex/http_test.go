package reindex_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store/storetest"
)

// ask calls an operation as the server would.
func (p *process) ask(actor access.Actor, method, path string) *httptest.ResponseRecorder {
	p.t.Helper()
	router, w := mux.NewRouter(), httptest.NewRecorder()
	for _, route := range p.index.Routes() {
		router.HandleFunc(route.Path, func(w http.ResponseWriter, r *http.Request) {
			if err := route.Handle(w, r, actor); err != nil {
				http.Error(w, errs.Of(err).Safe, errs.Of(err).Kind.Status())
			}
		}).Methods(route.Method)
	}
	router.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

// is holds an answer, and gives the texts of its parameters by name.
func (p *process) is(w *httptest.ResponseRecorder, status int) map[string]string {
	p.t.Helper()
	if w.Code != status {
		p.t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	var body struct {
		Parameter []struct {
			Name                   string
			ValueString, ValueCode string
			Part                   []struct {
				Name      string
				ValueCode string
			}
		}
	}
	if status < 300 {
		p.must(json.Unmarshal(w.Body.Bytes(), &body))
	}
	said := map[string]string{}
	for _, parameter := range body.Parameter {
		said[parameter.Name] = parameter.ValueString + parameter.ValueCode
		for _, part := range parameter.Part {
			said[part.Name] = part.ValueCode
		}
	}
	return said
}

func TestReindexIsAskedForAndWatched(t *testing.T) {
	p := begin(t, storetest.SQLite(t, storetest.Options{}), nil)
	p.fill(5)
	if _, err := p.store.Exec(t.Context(), `DELETE FROM idx_string`); err != nil {
		t.Fatal(err)
	}
	w := p.ask(p.actor, "POST", "/Patient/$reindex")
	p.is(w, http.StatusAccepted)
	status := strings.TrimPrefix(w.Header().Get("Content-Location"), base)
	w = p.ask(p.actor, "GET", status)
	if said := p.is(w, http.StatusAccepted); said["status"] != "queued" || w.Header().Get("X-Progress") == "" || w.Header().Get("Retry-After") == "" {
		t.Errorf("%v, %v", said, w.Header())
	}
	p.workAll()
	said := p.is(p.ask(p.actor, "GET", status), http.StatusOK)
	if said["status"] != "done" || !strings.Contains(said["progress"], "5 rows added") || said["fill Patient"] != "" {
		t.Errorf("%v", said)
	}
	p.clean()
	w = p.ask(p.actor, "POST", "/$reindex?type=Patient&type=Observation")
	p.is(w, http.StatusAccepted)
	status = strings.TrimPrefix(w.Header().Get("Content-Location"), base)
	if said := p.is(p.ask(p.actor, "DELETE", status), http.StatusOK); said["status"] != "cancelled" || len(p.open()) != 0 {
		t.Errorf("%v", said)
	}
	for _, path := range []string{"/$reindex?type=Nope", "/$reindex?kind=Patient", "/AuditEvent/$reindex?x=1"} {
		p.is(p.ask(p.actor, "POST", path), http.StatusBadRequest)
	}
	p.is(p.ask(p.actor, "POST", "/$reindex?url=http://x.example/nope"), http.StatusNotFound)
	p.is(p.ask(p.actor, "GET", "/$reindex-status/nope"), http.StatusNotFound)
}

func TestOnlyMaintenanceWorksOnTheIndex(t *testing.T) {
	p := begin(t, storetest.SQLite(t, storetest.Options{}), nil)
	reader := maintenance(t, "system/*.rs")
	ehr := p.actor
	ehr.Role = access.EHR
	for _, actor := range []access.Actor{reader, ehr, {}} {
		for _, line := range []string{"POST /$reindex", "POST /Patient/$reindex", "GET /$reindex-status/x", "DELETE /$reindex-status/x"} {
			method, path, _ := strings.Cut(line, " ")
			p.is(p.ask(actor, method, path), http.StatusForbidden)
		}
	}
	if len(p.open()) != 0 {
		t.Error("a job was begun")
	}
	p.is(p.ask(access.Actor{}, "GET", "/SearchParameter/mascot/$status"), http.StatusForbidden)
}

func TestTheStatusOfASearchParameter(t *testing.T) {
	p := begin(t, storetest.SQLite(t, storetest.Options{}), nil)
	p.is(p.ask(p.actor, "GET", "/SearchParameter/mascot/$status"), http.StatusNotFound)
	p.must(p.put("SearchParameter", "mascot", parameter("active", byExtension)))
	if said := p.is(p.ask(p.actor, "GET", "/SearchParameter/mascot/$status"), http.StatusOK); said["state"] != "pending" || said["code"] != "mascot" {
		t.Errorf("%v", said)
	}
	p.workAll()
	if said := p.is(p.ask(p.actor, "GET", "/SearchParameter/mascot/$status"), http.StatusOK); said["state"] != "ready" {
		t.Errorf("%v", said)
	}
	p.must(p.put("SearchParameter", "mascot", parameter("active", "Patient.name.family")))
	for _, job := range p.open() { // one purges, one fills
		p.is(p.ask(p.actor, "DELETE", "/$reindex-status/"+job.ID), http.StatusConflict)
	}
	p.must(p.index.Load(t.Context()))
	for _, last := range []bool{false, true} {
		w := p.ask(p.actor, "POST", "/$reindex?url=http://x.example/mascot")
		p.is(w, http.StatusAccepted)
		if !last {
			p.is(p.ask(p.actor, "DELETE", strings.TrimPrefix(w.Header().Get("Content-Location"), base)), http.StatusOK)
		}
	}
	p.workAll()
	if said := p.is(p.ask(p.actor, "GET", "/SearchParameter/mascot/$status"), http.StatusOK); said["state"] != "ready" {
		t.Errorf("%v", said)
	}
	p.clean()
}
