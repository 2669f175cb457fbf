package app

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tributary/internal/account"
	"tributary/internal/visit"
)

// comer is somebody with a booked visit, who has not come yet.
func (w *roomsWorld) comer(site string) *roomer {
	w.t.Helper()
	p := &roomer{person: account.Person{Given: "Cy", Family: "Example", Email: "cy@example.org", Born: "1980-12-31", Sex: "male", State: "MA"}, ids: map[string]string{"client": "app"}}
	p.Account = memberAs(w.t, w.Service, p.person)
	w.ok(w.surveys.Submit(w.t.Context(), p.actor(), "basics", basicAnswers))
	g := w.signs(p)
	g.Kind = "ehr"
	w.ok(w.consent.Sign(w.t.Context(), g))
	free, err := w.visits.Free(w.t.Context(), site, 1)
	w.ok(err)
	v, err := w.visits.Book(w.t.Context(), p.Patient, free[0].ID)
	w.ok(err)
	p.ids["visit"], p.ids["booked"], p.ids["slot"] = v.ID, v.ID, free[0].ID
	return p
}

// TestAttackBeforeCheckIn: a center that waits for somebody does nothing with them but
// check them in, move or call off the visit; and some days after a visit it reaches
// nothing of it any more. The lines: the status asked for in each service, and CheckedIn in
// visit/present.go.
func TestAttackBeforeCheckIn(t *testing.T) {
	w := newRoomsWorld(t)
	cy, kim := w.comer("harbor-clinic"), w.staff("kim", "center", "harbor-clinic")
	for _, r := range w.routes {
		ask := askOf(t, r)
		if areaOf(r) != "center" || !strings.Contains(ask.path, "<visit>") && !strings.Contains(ask.path, "<patient>") {
			continue
		}
		before := w.state()
		path, form := ask.about(cy)
		answer := w.send(kim, r.Method, path, form)
		if r.Method == http.MethodPost && answer.Code < http.StatusBadRequest {
			t.Errorf("%s before the check-in: %d", nameOf(r), answer.Code)
		}
		if what := w.changed(before); len(what) > 0 {
			t.Errorf("%s before the check-in changed %v", nameOf(r), what)
		}
	}
	w.late = visit.Reachable + time.Hour
	kim = w.staff("kim", "center", "harbor-clinic")
	for _, route := range []string{"GET /center/measurements/{id}/amend", "POST /center/measurements/{id}/amend", "POST /center/measurements/{id}/cancel", "GET /center/samples/{id}/labels",
		"POST /center/samples/{id}/step", "POST /center/samples/{id}/cancel", "GET /center/participants/{id}/recovery", "POST /center/participants/{id}/recovery"} {
		method, _, _ := strings.Cut(route, " ")
		before := w.state()
		path, form := roomAsks[route].about(w.ada)
		if answer := w.send(kim, method, path, form); answer.Code != http.StatusNotFound && answer.Code != http.StatusForbidden {
			t.Errorf("%s eight days later: %d", route, answer.Code)
		}
		if what := w.changed(before); len(what) > 0 {
			t.Errorf("%s eight days later changed %v", route, what)
		}
	}
}
