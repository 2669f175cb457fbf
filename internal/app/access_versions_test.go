package app

import (
	"net/http"
	"strings"
	"testing"
)

// What moved between people, was deleted, is referred to by version, contained, or
// is raw content is no way around: each version is whose it was.
func TestNoWayAroundTheCompartment(t *testing.T) {
	w := newLeakWorld(t)
	raw := []string{"Accept", "text/plain"}
	for _, c := range []struct {
		ask
		status int
	}{
		{ask{path: "/Observation/moved"}, 404},
		{ask{path: "/Observation/moved/_history/1"}, 200},
		{ask{path: "/Observation/moved/_history/2"}, 404},
		{ask{path: "/Observation/moved/_history"}, 200},
		{ask{path: "/Observation/came"}, 200},
		{ask{path: "/Observation/came/_history/1"}, 404},
		{ask{path: "/Observation/came/_history"}, 200},
		{ask{path: "/Observation/qb-deleted"}, 404},
		{ask{path: "/Observation/qb-deleted/_history/1"}, 404},
		{ask{path: "/Observation/qb-deleted/_history/2"}, 404},
		{ask{path: "/Observation/qb-deleted/_history"}, 404},
		{ask{path: "/Binary/qb-binary", headers: raw}, 403},
		{ask{path: "/Binary/qb-binary"}, 403},
		{ask{path: "/Binary/qa-binary", headers: raw}, 403},
		{ask{path: "/Provenance/qb-provenance"}, 404},
		{ask{path: "/Provenance?target=Observation/qb-observation"}, 200},
		{ask{path: "/Provenance?target=Observation/qb-observation/_history/1"}, 200},
		{ask{path: "/Patient/qa-patient?_elements=link"}, 200},
		{ask{path: "/Patient?link=Patient/qa-patient"}, 200},
		{ask{path: "/Patient/qb-patient"}, 404},
		{ask{path: "/Patient/qb-patient/$everything"}, 404},
		{ask{path: "/Group/qb-group"}, 403},
		{ask{path: "/Bundle/qb-bundle"}, 403},
		{ask{path: "/List?item=Observation/qb-observation&_include=List:item"}, 200},
		{ask{path: "/Media/qb-media"}, 404},
		{ask{path: "/DocumentReference/qb-documentreference/_history/1"}, 404},
		{ask{path: "/AuditEvent?entity=Patient/qb-patient"}, 200},
		{ask{path: "/AuditEvent?patient=qb-patient"}, 200},
	} {
		c.method = http.MethodGet
		for _, who := range []string{"participant", "delegate"} {
			if who == "delegate" && strings.HasPrefix(c.path, "/AuditEvent") {
				continue
			}
			answer := w.send(who, c.ask)
			text := learnt(answer)
			w.unseen(who, c.ask, text)
			if answer.Code != c.status {
				t.Errorf("%s: %s: %d, want %d: %.300s", who, c.path, answer.Code, c.status, text)
			}
			if !strings.Contains(c.path, hidden) && strings.Contains(text, hidden) {
				t.Errorf("%s: %s names another's: %s", who, c.path, around(text, hidden))
			}
		}
	}
}

// A token is worth nothing the moment that what it rests on ends.
func TestPermissionsEndAtOnce(t *testing.T) {
	w := newLeakWorld(t)
	own := ask{method: http.MethodGet, path: "/Patient/" + reached + "patient"}
	if code := w.send("delegate", own).Code; code != http.StatusOK {
		t.Fatalf("a delegate is answered %d", code)
	}
	if _, err := w.store.Exec(t.Context(), `UPDATE delegation SET revoked = 1`); err != nil {
		t.Fatal(err)
	}
	if code := w.send("delegate", own).Code; code != http.StatusForbidden && code != http.StatusUnauthorized {
		t.Errorf("a delegate without a permission is answered %d", code)
	}
	export := ask{method: http.MethodGet, path: "/Group/" + w.study.Cohort + "/$export", headers: []string{"Prefer", "respond-async"}}
	w.ok(w.Disapprove(t.Context(), "researcher", w.study.Cohort))
	if code := w.send("researcher", export).Code; code != http.StatusForbidden {
		t.Errorf("a person who is not approved is answered %d", code)
	}
	w.policy.NoMaintenance = true
	if code := w.send("maintenance", own).Code; code != http.StatusForbidden {
		t.Errorf("maintenance, where it is off, is answered %d", code)
	}
}

// An approved person exports the Group, and reads nothing; no other Group.
func TestAResearcherExportsWhatIsApproved(t *testing.T) {
	w := newLeakWorld(t)
	for path, status := range map[string]int{
		"/Group/" + w.study.Cohort + "/$export": http.StatusAccepted, "/Group/qb-group/$export": http.StatusForbidden,
		"/Patient/$export": http.StatusForbidden, "/$export": http.StatusForbidden, "/Practitioner": http.StatusForbidden,
	} {
		answer := w.send("researcher", ask{method: http.MethodGet, path: path, headers: []string{"Prefer", "respond-async"}})
		if answer.Code != status {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
}
