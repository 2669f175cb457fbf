package browsertest

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tributary/connectors/sandbox"
)

// TestJourney is a participant's whole way on a phone, in each language, with all the
// others who have a part in it: the provider, a center, the study's staff, a warehouse.
func TestJourney(t *testing.T) {
	for _, lang := range []string{"en", "es"} {
		t.Run(lang, func(t *testing.T) {
			first := chrome(t)
			newWorld(t, onRedis(lang == "es")).journey(t, first, lang)
		})
	}
}

// phone opens a browser of 360 pixels whose owner reads the language.
func (w *world) phone(t *testing.T, first context.Context, story, lang string) *tab {
	t.Helper()
	b := w.desk(t, first, story, lang)
	b.small = true
	b.do(phone)
	b.visit("/", "landing")
	b.speaks(lang, "landing")
	return b
}

// desk opens a browser of 1280 pixels, which is looked at in both sizes.
func (w *world) desk(t *testing.T, first context.Context, story, lang string) *tab {
	t.Helper()
	b := w.open(t, first, story+"-"+lang)
	b.lang = lang
	return b
}

// journey is told in chapters; each begins where the one before has ended.
func (w *world) journey(t *testing.T, first context.Context, lang string) {
	b, p := w.phone(t, first, "journey", lang), &w.people[0]
	patient := b.begins(p)
	b.shares(p)
	b.survey()
	b.books(p)
	center := w.desk(t, first, "journey-center", lang)
	center.staffed("nurse", "center", "center", "center")
	center.speaks(lang, "center")
	center.receives(patient)
	b.readsResults()
	w.release(t)
	b.looksAtData()
	b.isInvited(w.desk(t, first, "journey-staff", lang), patient)
	b.losesAccess(p)
	w.amend(t)
	b.signsAgain(p)
	center.enrolls(w.phone(t, first, "journey-walkin", lang), &w.people[1])
	b.pauses(p)
	b.leavesForGood(p)
	for _, one := range []*tab{b, center} {
		one.silent()
	}
	w.discreet(t)
}

// begins joins, reads with the first film, answers with a retry, and signs with a
// finger; it returns the participant's id.
func (b *tab) begins(p *person) (patient string) {
	b.Helper()
	b.join(p)
	patient = ask[string](b, `document.querySelector("main").dataset.patient`)
	b.press(`.next a`, "consent")
	b.press(`a[href="/consent/research/modules/1"].button`, "module")
	b.watches()
	b.changesDevice(p)
	b.visit("/home", "home")
	b.read()
	b.wrongly()
	b.send("sign")
	b.agree(p)
	b.draws()
	b.send("ehr")
	b.visit("/documents", "documents")
	b.sealed(b.download(`a[href$=".pdf"]`))
	return patient
}

// watches plays the film of a module, which has captions in the page's language.
func (b *tab) watches() {
	b.Helper()
	const play = `(async () => {
		const film = document.querySelector("video"), captions = film.textTracks[0];
		captions.mode = "showing"; film.muted = true;
		await film.play();
		await new Promise(on => film.addEventListener("timeupdate", () => film.currentTime > 0.2 && on()));
		film.pause();
		return captions.language + " " + (captions.cues.length > 0);
	})()`
	if got := ask[string](b, play, chromedp.EvalAwaitPromise); got != b.lang+" true" {
		b.Errorf("the film's captions are %q", got)
	}
}

// changesDevice signs out, and goes on elsewhere: with the mailed code, the
// authenticator's, and in the language that was chosen.
func (b *tab) changesDevice(p *person) {
	b.Helper()
	b.press(`form[action="/signout"] button`, "landing")
	b.visit("/consent/research/modules/2", "signin")
	b.fill("email", p.email())
	b.send("confirm")
	b.confirm(p, "factor")
	b.fill("code", b.code(p, time.Now().Add(30*time.Second)))
	b.send("module")
}

// shares says yes to sharing health records and connects a provider, of whose records
// some cannot be read.
func (b *tab) shares(p *person) {
	b.Helper()
	b.visit("/consent/ehr", "ehr")
	b.decide(p, "yes")
	b.faults.Set(sandbox.Misbehaviour{TokenTTL: 1, Malformed: "Condition"})
	b.connect(p.record)
	b.until(`document.querySelector("[data-connection]").dataset.state === "partial"`)
	b.shows("connections")
}

// books takes a time, changes it, and puts it in a calendar.
func (b *tab) books(p *person) {
	b.Helper()
	b.times()
	b.press(`button[name="slot"]`, "visits")
	b.press(`a[href^="/visits?change="]`, "visits")
	b.press(`a[data-site="`+b.study.Sites[0].ID+`"]`, "visits")
	b.press(`.day:nth-of-type(2) button[name="slot"]`, "visits")
	if n := b.count("[data-visit]"); n != 1 {
		b.Errorf("%d visits are booked", n)
	}
	raw, err := os.ReadFile(b.download(`a[href$="/calendar.ics"]`))
	if err != nil || !strings.HasPrefix(string(raw), "BEGIN:VCALENDAR\r\n") || strings.Count(string(raw), "BEGIN:VEVENT") != 1 {
		b.Errorf("the calendar's file is %.100q, %v", raw, err)
	}
	b.saysNothing("the calendar's file", string(raw))
	b.visit("/home", "home")
	b.task("visit", "done")
}

// readsResults looks at what was measured, and what it means.
func (b *tab) readsResults() {
	b.Helper()
	b.visit("/home", "home")
	b.task("measurements", "done")
	b.visit("/visits", "visits")
	b.press(`a[href="/visits/results"]`, "results")
	if b.count("[data-result]") == 0 || b.count("[data-result] .tone, .tone[data-result]") == 0 {
		b.Error("no results, or none with its meaning")
	}
}
