package surveys

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tributary/internal/account"
	"tributary/internal/consent"
	"tributary/internal/portal/web"
	"tributary/internal/program/programtest"
	"tributary/internal/session"
	"tributary/internal/session/embedded"
	"tributary/internal/store/storetest"
)

// site is the room alone, on a server; who signs in is said by signIn.
type site struct {
	*programtest.World
	*httptest.Server
	sessions *session.Sessions
}

func newSite(t *testing.T) *site {
	t.Helper()
	clock := programtest.NewClock()
	w := programtest.New(t, storetest.SQLite(t, storetest.Options{Now: clock.Now}), clock)
	kept, err := embedded.Open(context.Background(), t.TempDir()+"/sessions.db", clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	x := &site{World: w, sessions: session.NewSessions(kept, session.Options{Now: clock.Now})}
	pages := web.New(web.Config{Study: w.Study, People: w.Accounts, Now: clock.Now, Sessions: x.sessions,
		StaffSessions: session.NewSessions(kept, session.Options{Name: "staff", Now: clock.Now})})
	handler, err := pages.Handler(New(Config{Site: pages, Surveys: w.Surveys, Eligibility: w.Program, Held: kept, Sealer: w.Keys}).Room())
	if err != nil {
		t.Fatal(err)
	}
	x.Server = httptest.NewServer(handler)
	t.Cleanup(x.Close)
	return x
}

// visitor is somebody at the site.
type visitor struct {
	*testing.T
	*site
	cookies []*http.Cookie
	lang    string
}

// joined is a participant who is signed in.
func (x *site) joined(t *testing.T, p account.Person) *visitor {
	t.Helper()
	v := &visitor{T: t, site: x, lang: "en"}
	patient := x.Join(t, p)
	x.Agree(t, patient, consent.Research, p.Name())
	v.signIn(patient)
	return v
}

func (v *visitor) signIn(patient string) {
	v.Helper()
	rec := httptest.NewRecorder()
	err := v.sessions.New(context.Background(), rec, session.Data{Account: "account of " + patient, Patient: patient, SecondFactorAt: v.Clock.Now()})
	if err != nil {
		v.Fatal(err)
	}
	v.cookies = rec.Result().Cookies()
}

// answer is a page.
type answer struct {
	status int
	to     string
	text   string
	fields url.Values // what its form would send, untouched
}

func (v *visitor) do(method, path string, form url.Values) answer {
	v.Helper()
	r, err := http.NewRequest(method, v.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", v.lang)
	r.Header.Set("Referer", v.URL+path)
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		v.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Location"), string(body), fieldsOf(v.T, string(body))}
}

func (v *visitor) get(path string) answer { v.Helper(); return v.do("GET", path, nil) }

// post sends a page's form with some fields changed, and wants to be sent on to where.
func (v *visitor) post(path, where string, page answer, pairs ...string) answer {
	v.Helper()
	form := url.Values{}
	for name, values := range page.fields {
		form[name] = values
	}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	a := v.do("POST", path, form)
	if a.to != where {
		v.Fatalf("POST %s: %d to %q, want %q", path, a.status, a.to, where)
	}
	return a
}

// fieldsOf are the fields of the survey's form, as a browser would send them.
func fieldsOf(t *testing.T, body string) url.Values {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	fields := url.Values{}
	for n := range root.Descendants() {
		a := map[string]string{}
		for _, one := range n.Attr {
			a[one.Key] = one.Val
		}
		_, checked := a["checked"]
		box := a["type"] == "radio" || a["type"] == "checkbox"
		if n.Type == html.ElementNode && n.Data == "input" && (checked || !box) && (strings.HasPrefix(a["name"], "q.") || strings.HasPrefix(a["name"], "_")) {
			fields.Add(a["name"], a["value"])
		}
	}
	return fields
}

// begin begins the basics and answers their first section.
func (v *visitor) begin() {
	v.Helper()
	v.post("/surveys/basics", "/surveys/basics/sections/1", answer{}, "begin", "yes")
	v.post("/surveys/basics/sections/1", "/surveys/basics/sections/2", v.get("/surveys/basics/sections/1"), "q.general-health", "LA9206-9", "q.education", "degree")
}

func TestASurveyFromItsBeginToItsCorrection(t *testing.T) {
	v := newSite(t).joined(t, programtest.Ada)
	v.begin()
	if a := v.get("/surveys"); !strings.Contains(a.text, `data-survey="basics" data-state="begun"`) || !strings.Contains(a.text, "1 of 3 parts") {
		t.Error("the list does not say how far it is")
	}
	v.post("/surveys/basics", "/surveys/basics/sections/2", answer{}, "begin", "yes")
	v.post("/surveys/basics/sections/2", "/surveys/basics/sections/1", v.get("/surveys/basics/sections/2"), "q.household", "3", "_go", "back")
	v.post("/surveys/basics/sections/2", "/surveys/basics/sections/3", v.get("/surveys/basics/sections/2"))
	v.post("/surveys/basics/sections/3", "/surveys", v.get("/surveys/basics/sections/3"), "q.sleep", "7", "_go", "stop")
	a := v.post("/surveys/basics/review", "", v.get("/surveys/basics/review"))
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text, `href="#q.smoking"`) {
		t.Errorf("what is missing: %d", a.status)
	}
	v.post("/surveys/basics/sections/3?change=yes", "/surveys/basics/review", v.get("/surveys/basics/sections/3?change=yes"), "q.smoking", "266919005")
	v.post("/surveys/basics/review", "/surveys/basics?sent=yes", answer{})
	v.post("/surveys/basics/review", "/surveys/basics?sent=yes", answer{}) // twice is once
	if a := v.get("/surveys/basics"); !strings.Contains(a.text, "Change my answers") || strings.Contains(a.text, "Ada") && strings.Contains(a.text, "Example") {
		t.Error("what was sent cannot be changed")
	}
	v.post("/surveys/basics", "/surveys/basics/review", answer{}, "begin", "yes")
	v.post("/surveys/basics/sections/2?change=yes", "/surveys/basics/review", v.get("/surveys/basics/sections/2?change=yes"), "q.household", "4")
	v.post("/surveys/basics/review", "/surveys/basics?sent=yes", answer{})
	if a := v.get("/surveys/basics"); !strings.Contains(a.text, "Changed on") {
		t.Error("the correction is not told")
	}
}

func TestASessionThatEndsLosesNothing(t *testing.T) {
	x := newSite(t)
	v, other := x.joined(t, programtest.Ada), x.joined(t, programtest.Bob)
	v.begin()
	other.begin()
	page, patient := v.get("/surveys/basics/sections/2"), ""
	if d, _, err := x.sessions.Load(requestWith(v.cookies)); err == nil {
		patient = d.Patient
	}
	v.Clock.Advance(13 * time.Hour)
	v.post("/surveys/basics/sections/2", "/signin?next="+url.QueryEscape("/surveys/basics/sections/2"), page, "q.household", "17")
	v.cookies = nil
	if a := v.get("/surveys/basics/sections/2"); strings.Contains(a.text, "17") {
		t.Error("what waits is shown to nobody in particular")
	}
	v.signIn(patient)
	a := v.get("/surveys/basics/sections/2")
	if a.fields.Get("q.household") != "17" || !strings.Contains(a.text, "You had been signed out") {
		t.Errorf("after signing in again the form has %q", a.fields.Get("q.household"))
	}
	v.post("/surveys/basics/sections/2", "/surveys/basics/sections/3", a)
	if a := v.get("/surveys/basics/sections/2"); a.fields.Get("q.household") != "17" || strings.Contains(a.text, "You had been signed out") {
		t.Error("it waits still, or was not kept")
	}
}

func TestWhatWaitsIsItsSendersAlone(t *testing.T) {
	x := newSite(t)
	v, other := x.joined(t, programtest.Ada), x.joined(t, programtest.Bob)
	v.begin()
	other.begin()
	page := v.get("/surveys/basics/sections/2")
	v.cookies = nil
	for _, ticket := range []string{page.fields.Get("_for"), "forged", ""} {
		v.post("/surveys/basics/sections/2", "/signin?next="+url.QueryEscape("/surveys/basics/sections/2"), page, "q.household", "17", "_for", ticket)
	}
	if a := other.get("/surveys/basics/sections/2"); a.fields.Get("q.household") != "" || strings.Contains(a.text, "You had been signed out") {
		t.Error("somebody else finds what waits")
	}
}

func TestASurveyThatIsNotOpenSaysWhy(t *testing.T) {
	x := newSite(t)
	v := x.joined(t, programtest.Ada)
	if a := v.get("/surveys"); !strings.Contains(a.text, "It opens after you have answered “The Basics”.") {
		t.Error("the list does not say what comes before")
	}
	for _, path := range []string{"/surveys/lifestyle", "/surveys/lifestyle/sections/1"} {
		if a := v.do("POST", path, url.Values{"begin": {"yes"}}); a.status != http.StatusForbidden {
			t.Errorf("POST %s: %d", path, a.status)
		}
	}
	v.lang = "es"
	if a := v.get("/surveys"); !strings.Contains(a.text, "Se abre cuando haya respondido «Lo básico».") {
		t.Error("in Spanish it is not said")
	}
	patient := x.Join(t, programtest.Bob)
	v.signIn(patient)
	a := v.get("/surveys/basics")
	if !strings.Contains(a.text, `data-barrier="research-consent"`) {
		t.Error("without consent it is not said why")
	}
	if a := v.do("POST", "/surveys/basics", url.Values{"begin": {"yes"}}); a.status != http.StatusForbidden {
		t.Errorf("without consent it begins: %d", a.status)
	}
}

func TestTheStyleSheetHidesWhatIsNotAsked(t *testing.T) {
	v := newSite(t).joined(t, programtest.Ada)
	css := v.get("/surveys/basics.css").text
	for _, want := range []string{`[name="q.smoking"][value="428041000124106"]:checked`, `[data-item="cigarettes"] { display: none }`} {
		if !strings.Contains(css, want) {
			t.Errorf("the style sheet lacks %s:\n%s", want, css)
		}
	}
}

func TestPagesThatAreNotThere(t *testing.T) {
	v := newSite(t).joined(t, programtest.Ada)
	for _, path := range []string{"/surveys/nothing", "/surveys/basics/sections/0", "/surveys/basics/sections/99", "/surveys/basics/files/x", "/surveys/nothing.css", "/surveys/nothing/all"} {
		if a := v.get(path); a.status != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, a.status)
		}
	}
}

func requestWith(cookies []*http.Cookie) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}
