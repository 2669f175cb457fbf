package browsertest

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tributary/connectors/sandbox"
)

func TestPortal(t *testing.T) {
	first := chrome(t)
	w := newWorld(t)
	for _, story := range []struct {
		name string
		tell func(*world, *testing.T, context.Context)
	}{
		{"doors", (*world).doors},
		{"whole path", (*world).wholePath},
		{"without scripts", (*world).withoutScripts},
		{"decliner", (*world).decliner},
		{"opener", (*world).opener},
	} {
		t.Run(story.name, func(t *testing.T) { story.tell(w, t, first) })
	}
}

// doors are the pages of those who do not come in.
func (w *world) doors(t *testing.T, first context.Context) {
	b := w.open(t, first, "doors")
	b.visit("/nowhere", "error")
	b.status(404)
	b.visit("/signin", "signin")
	b.visit("/signup", "signup")
	b.send("signup")
	b.status(422)
	child := person{given: "Theodora", family: "Nightingale", birth: time.Now().AddDate(-10, 0, 0).Format(time.DateOnly), sex: "other"}
	b.fill("given", child.given, "family", child.family, "email", child.email(), "birth_date", child.birth)
	b.choose("sex", child.sex)
	b.take("state", "MA")
	b.send("under-age")
	b.status(403)
	b.visit("/dev/mail", "devmail")
	if n := b.count("article"); n != 0 {
		b.Errorf("%d mails were sent to a child", n)
	}
	b.visit("/home", "signin")
	b.silent()
}

// wholePath is the main job as one person goes through it, twice where a person may.
func (w *world) wholePath(t *testing.T, first context.Context) {
	b, p := w.open(t, first, "path"), &w.people[0]
	b.join(p)
	b.sign(p)
	b.decide(p, "yes")
	patient := ask[string](b, `document.querySelector("main").dataset.patient`)
	b.connect(p.record)
	b.until(`document.querySelector("[data-connection]").dataset.state === "complete"`)
	b.shows("connections")
	b.visit("/home", "home")
	b.task("connect", "done")
	b.survey()
	b.bookTwice()
	center := w.open(t, first, "center")
	center.staffed("center-nurse", "center", "center", "center")
	center.measure(patient)
	b.visit("/home", "home")
	b.task("measurements", "done")
	b.leave(p)
	b.comeAgain(p)
	b.silent()
	center.silent()
}

// join makes the account; a wrong code is no way in.
func (b *tab) join(p *person) {
	b.Helper()
	b.signUp(p)
	b.fill("code", "000000")
	b.send("confirm")
	b.status(422)
	b.confirm(p, "enroll")
	b.fill("code", "12345")
	b.press(enrolls, "enroll")
	b.status(422)
	b.enroll(p)
}

// sign gives the research consent: one wrong answer before, and the signature
// sent twice at the same time, and once more after going back.
func (b *tab) sign(p *person) {
	b.Helper()
	b.read()
	b.wrongly()
	b.send("sign")
	b.send("sign")
	b.status(422)
	b.visit("/consent/research/sign", "sign")
	b.agree(p)
	b.once(b.twice("main form"))
	b.again(p)
	b.onlyOne()
	b.sealed(b.download(`a[href$=".pdf"]`))
	b.visit("/consent/ehr", "ehr")
	b.send("ehr")
	b.status(422)
}

// leave withdraws, with the confirmation that it needs, and looks at what stays.
func (b *tab) leave(p *person) {
	b.Helper()
	b.visit("/withdraw", "withdraw")
	b.send("withdraw")
	b.status(422)
	b.choose("confirm", "withdraw")
	b.fill("printed_name", p.name())
	b.send("home")
	b.tells("You left the study")
	b.visit("/documents", "documents")
	b.tells("Left the study")
	b.visit("/connections", "connections")
	if state := ask[string](b, `document.querySelector("[data-connection]").dataset.state`); state != "stopped" {
		b.Errorf("the connection is %s after leaving", state)
	}
}

// comeAgain signs out and in again, which takes the mailed code and the authenticator's.
func (b *tab) comeAgain(p *person) {
	b.Helper()
	b.press(`form[action="/signout"] button`, "landing")
	b.visit("/documents", "signin")
	b.fill("email", p.email())
	b.send("confirm")
	b.confirm(p, "factor")
	b.fill("code", b.code(p, time.Now().Add(-time.Hour)))
	b.send("factor")
	b.status(422)
	b.fill("code", b.code(p, time.Now().Add(30*time.Second)))
	b.send("documents")
}

// withoutScripts is the path to the visit in a browser that runs none, with a
// provider's record that is somebody else's until staff have looked.
func (w *world) withoutScripts(t *testing.T, first context.Context) {
	b, p := w.open(t, first, "plain"), &w.people[1]
	b.scripts = false
	b.runScripts(false)
	b.signUp(p)
	b.confirm(p, "enroll")
	b.enroll(p)
	patient := ask[string](b, `document.querySelector("main").dataset.patient`)
	b.read()
	b.send("sign")
	b.agree(p)
	b.send("ehr")
	b.decide(p, "yes")
	b.connect(w.people[2].record)
	b.until(`document.querySelector("[data-connection]").dataset.state === "held"`)
	b.shows("connections")
	staff := w.open(t, first, "staff")
	staff.staffed("study-nurse", "study", "staff", "cohort")
	w.faults.Set(sandbox.Misbehaviour{Malformed: "Condition"})
	staff.letIn(patient)
	b.visit("/connections?still=1", "connections")
	b.visit("/connections", "connections")
	b.until(`document.querySelector("[data-connection]").dataset.state === "partial"`)
	b.shows("connections")
	b.tells("set aside")
	staff.inspectQuarantine(patient)
	w.faults.Set(sandbox.Misbehaviour{})
	b.press(`form[action$="/retry"] button`, "connections")
	b.until(`document.querySelector("[data-connection]").dataset.state === "complete"`)
	b.survey()
	b.times()
	b.press(`button[name="slot"]`, "visits")
	if n := b.count("[data-visit]"); n != 1 {
		b.Errorf("%d visits are booked", n)
	}
	b.silent()
	staff.silent()
}

// decliner keeps the health records and may answer surveys, but not visit.
func (w *world) decliner(t *testing.T, first context.Context) {
	b, p := w.open(t, first, "decliner"), &w.people[2]
	b.signUp(p)
	b.confirm(p, "enroll")
	b.enroll(p)
	b.read()
	b.send("sign")
	b.agree(p)
	b.send("ehr")
	b.decide(p, "no")
	b.survey()
	b.task("visit", "closed")
	b.visit("/providers", "providers")
	if n := b.count("[data-provider]"); n != 0 {
		b.Error("a provider is offered to someone who keeps the records")
	}
	b.visit("/visits", "visits")
	b.refused()
	b.comes("not-eligible", chromedp.Evaluate[chromedp.Void](`(() => {
		const f = document.createElement("form");
		f.method = "post"; f.action = "/visits/book"; f.innerHTML = '<input name="slot" value="any">';
		document.body.append(f); f.submit();
	})()`))
	b.status(403)
	b.refused()
	b.silent()
}

// refused holds a page to its reasons, and to offering no time.
func (b *tab) refused() {
	b.Helper()
	if b.count(`[data-barrier="ehr"]`) != 1 || b.count(`button[name="slot"]`) != 0 {
		b.Error("the page does not refuse the visit with its reason")
	}
}
