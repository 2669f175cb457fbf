package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tributary/internal/access"
	"tributary/internal/cohort/cohorttest"
	"tributary/internal/consent"
	"tributary/internal/portal/staff"
	"tributary/internal/portal/studies"
	"tributary/internal/portal/web"
	"tributary/internal/program/programtest"
	"tributary/internal/session"
	"tributary/internal/session/embedded"
	"tributary/internal/store/storetest"
)

// console is the study's staff's pages, and those where participants read what these
// write, with people who are made without going through the other pages.
type console struct {
	*world
	people   *cohorttest.World
	patients []string
}

// in is where a browser of these tests comes in: with a session of its own.
const in = "/in"

func newConsole(t *testing.T, people int) *console {
	t.Helper()
	clock := programtest.NewClock()
	c := &console{people: cohorttest.New(t, storetest.SQLite(t, storetest.Options{Now: clock.Now}), clock)}
	handler := c.serve(t, clock)
	c.world = &world{base: handler.URL, study: c.people.Study, axe: axeSource(t), looked: map[string]bool{}, screens: screenFolder(t)}
	for n := range people {
		c.add(t, n)
	}
	return c
}

// add is somebody who came as far as their number says.
func (c *console) add(t *testing.T, n int) {
	t.Helper()
	var kinds []consent.Kind
	if n%5 > 0 {
		kinds = append(kinds, consent.Research)
	}
	if n%5 > 1 {
		kinds = append(kinds, consent.EHR)
	}
	patient := c.people.Joined(t, cohorttest.Somebody(n), kinds...)
	if n%5 > 2 {
		c.people.Answered(t, patient, "basics", map[string]string{"education": []string{"none", "high-school", "degree"}[n%3]})
	}
	if n%5 > 3 {
		c.people.Visited(t, patient, "fulfilled")
	}
	c.patients = append(c.patients, patient)
}

// serve furnishes a site with the two rooms, and a door for these tests.
func (c *console) serve(t *testing.T, clock *programtest.Clock) *httptest.Server {
	t.Helper()
	kept, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "sessions.db"), clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	w := c.people
	site := web.New(web.Config{Study: w.Study, People: w.Accounts, Now: clock.Now,
		Sessions:      session.NewSessions(kept, session.Options{Name: "tributary", Now: clock.Now}),
		StaffSessions: session.NewSessions(kept, session.Options{Name: "tributary_staff", Now: clock.Now})})
	pages, err := site.Handler(studies.New(studies.Config{Site: site, News: w.News}).Room(),
		staff.New(staff.Config{Site: site, Cohort: w.Cohort, News: w.News, Program: w.Program, Consent: w.Consent, Surveys: w.Surveys, Visits: w.Visits, Connections: noConnections{}}).Room())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc("GET "+in, func(rw http.ResponseWriter, r *http.Request) {
		err := site.StaffSessions.Renew(rw, r, session.Data{Account: r.FormValue("staff"), Role: string(access.StudyStaff)})
		to := "/staff"
		if patient := r.FormValue("patient"); patient != "" {
			err, to = site.Sessions.Renew(rw, r, session.Data{Account: "a", Patient: patient, SecondFactorAt: clock.Now(), Values: map[string]string{web.KeyEnrolled: "yes"}}), "/news"
		}
		if err != nil {
			t.Error(err)
		}
		http.Redirect(rw, r, to, http.StatusSeeOther)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// noConnections: the provider side has tests of its own.
type noConnections struct{}

func (noConnections) Of(context.Context, access.Actor, string) ([]staff.Connection, error) {
	return []staff.Connection{{Provider: "Harbor Health", State: "lapsed", Reason: "refresh"}}, nil
}

func (noConnections) Provider(id string) string { return id }

// speaks changes the page's language.
func (b *tab) speaks(lang, want string) {
	b.Helper()
	if ask[string](b, "document.documentElement.lang") != lang {
		b.press("form.language button", want)
	}
}

func TestStudyConsole(t *testing.T) {
	first := chrome(t)
	c := newConsole(t, 110)
	for lang, story := range map[string]string{"en": "console-en", "es": "console-plain-es"} {
		t.Run(story, func(t *testing.T) {
			b := c.open(t, first, story)
			if b.scripts = lang == "en"; !b.scripts {
				b.runScripts(false)
			}
			c.tour(b, lang)
		})
	}
	t.Run("decisions", func(t *testing.T) { c.twoDecide(t, first) })
	t.Run("invitations", func(t *testing.T) { c.invite(t, first) })
}

// tour goes to every page of the console.
func (c *console) tour(b *tab, lang string) {
	b.visit(in+"?staff=sam", "cohort")
	b.speaks(lang, "cohort")
	for _, table := range []string{"total", "month", "sex", "age", "race-ethnicity"} {
		if b.count(`table[data-funnel="`+table+`"] td`) == 0 {
			b.Errorf("the table %s has nothing", table)
		}
	}
	if n := ask[string](b, `document.querySelector('table[data-funnel="total"] [data-step="0"]').innerText`); n == "" || n == "–" {
		b.Errorf("%q people joined", n)
	}
	b.visit("/staff/participants", "find")
	b.send("find")
	b.status(422)
	p := cohorttest.Somebody(4)
	b.fill("name", p.Name(), "birth_date", p.Born)
	b.send("find")
	b.press("[data-found] a", "participant")
	if b.count("[data-milestone]") == 0 || b.count("[data-consent]") == 0 {
		b.Error("no milestones, or no consents")
	}
	b.visit("/staff/participants/nobody", "error")
	b.status(404)
	b.visit("/staff/work", "work")
	for _, list := range []string{"connections", "reconsent", "lapsing", "noshow", "samples", "duplicates"} {
		b.visit("/staff/work/"+list, "worklist")
	}
	b.visit("/staff/decisions", "decisions")
	b.visit("/staff/releases", "releases")
	b.visit("/staff/invitations", "invitations")
	b.visit("/staff/news", "announce")
	b.send("announce")
	b.status(422)
	b.fill("title.en", "What we found", "text.en", "Sleep helps.", "title.es", "Lo que hallamos", "text.es", "Dormir ayuda.")
	b.choosing("topic", "findings")
	b.send("announce")
	if b.count(`[data-told="findings"]`) == 0 {
		b.Error("nothing was told")
	}
}

// choosing picks an option of a list.
func (b *tab) choosing(name, value string) {
	b.Helper()
	ask[bool](b, fmt.Sprintf(`(e => { e.value = %q; return true })(document.querySelector('select[name="%s"]'))`, value, name))
}

// twoDecide: one asks, cannot decide alone, another approves; a message goes out before.
func (c *console) twoDecide(t *testing.T, first context.Context) {
	patient := c.patients[9]
	one := c.open(t, first, "decisions-one")
	one.visit(in+"?staff=sam", "cohort")
	one.visit("/staff/participants/"+patient, "participant")
	one.do(chromedp.Click(chromedp.CSS("#messages summary")))
	one.fill("title.en", "Your question", "text.en", "We will call you.")
	one.choosing("topic", "account")
	one.press("#messages form button", "participant")
	if one.count(`[data-told="account"]`) != 1 {
		t.Error("the message is not shown")
	}
	one.do(chromedp.Click(chromedp.CSS("#change summary")))
	one.press("#change form .actions button", "participant") // nothing chosen
	one.status(422)
	one.choose("kind", "withdraw")
	one.fill("evidence", "A letter of 2 March asks for it.")
	one.press("#change form .actions button", "decisions")
	if one.count("main form button[value=approve]") != 0 {
		t.Error("who asked can approve")
	}
	other := c.open(t, first, "decisions-other")
	other.visit(in+"?staff=kim", "cohort")
	other.press(`a[data-list="decisions"]`, "decisions")
	other.press("button[value=deny]", "decisions")
	other.status(422)
	other.press("button[value=approve]", "decisions")
	other.visit("/staff/participants/"+patient, "error")
	other.visit("/staff/participants", "find")
	other.fill("id", patient)
	other.send("find")
	if other.count("[data-left=yes]") != 1 {
		t.Error("it is not told that the person has left")
	}
	one.silent()
	other.silent()
}

// invite: staff invite, a participant answers in every way, and turns mails off.
func (c *console) invite(t *testing.T, first context.Context) {
	b := c.open(t, first, "invite")
	b.visit(in+"?staff=sam", "cohort")
	b.visit("/staff/invitations", "invitations")
	b.fill("query", "nonsense=1")
	b.press("button[value=count]", "invitations")
	b.status(422)
	b.fill("query", "gender=female,male")
	b.press("button[value=count]", "invitations")
	if b.count("[data-counted]") != 1 {
		t.Error("nothing was counted")
	}
	b.press("button[value=send]", "invitations")
	c.people.Work(t)
	c.people.Clock.Advance(10 * time.Minute)
	b.visit("/staff/invitations", "invitations")
	for _, lang := range []string{"en", "es"} {
		c.reads(c.open(t, first, "studies-"+lang), lang, c.patients[map[string]int{"en": 1, "es": 2}[lang]])
	}
}

// reads is a participant who looks at the news and answers.
func (c *console) reads(p *tab, lang, patient string) {
	p.visit(in+"?patient="+patient, "news")
	p.speaks(lang, "news")
	unread := p.count("[data-unread=true]")
	if unread == 0 || p.count(".count") == 0 {
		p.Errorf("%d are unread", unread)
	}
	p.press(`[data-topic="studies"] a`, "message")
	p.press(`a[href="/studies"].button`, "studies")
	for _, step := range []struct{ answer, status string }{{"later", "candidate"}, {"no", "not-registered"}, {"yes", "eligible"}, {"leave", "withdrawn"}, {"yes", "eligible"}} {
		p.press(`button[value="`+step.answer+`"]`, "studies")
		if got := ask[string](p, `document.querySelector("[data-study]").dataset.status`); got != step.status {
			p.Errorf("after %s it is %s", step.answer, got)
		}
	}
	p.visit("/news", "news")
	if left := p.count("[data-unread=true]"); left != unread-1 {
		p.Errorf("%d are unread, of %d", left, unread)
	}
	p.visit("/news/mail", "mails")
	p.choose("topic", "news")
	p.send("mails")
	if p.count(`input[value="news"]:checked`) != 1 || p.count("[role=status]") != 1 {
		p.Error("the choice is not kept")
	}
	c.stops(p, patient)
	p.silent()
}

// unsubscribe is the link of a mail, on this site.
func unsubscribe(text string) string {
	_, link, _ := strings.Cut(text, "/news/unsubscribe")
	link, _, _ = strings.Cut(link, "\n")
	return "/news/unsubscribe" + link
}

// stops follows the link of a mail, without being signed in.
func (c *console) stops(p *tab, patient string) {
	p.Helper()
	account, err := c.people.Accounts.Person(context.Background(), patient)
	if err != nil {
		p.Fatal(err)
	}
	mails, err := c.people.Mailbox.Latest(context.Background(), account.Email)
	if err != nil || len(mails) == 0 {
		p.Fatal("no mail", err)
	}
	p.visit("/news/unsubscribe?t=nonsense", "error")
	p.status(400)
	for _, m := range mails {
		link := unsubscribe(m.Text)
		if _, topic, err := c.people.News.Stop(strings.TrimPrefix(link, "/news/unsubscribe?t=")); err == nil && topic.ID == "studies" {
			p.visit(link, "unsubscribe")
		}
	}
	p.send("unsubscribe")
	all, err := c.people.News.Preferences(context.Background(), patient)
	if err != nil {
		p.Fatal(err)
	}
	for _, one := range all {
		if one.ID == "studies" && one.Wanted {
			p.Error("the mails are not turned off")
		}
	}
}
