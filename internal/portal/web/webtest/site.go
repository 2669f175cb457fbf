package webtest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tributary/internal/portal/web"
	"tributary/internal/session"
	"tributary/internal/session/embedded"
)

// Site is a site for tests of a room: its sessions are real, and anybody can be signed
// in without going through the door.
type Site struct {
	*web.Site
	server *httptest.Server
}

// New is a site without rooms; c needs Study, People and Now. Build the room with it,
// then Serve.
func New(t *testing.T, c web.Config) *Site {
	t.Helper()
	kept, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "sessions.db"), c.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	c.Sessions = session.NewSessions(kept, session.Options{Now: c.Now})
	c.StaffSessions = session.NewSessions(kept, session.Options{Name: "staff", Now: c.Now})
	return &Site{Site: web.New(c)}
}

// Serve furnishes the site and starts it.
func (s *Site) Serve(t *testing.T, rooms ...web.Room) {
	t.Helper()
	handler, err := s.Handler(rooms...)
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewServer(handler)
	t.Cleanup(s.server.Close)
}

// Visitor is somebody who has not signed in.
func (s *Site) Visitor(t *testing.T) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Browser{t: t, base: s.server.URL, client: &http.Client{Jar: jar, CheckRedirect: stay, Timeout: 30 * time.Second}}
}

// Participant is somebody who has given a second factor just now.
func (s *Site) Participant(t *testing.T, account, patient string) *Browser {
	t.Helper()
	b := s.Visitor(t)
	b.plant(s.Sessions, session.Data{Account: account, Patient: patient, SecondFactorAt: s.Now(), Values: map[string]string{web.KeyEnrolled: "yes"}})
	return b
}

// Staff is a member of staff; site is the center that they are of, "" for others.
func (s *Site) Staff(t *testing.T, id, role, site string) *Browser {
	t.Helper()
	b := s.Visitor(t)
	b.plant(s.StaffSessions, session.Data{Account: id, Role: role, Values: map[string]string{"site": site, "name": id}})
	return b
}

// Browser is somebody at the site, with cookies, who does not follow redirects.
type Browser struct {
	t      *testing.T
	base   string
	client *http.Client
	lang   string
}

// plant begins a session and keeps its cookie.
func (b *Browser) plant(sessions *session.Sessions, d session.Data) {
	b.t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, b.base, nil)
	if err := sessions.Renew(w, r, d); err != nil {
		b.t.Fatal(err)
	}
	at, err := url.Parse(b.base)
	if err != nil {
		b.t.Fatal(err)
	}
	b.client.Jar.SetCookies(at, w.Result().Cookies())
}

// In is the same browser, asking for pages in a language.
func (b *Browser) In(lang string) *Browser {
	other := *b
	other.lang = lang
	return &other
}

// Page is an answer, read and parsed.
type Page struct {
	*http.Response
	Body string
	Doc  *html.Node
}

// Name is the page's data-page.
func (p Page) Name() string { return Attribute(Find(p.Doc, "main", "", ""), "data-page") }

// Text is what the page's main part says.
func (p Page) Text() string {
	return strings.Join(strings.Fields(Text(Find(p.Doc, "main", "", ""))), " ")
}

// Get asks for a page.
func (b *Browser) Get(path string) Page {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

// Post sends a form of names and values.
func (b *Browser) Post(path string, fields ...string) Page {
	b.t.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, b.base+path, strings.NewReader(values.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (b *Browser) do(r *http.Request) Page {
	b.t.Helper()
	if b.lang != "" {
		r.Header.Set("Accept-Language", b.lang)
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		b.t.Fatal(err)
	}
	return Page{res, string(body), doc}
}

// Sees wants a page of the name, and holds its HTML to what every page must be.
func (b *Browser) Sees(path, name string) Page {
	b.t.Helper()
	p := b.Get(path)
	if p.StatusCode != http.StatusOK || p.Name() != name {
		b.t.Fatalf("GET %s: %d, page %q (to %q), want %q\n%s", path, p.StatusCode, p.Name(), p.Header.Get("Location"), name, p.Text())
	}
	Sound(b.t, p.Doc)
	return p
}

// Sent posts a form and wants to be sent on to where.
func (b *Browser) Sent(where, path string, fields ...string) {
	b.t.Helper()
	p := b.Post(path, fields...)
	if p.StatusCode != http.StatusSeeOther || p.Header.Get("Location") != where {
		b.t.Fatalf("POST %s: %d to %q, want 303 to %q\n%s", path, p.StatusCode, p.Header.Get("Location"), where, p.Text())
	}
}

// Mends posts a form that comes back with its faults (422).
func (b *Browser) Mends(path string, fields ...string) Page {
	b.t.Helper()
	p := b.Post(path, fields...)
	if p.StatusCode != http.StatusUnprocessableEntity {
		b.t.Fatalf("POST %s: %d to %q, want 422\n%s", path, p.StatusCode, p.Header.Get("Location"), p.Text())
	}
	Sound(b.t, p.Doc)
	return p
}
