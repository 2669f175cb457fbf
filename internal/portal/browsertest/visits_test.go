package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/consent"
	"tributary/internal/portal/center"
	"tributary/internal/portal/visits"
	"tributary/internal/portal/web"
	"tributary/internal/program/programtest"
	"tributary/internal/session"
	"tributary/internal/session/embedded"
	"tributary/internal/store/storetest"
)

// clinic is the pages about visits, of participants and of the centers, with people
// who are made without going through the other pages.
type clinic struct {
	*world
	people *programtest.World
}

func newClinic(t *testing.T) *clinic {
	t.Helper()
	clock := programtest.NewClock()
	c := &clinic{people: programtest.New(t, storetest.SQLite(t, storetest.Options{Now: clock.Now}), clock)}
	handler := c.serve(t, clock)
	c.world = &world{base: handler.URL, study: c.people.Study, axe: axeSource(t), looked: map[string]bool{}, screens: screenFolder(t)}
	return c
}

// The doors of these tests: a session as a participant, or as staff of a center.
const (
	doorOfPerson = "/door/person"
	doorOfCenter = "/door/center"
)

func (c *clinic) serve(t *testing.T, clock *programtest.Clock) *httptest.Server {
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
	pages, err := site.Handler(visits.New(visits.Config{Site: site, Program: w.Program, Visits: w.Visits, Measurements: w.Measurements, Biosamples: w.Biosamples}).Room(),
		center.New(center.Config{Site: site, Accounts: w.Accounts, Consent: w.Consent, Visits: w.Visits, Measurements: w.Measurements, Biosamples: w.Biosamples}).Room())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	enter := func(path, to string, renew func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc("GET "+path, func(rw http.ResponseWriter, r *http.Request) {
			if err := renew(rw, r); err != nil {
				t.Error(err)
			}
			http.Redirect(rw, r, to, http.StatusSeeOther)
		})
	}
	enter(doorOfPerson, "/visits", func(rw http.ResponseWriter, r *http.Request) error {
		return site.Sessions.Renew(rw, r, session.Data{Account: "a", Patient: r.FormValue("patient"), SecondFactorAt: clock.Now(), Values: map[string]string{web.KeyEnrolled: "yes"}})
	})
	enter(doorOfCenter, "/center", func(rw http.ResponseWriter, r *http.Request) error {
		return site.StaffSessions.Renew(rw, r, session.Data{Account: "kim", Role: string(access.CenterStaff), Values: map[string]string{"site": c.study.Sites[0].ID}})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// joined is somebody who has an account, and has agreed to what is named.
func (c *clinic) joined(t *testing.T, n int, kinds ...consent.Kind) (patient string) {
	t.Helper()
	p := account.Person{Given: "Wilhelmina", Family: fmt.Sprintf("Featherstone %c", 'A'+n), Email: fmt.Sprintf("mina%d@mail.example", n), Born: "1980-12-31", Sex: "female", State: "MA"}
	patient = c.people.Join(t, p)
	for _, k := range kinds {
		c.people.Agree(t, patient, k, p.Name())
	}
	return patient
}

// eligible is somebody who may book a visit.
func (c *clinic) eligible(t *testing.T, n int) (patient string) {
	t.Helper()
	patient = c.joined(t, n, consent.Research, consent.EHR)
	me := access.Actor{Role: access.Participant, ID: "account", Patient: patient, Unscoped: true, Purpose: "PATRQT"}
	answers := url.Values{"q.general-health": {"LA9206-9"}, "q.education": {"degree"}, "q.household": {"3"}, "q.smoking": {"266919005"}, "q.sleep": {"7"}}
	if err := c.people.Surveys.Submit(t.Context(), me, "basics", answers); err != nil {
		t.Fatal(err)
	}
	return patient
}

// inLanguage shows the page in a language.
func (b *tab) inLanguage(lang, want string) {
	b.Helper()
	if ask[string](b, "document.documentElement.lang") != lang {
		b.press("form.language button", want)
	}
}

// lists picks an option of a list.
func (b *tab) lists(selector, value string) {
	b.Helper()
	ask[bool](b, fmt.Sprintf(`(e => { e.value = %q; return true })(document.querySelector(%q))`, value, selector))
}

// writes replaces what a field holds.
func (b *tab) writes(selector, text string) {
	b.Helper()
	b.lists(selector, "")
	if text != "" {
		b.do(typeInto(selector, text))
	}
}

// opens shows what is folded away.
func (b *tab) opens(selector string) {
	b.Helper()
	ask[bool](b, fmt.Sprintf(`(e => { e.open = true; return true })(document.querySelector(%q))`, selector))
}

func TestVisits(t *testing.T) {
	first := chrome(t)
	c := newClinic(t)
	for n, lang := range []string{"en", "es"} { // in Spanish without scripts
		t.Run(lang, func(t *testing.T) {
			open := func(story string) *tab {
				b := c.open(t, first, story+"-"+lang)
				if b.scripts = lang == "en"; !b.scripts {
					b.runScripts(false)
				}
				return b
			}
			c.stranger(t, open("visits-stranger"), lang, 100+n)
			c.visitor(t, open("visits"), lang, n)
			c.nurse(t, open("center"), lang, 200+n)
		})
	}
}

// stranger is told why visits are not open.
func (c *clinic) stranger(t *testing.T, b *tab, lang string, n int) {
	b.visit(doorOfPerson+"?patient="+c.joined(t, n, consent.Research), "visits")
	b.inLanguage(lang, "visits")
	if b.count("[data-barrier]") != 2 || b.count("[data-site]") != 0 {
		b.Error("the barriers are not told, or centers are offered")
	}
	b.visit("/visits/results", "results")
}

// visitor books, moves and cancels a visit, and reads what was measured at another.
func (c *clinic) visitor(t *testing.T, b *tab, lang string, n int) {
	patient := c.eligible(t, n)
	b.visit(doorOfPerson+"?patient="+patient, "visits")
	b.inLanguage(lang, "visits")
	b.fill("near", "Boston")
	b.press(".nearby button", "visits")
	b.status(422)
	b.writes("#near", "85004")
	b.lists("#zone", "America/Los_Angeles")
	b.press(".nearby button", "visits")
	if nearest := ask[string](b, `document.querySelector("[data-site]").dataset.site`); nearest != "mesa-clinic" {
		b.Errorf("the nearest center is %s", nearest)
	}
	b.press(`[data-site="`+c.study.Sites[0].ID+`"]`, "visits")
	if b.count(".slots small") == 0 {
		b.Error("times are in one zone only")
	}
	b.press(`button[name="slot"]`, "visits")
	before := ask[string](b, `document.querySelector("[data-visit] h2").innerText`)
	file := ask[string](b, `fetch(document.querySelector("a[href$='.ics']").href).then(r => r.text())`, chromedp.EvalAwaitPromise)
	if !strings.Contains(file, "BEGIN:VCALENDAR\r\n") || !strings.Contains(file, "SEQUENCE:0\r\n") || strings.Contains(file, "Featherstone") {
		b.Errorf("the calendar file is %s", file)
	}
	b.press(`a[href^="/visits?change="]`, "visits")
	b.press(`[data-site="`+c.study.Sites[0].ID+`"]`, "visits")
	b.press(`.day:last-of-type button[name="slot"]`, "visits")
	if after := ask[string](b, `document.querySelector("[data-visit] h2").innerText`); after == before || b.count("[data-visit]") != 1 {
		b.Errorf("moved from %s to %s", before, after)
	}
	b.press(`form[action="/visits/cancel"] button`, "visits")
	if b.count("[data-visit]") != 0 {
		b.Error("the visit is still there")
	}
	c.measured(t, patient)
	b.visit("/visits", "visits")
	b.press(`.note.good a`, "results")
	if b.count(".tone.care") != 1 || b.count(".tone.look") == 0 {
		b.Error("the meaning of the values is not told")
	}
}

var nurse = access.Actor{Role: access.CenterStaff, ID: "kim", Site: "harbor-clinic", Unscoped: true, Purpose: "HOPERAT"}

// measured takes measurements, with a high blood pressure.
func (c *clinic) measured(t *testing.T, patient string) {
	t.Helper()
	w := c.people
	v, err := w.Visits.WalkIn(t.Context(), nurse, patient)
	if err != nil {
		t.Fatal(err)
	}
	s, err := programtest.Session(w.Study, "systolic_2", "190", "systolic_3", "188", "heart_rate_2", "104", "heart_rate_3", "103")
	if err == nil {
		err = w.Measurements.Take(t.Context(), nurse, v.ID, s)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// nurse goes through a day at a center.
func (c *clinic) nurse(t *testing.T, b *tab, lang string, n int) {
	booked := c.eligible(t, n)
	free, err := c.people.Visits.Free(t.Context(), nurse.Site, 100)
	if err == nil {
		_, err = c.people.Visits.Book(t.Context(), booked, free[len(free)-1].ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.visit(doorOfCenter, "center")
	b.inLanguage(lang, "center")
	patient := c.enrolled(t, b, n)
	c.measures(b, patient)
	c.corrects(b, patient)
	c.samples(b, patient)
	c.hours(b, booked, free[len(free)-1].Start)
}

// enrolled makes an account for somebody who is there, and lets them agree.
func (c *clinic) enrolled(t *testing.T, b *tab, n int) (patient string) {
	p := account.Person{Given: "Bartholomew", Family: fmt.Sprintf("Quillfeather %d", n), Email: fmt.Sprintf("bart%d@mail.example", n), Born: "1970-02-03"}
	b.visit("/center/enroll", "enroll-walkin")
	b.press("main form button", "enroll-walkin")
	b.status(422)
	b.fill("given", p.Given, "family", p.Family, "email", p.Email, "birth_date", time.Now().AddDate(-5, 0, 0).Format(time.DateOnly))
	b.choose("sex", "male", "identified", "yes")
	b.lists("#state", "MA")
	b.press("main form button", "not-admitted")
	b.status(403)
	b.visit("/center/enroll", "enroll-walkin")
	b.fill("given", p.Given, "family", p.Family, "email", p.Email, "birth_date", p.Born)
	b.choose("sex", "male", "identified", "yes")
	b.lists("#state", "MA")
	b.press("main form button", "enroll-code")
	b.fill("code", "000000")
	b.press("main form button", "enroll-code")
	b.status(422)
	b.writes("#code", c.people.Code(t, p.Email))
	b.press("main form button", "center")
	patient = ask[string](b, `document.querySelector('tr[data-status="arrived"]').dataset.patient`)
	for _, tr := range ask[[]string](b, `[...document.querySelectorAll('tr[data-status="arrived"]')].filter(r => r.innerText.includes("`+p.Family+`")).map(r => r.dataset.patient)`) {
		patient = tr
	}
	c.people.Agree(t, patient, consent.Research, p.Name())
	return patient
}

// row is a participant's on the page of the visits.
func row(patient string) string { return fmt.Sprintf(`tr[data-patient="%s"]`, patient) }

// measures records a set that staff must act on.
func (c *clinic) measures(b *tab, patient string) {
	b.visit("/center", "center")
	b.press(row(patient)+` a[href$="/measurements"]`, "measure")
	b.press("main form button.button", "measure")
	b.status(422)
	b.choose("pregnant", "no", "wheelchair", "yes", "symptoms", "yes")
	b.fill("height", "172.0", "weight", "72.5")
	for n := 1; n <= 3; n++ {
		b.fill(fmt.Sprintf("systolic_%d", n), fmt.Sprint(94+n), fmt.Sprintf("diastolic_%d", n), fmt.Sprint(54+n), fmt.Sprintf("heart_rate_%d", n), fmt.Sprint(66+n))
	}
	b.press("main form button.button", "alert")
	if b.count(`[data-alert="emergent"] li`) == 0 {
		b.Error("staff are not told what to do")
	}
}

// corrects amends the set, and cancels it.
func (c *clinic) corrects(b *tab, patient string) {
	b.visit("/center", "center")
	b.press(row(patient)+` a[href$="/results"]`, "taken")
	b.press(`a[href$="/amend"]`, "measure")
	if got := ask[string](b, `document.getElementById("systolic_2").value`); got != "96" {
		b.Errorf("the form holds %q of the second reading", got)
	}
	b.writes("#weight", "71.5")
	b.press("main form button.button", "measure")
	b.status(422)
	b.fill("reason", "The scale was not at zero.")
	b.press("main form button.button", "taken")
	if b.count(`[data-set][data-status="amended"]`) != 1 || b.count(`[data-set][data-status="entered-in-error"]`) != 1 {
		b.Error("the correction is not shown beside the original")
	}
	b.opens("[data-set] details")
	b.do(typeInto(`[data-set] details input`, "Another person's values."))
	b.press("[data-set] details button", "taken")
	if b.count(`[data-set][data-status="entered-in-error"]`) != 2 {
		b.Error("the set still counts")
	}
}

// samples orders, labels, collects and cancels.
func (c *clinic) samples(b *tab, patient string) {
	b.visit("/center", "center")
	b.press(row(patient)+` a[href$="/samples"]`, "samples")
	b.press(`[data-kit="saliva"] form button`, "samples")
	b.status(422)
	b.press(`[data-kit="blood"] form button`, "samples")
	b.press(`[data-order] a[href$="/labels"]`, "labels")
	if b.count("[data-label] img") != 3 || strings.Contains(ask[string](b, `document.querySelector("main").innerText`), "Quillfeather") {
		b.Error("the labels are not three, or they name somebody")
	}
	if ask[int](b, `document.querySelector("[data-label] img").naturalWidth`) == 0 {
		b.Error("the barcode is not shown")
	}
	b.press(`a[href$="/samples"]`, "samples")
	b.opens(`[data-kit="blood"] form details`)
	b.do(chromedp.Click(chromedp.CSS(`[data-kit="blood"] input[value="SST"]`)), typeInto(`[data-kit="blood"] form details input[name="note"]`, "The vein collapsed."))
	b.press(`[data-kit="blood"] form[action$="/step"] button`, "samples")
	b.press(`[data-kit="blood"] form[action$="/step"] button`, "samples")
	b.press(`[data-kit="blood"] form[action$="/step"] button`, "samples")
	if b.count(`[data-order][data-state="finalized"]`) != 1 {
		b.Error("the blood is not handed over")
	}
	b.press(`[data-kit="urine"] form button`, "samples")
	b.opens(`[data-kit="urine"] > details`)
	b.lists(`[data-kit="urine"] select[name="reason"]`, "label")
	b.press(`[data-kit="urine"] form[action$="/cancel"] button`, "samples")
	if b.count(`[data-order][data-state="cancelled"]`) != 1 {
		b.Error("the order is not cancelled")
	}
}

// hours closes the day of a booked visit, which is then moved; and opens it again.
func (c *clinic) hours(b *tab, patient string, at time.Time) {
	b.visit("/center/hours", "hours")
	b.writes("#minutes", "5")
	b.press("main form button.button", "hours")
	b.status(422)
	b.visit("/center/hours", "hours")
	day := at.Format(time.DateOnly)
	b.lists("#closed-from-0", day)
	b.do(typeInto("#closed-reason-0", "Painters"))
	b.press("main form button.button", "hours")
	if b.count("[data-beyond]") != 1 {
		b.Error("a booked visit on a closed day is not told")
	}
	b.press("[data-beyond] a", "move")
	b.press(`button[name="slot"]`, "center")
	b.visit("/center/hours", "hours")
	if b.count("[data-beyond]") != 0 {
		b.Error("the visit was not moved")
	}
	for _, field := range []string{"from", "to", "reason"} {
		b.lists("#closed-"+field+"-0", "")
	}
	b.press("main form button.button", "hours")
	visits, err := c.people.Visits.Of(context.Background(), patient)
	if err != nil || len(visits) != 1 {
		b.Fatal(visits, err)
	}
	b.visit("/center/appointments/"+visits[0].ID+"/move", "move")
	b.opens("main details")
	b.press("main details button", "center")
}
