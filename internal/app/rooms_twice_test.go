package app

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// deeds are forms that create or move something, in an order in which each makes
// sense, and who sends them. Of the row's form, more is changed. Signing up is not among
// them: each time leaves an account that is forgotten unless its code comes back, and
// one code alone makes the address somebody's.
var deeds = []struct{ who, route, more string }{
	{"ada", "POST /surveys/{id}", ""},
	{"ada", "POST /surveys/{id}/sections/{n}", "q.sweet-drinks=never"},
	{"ada", "POST /studies/{id}", ""},
	{"ada", "POST /news/mail", ""},
	{"ada", "POST /visits/change", ""},
	{"ada", "POST /visits/cancel", ""},
	{"ada", "POST /visits/book", ""},
	{"ada", "POST /connections/{id}/retry", ""},
	{"ada", "POST /connections/{id}/end", "what=keep&confirm="},
	{"ada", "POST /consent/{kind}/revoke", ""},
	{"ada", "POST /consent/{kind}", "decision=yes&" + typedName},
	{"bo", "POST /consent/{kind}/decline", ""},
	{"bo", "POST /pause", ""},
	{"bo", "POST /pause", "confirm=return"},
	{"kim", "POST /center/samples/{id}/step", ""},
	{"kim", "POST /center/appointments/{id}/samples", ""},
	{"kim", "POST /center/measurements/{id}/amend", ""},
	{"kim", "POST /center/proxies", ""},
	{"sam", "POST /staff/proxies", "given=Other"},
	{"sam", "POST /staff/participants/{id}/message", ""},
	{"sam", "POST /staff/news", ""},
	{"sam", "POST /staff/researchers", ""},
	{"sam", "POST /staff/invitations", ""},
	{"sam", "POST /staff/participants/{id}/studies/{study}", ""},
	{"sam", "POST /staff/participants/{id}/ask", ""},
	{"sam", "POST /staff/decisions/{id}", ""},
	{"bo", "POST /withdraw", ""},
}

// TestAttackTwice: a form that is sent from two tabs at once, and again by the back
// button, does what one of it does. The lines: the lock of the person's row and the
// versions in each service; Once in portal/web.
func TestAttackTwice(t *testing.T) {
	once, more := newRoomsWorld(t), newRoomsWorld(t)
	for n, d := range deeds {
		alone, others := once.grows(n, 1), more.grows(n, 3)
		for table, want := range alone {
			if others[table] != want {
				t.Errorf("%s by %s: one adds %d to %s, three add %d", d.route, d.who, want, table, others[table])
			}
		}
	}
}

// grows sends a deed so often, two of them at once, and counts what came of it.
func (w *roomsWorld) grows(n, times int) map[string]int {
	w.t.Helper()
	d, before := deeds[n], w.state()
	about, cookie := w.ada, w.staff("sam", "study", "")
	switch d.who {
	case "ada":
		cookie = w.session(w.ada, 0)
	case "bo":
		about, cookie = w.bo, w.session(w.bo, 0)
	case "kim":
		cookie = w.staff("kim", "center", "harbor-clinic")
	}
	ask := roomAsks[d.route]
	path, form := ask.about(about)
	_, changes := roomAsk{form: d.more}.about(about)
	for name, values := range changes {
		form[name] = values
	}
	answers := w.atOnce(cookie, path, form, min(times, 2))
	if times > 2 {
		answers = append(answers, w.send(cookie, http.MethodPost, path, form))
	}
	done := 0
	for _, a := range answers {
		if a.Code >= http.StatusInternalServerError {
			w.t.Errorf("%s: %d", d.route, a.Code)
		}
		if a.Code == http.StatusSeeOther {
			done++
		}
	}
	if done == 0 {
		w.t.Errorf("%s by %s is not done: %d %s", d.route, d.who, answers[0].Code, answers[0].Body)
	}
	grown := map[string]int{}
	for table, rows := range w.state() {
		grown[table] = len(rows) - len(before[table])
	}
	return grown
}

// atOnce sends a form so many times at the same time.
func (w *roomsWorld) atOnce(cookie *http.Cookie, path string, form url.Values, times int) []*httptest.ResponseRecorder {
	answers := make([]*httptest.ResponseRecorder, times)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = w.send(cookie, http.MethodPost, path, form) })
	}
	all.Wait()
	return answers
}
