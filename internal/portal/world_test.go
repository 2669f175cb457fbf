package portal_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"golang.org/x/net/html"

	"tributary/internal/account"
	"tributary/internal/consent"
	"tributary/internal/portal"
	"tributary/internal/portal/acting"
	"tributary/internal/portal/center"
	"tributary/internal/portal/consents"
	"tributary/internal/portal/home"
	"tributary/internal/portal/surveys"
	"tributary/internal/portal/visits"
	"tributary/internal/portal/web"
	"tributary/internal/program/programtest"
	"tributary/internal/session"
	"tributary/internal/session/embedded"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// site is the portal on a server, with a clock that the test moves.
type site struct {
	*programtest.World
	*httptest.Server
	apps     *server
	sessions session.Store
}

func newSite(t *testing.T, changes ...func(*site, *portal.Config)) *site {
	t.Helper()
	clock := programtest.NewClock()
	s := storetest.SQLite(t, storetest.Options{Now: clock.Now})
	w := programtest.New(t, s, clock)
	kept, err := embedded.Open(context.Background(), t.TempDir()+"/sessions.db", clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	x := &site{World: w, apps: newServer(), sessions: kept}
	x.apps.patientOf = func(ctx context.Context, account string) string {
		a, err := w.Accounts.Get(ctx, account)
		if err != nil {
			t.Errorf("whose account %q is: %v", account, err)
		}
		return a.Patient
	}
	pages := web.New(web.Config{Study: w.Program.Study, People: w.Accounts, Now: clock.Now,
		Sessions:      session.NewSessions(kept, session.Options{Now: clock.Now}),
		StaffSessions: session.NewSessions(kept, session.Options{Name: "staff", Now: clock.Now}),
		Acts: func(ctx context.Context, account, patient string) (bool, error) {
			permitted, err := w.Consent.Delegated(ctx, account, patient)
			return len(permitted.Resource) > 0, err
		}, Ended: func(ctx context.Context, patient string) (bool, error) {
			now, err := w.Consent.Current(ctx, patient)
			return now.Deceased || now.Erased, err
		}})
	c := portal.Config{Site: pages, Accounts: w.Accounts, Consent: w.Consent, Program: w.Program, Records: w.Records,
		Authorizations: x.apps, Listings: x.apps.listings(t, s, clock.Now), Mailbox: w.Mailbox}
	for _, change := range changes {
		change(x, &c)
	}
	handler, err := pages.Handler(portal.New(c).Room(), consents.New(consents.Config{Site: pages, Consent: w.Consent, Records: w.Records, Accounts: w.Accounts, Providers: nobody{}}).Room(),
		acting.New(acting.Config{Site: pages, Accounts: w.Accounts, Consent: w.Consent}).Room(),
		home.New(home.Config{Site: pages, Consent: w.Consent, Program: w.Program}).Room(),
		visits.New(visits.Config{Site: pages, Program: w.Program, Visits: w.Visits, Measurements: w.Measurements, Biosamples: w.Biosamples}).Room(),
		center.New(center.Config{Site: pages, Accounts: w.Accounts, Consent: w.Consent, Visits: w.Visits, Measurements: w.Measurements, Biosamples: w.Biosamples}).Room(),
		surveys.New(surveys.Config{Site: pages, Surveys: w.Surveys, Eligibility: w.Program, Held: kept, Sealer: w.Keys}).Room())
	if err != nil {
		t.Fatal(err)
	}
	x.Server = httptest.NewServer(handler)
	t.Cleanup(x.Server.Close)
	return x
}

// nobody is a directory without providers.
type nobody struct{}

func (nobody) Directory(context.Context) ([]consents.Provider, error) { return nil, nil }

// browser is somebody at the site, with cookies, who does not follow redirects.
type browser struct {
	t      *testing.T
	site   *site
	client *http.Client
	secret string
}

func (x *site) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{t: t, site: x, client: &http.Client{Jar: jar, CheckRedirect: stay, Timeout: 30 * time.Second}}
}

// answer is a response, read and parsed.
type answer struct {
	*http.Response
	text string
	page *html.Node
}

func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	page, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res, string(body), page}
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	r, err := http.NewRequest("GET", b.site.URL+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

func (b *browser) post(path string, fields ...string) answer {
	b.t.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequest("POST", b.site.URL+path, strings.NewReader(values.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// sent posts a form and wants to be sent on to where.
func (b *browser) sent(where, path string, fields ...string) {
	b.t.Helper()
	a := b.post(path, fields...)
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != where {
		b.t.Fatalf("POST %s: %d to %q, want 303 to %q\n%s", path, a.StatusCode, a.Header.Get("Location"), where, faultsOf(a))
	}
}

// sees wants a page of the name.
func (b *browser) sees(path, name string) answer {
	b.t.Helper()
	a := b.get(path)
	if got := attribute(find(a.page, "main", "", ""), "data-page"); a.StatusCode != http.StatusOK || got != name {
		b.t.Fatalf("GET %s: %d, page %q (to %q), want %q\n%s", path, a.StatusCode, got, a.Header.Get("Location"), name, faultsOf(a))
	}
	return a
}

func faultsOf(a answer) string {
	if n := find(a.page, "main", "", ""); n != nil {
		return strings.Join(strings.Fields(textOf(n)), " ")
	}
	return a.text
}

// join signs somebody up and enrolls an authenticator.
func (b *browser) join(p account.Person) {
	b.t.Helper()
	b.sent("/confirm", "/signup", "given", p.Given, "family", p.Family, "email", p.Email, "birth_date", p.Born, "sex", p.Sex, "state", "MA")
	b.sent("/second-factor/enroll", "/confirm", "code", b.site.Code(b.t, p.Email))
	page := b.sees("/second-factor/enroll", "enroll")
	b.secret = textOf(find(page.page, "code", "id", "totp-secret"))
	b.sent("/home", "/second-factor/enroll", "code", b.code())
}

// code is the authenticator's next code.
func (b *browser) code() string {
	b.t.Helper()
	b.site.Clock.Advance(30 * time.Second)
	code, err := totp.GenerateCode(b.secret, b.site.Clock.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

// consent goes through the research consent and the choice about records.
func (b *browser) consent(p account.Person, ehr string) {
	b.t.Helper()
	d := b.site.Consent.Document(consent.Research, "en")
	b.sees("/consent/research", "consent")
	for i := range d.Modules {
		next := "/consent/research/quiz"
		if i+1 < len(d.Modules) {
			next = "/consent/research/modules/" + string(rune('2'+i))
		}
		b.sent(next, "/consent/research/modules/"+string(rune('1'+i)))
	}
	var answers []string
	for _, q := range d.Questions {
		answers = append(answers, "q."+q.ID, q.Answer)
	}
	b.sent("/consent/research/sign", "/consent/research/quiz", answers...)
	b.sees("/consent/research/sign", "sign")
	b.sent("/consent/ehr", "/consent/research/sign", "printed_name", p.Name(), "agree", "yes")
	b.sees("/consent/ehr", "ehr")
	b.sent("/home", "/consent/ehr", "decision", ehr, "printed_name", p.Name())
}

var basics = []string{"q.general-health", "LA9206-9", "q.education", "degree", "q.household", "3", "q.smoking", "266919005", "q.sleep", "7"}

// staff signs a member of staff in.
func (x *site) staff(t *testing.T, area, role, at string) *browser {
	t.Helper()
	err := x.Accounts.PutStaff(context.Background(), store.Staff{Login: "kim-" + at, Name: "Kim", Role: role, Site: at}, "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	b := x.browser(t)
	to := "/center"
	if area == "staff" {
		to = "/staff/cohort"
	}
	b.sent(to, "/"+area+"/signin", "login", "kim-"+at, "password", "correct horse battery")
	return b
}

// find is the first element of the tag with the attribute ("": any), depth first.
func find(n *html.Node, tag, key, value string) *html.Node {
	if n == nil {
		return nil
	}
	if n.Type == html.ElementNode && (tag == "" || n.Data == tag) && (key == "" || value == "" && has(n, key) || value != "" && attribute(n, key) == value) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if found := find(c, tag, key, value); found != nil {
			return found
		}
	}
	return nil
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, key string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	if n == nil {
		return ""
	}
	if n.Type == html.TextNode {
		return n.Data
	}
	var out strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out.WriteString(textOf(c))
	}
	return out.String()
}
