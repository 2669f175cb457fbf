package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"tributary/internal/account"
	"tributary/internal/program/programtest"
)

var ada = programtest.Ada

func TestWholePath(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	b.wantTask("research-consent", "open")
	b.wantTask("visit", "closed")
	b.consent(ada, "yes")
	b.wantTask("connect", "open")
	b.sees("/surveys/basics", "survey")
	b.sent("/home", "/surveys/basics", basics...)
	b.wantTask("survey:basics", "done")
	b.book("harbor-clinic")
	b.wantTask("measurements", "open")
	x.measured(t, "harbor-clinic")
	b.wantTask("measurements", "done")
	b.download()
	b.leave(ada)
}

// wantTask looks a task up on the home page.
func (b *browser) wantTask(id, state string) {
	b.t.Helper()
	task := find(b.sees("/home", "home").page, "li", "data-task", id)
	if got := attribute(task, "data-state"); got != state {
		b.t.Errorf("task %s is %q, want %q: %s", id, got, state, strings.Join(strings.Fields(textOf(task)), " "))
	}
}

// book takes the first free time of a site.
func (b *browser) book(site string) {
	b.t.Helper()
	slot := find(b.sees("/visits?site="+site, "visits").page, "button", "name", "slot")
	if slot == nil {
		b.t.Fatal("no free time is offered")
	}
	b.sent("/visits", "/visits/book", "slot", attribute(slot, "value"))
}

// measured checks the first visit of the site in and records it.
func (x *site) measured(t *testing.T, at string) {
	t.Helper()
	b := x.staff(t, "center", "center", at)
	id := attribute(find(b.sees("/center", "center").page, "tr", "data-appointment", ""), "data-appointment")
	b.sent("/center", "/center/appointments/"+id+"/checkin")
	b.sees("/center/appointments/"+id+"/measurements", "measure")
	b.sent("/center", "/center/appointments/"+id+"/measurements", measurements...)
}

var measurements = []string{"height", "170.5", "weight", "70", "waist", "82",
	"systolic_1", "130", "systolic_2", "120", "systolic_3", "121", "diastolic_1", "85", "diastolic_2", "80", "diastolic_3", "80",
	"heart_rate_1", "70", "heart_rate_2", "68", "heart_rate_3", "66", "pregnant", "no", "wheelchair", "no"}

func (b *browser) download() {
	b.t.Helper()
	link := find(find(b.sees("/documents", "documents").page, "ul", "class", "list"), "a", "href", "")
	pdf := b.get(attribute(link, "href"))
	if pdf.StatusCode != http.StatusOK || !strings.HasPrefix(pdf.text, "%PDF-") {
		b.t.Errorf("the signed document is %d, %.20q", pdf.StatusCode, pdf.text)
	}
}

func (b *browser) leave(p account.Person) {
	b.t.Helper()
	b.sees("/withdraw", "withdraw")
	b.sent("/home", "/withdraw", "confirm", "withdraw", "printed_name", p.Name())
	if find(b.sees("/home", "home").page, "li", "data-task", "") != nil {
		b.t.Error("who has left is shown steps to take")
	}
	if a := b.post("/surveys/basics", basics...); a.StatusCode != http.StatusForbidden {
		b.t.Errorf("a survey after leaving: %d", a.StatusCode)
	}
}

func TestDeclinerAnswersButDoesNotVisit(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	b.consent(ada, "no")
	b.sent("/home", "/surveys/basics", basics...)
	b.wantTask("ehr-choice", "done")
	b.wantTask("survey:basics", "done")
	b.wantTask("visit", "closed")
	free, err := x.Program.FreeSlots(t.Context(), "harbor-clinic", 1)
	if err != nil || len(free) == 0 {
		t.Fatal("no free slot", err)
	}
	a := b.post("/visits/book", "slot", free[0].ID)
	if a.StatusCode != http.StatusForbidden || find(a.page, "li", "data-barrier", "ehr") == nil {
		t.Errorf("a decliner's booking: %d %s", a.StatusCode, faultsOf(a))
	}
}

func TestLeavingNeedsTheNameAndFreesTheVisit(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	b.consent(ada, "yes")
	b.sent("/home", "/surveys/basics", basics...)
	b.book("harbor-clinic")
	if a := b.post("/withdraw", "confirm", "withdraw", "printed_name", "Somebody Else"); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("leaving under another name: %d", a.StatusCode)
	}
	if find(b.sees("/visits", "visits").page, "input", "name", "appointment") == nil {
		t.Error("a refused form cost the visit")
	}
	b.leave(ada)
	s := x.staff(t, "center", "center", "harbor-clinic")
	if find(s.sees("/center", "center").page, "tr", "data-appointment", "") != nil {
		t.Error("the center waits for somebody who has left")
	}
}

func TestTwoPeopleCannotTakeOneSlot(t *testing.T) {
	x := newSite(t)
	bo := account.Person{Given: "Bo", Family: "Example", Email: "bo@example.org", Born: "1990-01-01", Sex: "male", State: "MA"}
	first, second := x.browser(t), x.browser(t)
	for b, p := range map[*browser]account.Person{first: ada, second: bo} {
		b.join(p)
		b.consent(p, "yes")
		b.sent("/home", "/surveys/basics", basics...)
	}
	slot := attribute(find(first.sees("/visits?site=mesa-clinic", "visits").page, "button", "name", "slot"), "value")
	first.sent("/visits", "/visits/book", "slot", slot)
	if a := second.post("/visits/book", "slot", slot); a.StatusCode != http.StatusConflict {
		t.Errorf("the second booking: %d", a.StatusCode)
	}
	visit := attribute(find(first.sees("/visits", "visits").page, "input", "name", "appointment"), "value")
	if a := second.post("/visits/cancel", "appointment", visit); a.StatusCode != http.StatusNotFound {
		t.Errorf("somebody else's visit is cancelled: %d", a.StatusCode)
	}
	first.sent("/visits", "/visits/cancel", "appointment", visit)
	second.sent("/visits", "/visits/book", "slot", slot)
}
