package app

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tributary/config"
	"tributary/internal/store/tables"
)

// sayings are what somebody says of themselves here and nobody anywhere else.
var sayings = []string{"Quetzalcoatla", "Xochitlvenegas", "quetzal.canary", "quetzal.newer", "1981-09-17", "019-7364", "Zanzibarstreet"}

// overheard is what leaves traces outside of the database's sealed and guarded rows:
// log lines, addresses, cookies.
type overheard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *overheard) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *overheard) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// traveller goes through the pages, and notes every address and cookie.
type traveller struct {
	*testing.T
	heard  *overheard
	base   string
	client *http.Client
}

func (b *traveller) do(method, path string, fields url.Values) string {
	b.Helper()
	r, err := http.NewRequest(method, b.base+path, strings.NewReader(fields.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	if res.StatusCode >= 500 {
		b.Errorf("%s %s: %d", method, path, res.StatusCode)
	}
	io.WriteString(b.heard, path+" "+res.Header.Get("Location")+" "+strings.Join(res.Header.Values("Set-Cookie"), " ")+"\n")
	return string(body)
}

func (b *traveller) get(path string) string { b.Helper(); return b.do("GET", path, nil) }

func (b *traveller) post(path string, fields ...string) string {
	b.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	return b.do("POST", path, values)
}

var (
	sixDigits = regexp.MustCompile(`\b\d{6}\b`)
	totpKey   = regexp.MustCompile(`id="totp-secret">([A-Z2-7]+)<`)
)

func (b *traveller) code(s *Service, email string) string {
	b.Helper()
	mails, err := tables.Mails{}.Latest(b.Context(), s.store, email, 1)
	if err != nil || len(mails) != 1 {
		b.Fatalf("no mail to %s: %v", email, err)
	}
	return sixDigits.FindString(mails[0].Text)
}

// No address, cookie, log line, session key or subject of a mail says who somebody is.
func TestNothingOutsideSaysWhoSomebodyIs(t *testing.T) {
	dir, heard := t.TempDir(), &overheard{}
	c, err := config.Load("", []string{"TRIBUTARY_DATA_DIR=" + dir})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewService(t.Context(), c, Options{Logger: slog.New(slog.NewTextHandler(heard, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(context.Background()) })
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	b := &traveller{T: t, heard: heard, base: server.URL, client: &http.Client{Jar: newJar(t), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	b.travel(s)
	subjects, keys := texts(t, s), sessionKeys(t, filepath.Join(dir, "sessions.db"))
	if len(subjects) < 3 || len(keys) == 0 || !strings.Contains(heard.String(), "/home") {
		t.Fatalf("nothing to look at: %d subjects, %d keys", len(subjects), len(keys))
	}
	for _, saying := range sayings {
		for what, text := range map[string]string{"an address, a cookie or a log line": heard.String(), "a subject": strings.Join(subjects, "\n"), "a session key": strings.Join(keys, "\n")} {
			for _, form := range []string{saying, url.QueryEscape(saying)} {
				if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
					t.Errorf("%s says %q", what, saying)
				}
			}
		}
	}
}

// travel is a way through the pages, with all that can go wrong on it.
func (b *traveller) travel(s *Service) {
	b.Helper()
	const email, newer = "quetzal.canary@mail.example", "quetzal.newer@mail.example"
	person := []string{"given", "Quetzalcoatla", "family", "Xochitlvenegas", "email", email, "birth_date", "1981-09-17", "sex", "other"}
	b.get("/")
	b.post("/signup", person...) // where somebody lives is missing
	b.post("/signup", append(person, "state", "elsewhere")...)
	b.post("/signup", append(person, "state", "MA")...)
	b.post("/confirm", "code", "000000")
	b.post("/confirm", "code", b.code(s, email))
	found := totpKey.FindStringSubmatch(b.get("/second-factor/enroll"))
	if found == nil {
		b.Fatal("no authenticator is offered")
	}
	code, err := totp.GenerateCode(found[1], time.Now())
	if err != nil {
		b.Fatal(err)
	}
	b.post("/second-factor/enroll", "code", code)
	if home := b.get("/home"); !strings.Contains(home, "Quetzalcoatla") {
		b.Fatalf("the home page greets nobody")
	}
	for _, path := range []string{"/profile", "/consent/research", "/documents", "/surveys/basics", "/visits", "/security", "/security/seen", "/apps", "/studies", "/nowhere"} {
		b.get(path)
	}
	b.post("/profile", "given", "Quetzalcoatla", "family", "Xochitlvenegas", "phone", "(555) 019-7364", "line", "7 Zanzibarstreet", "state", "MA")
	b.post("/profile", "given", "", "phone", "(555) 019-7364x")
	b.post("/profile/email", "email", newer)
	b.post("/profile/email/confirm", "code", b.code(s, newer))
	b.post("/profile/language", "language", "es")
	b.post("/signout")
	b.get("/profile")
	b.post("/signin", "email", newer)
}

// texts are the subjects of all mails.
func texts(t *testing.T, s *Service) []string { return column(t, s, `SELECT subject FROM dev_mail`) }

func column(t *testing.T, s *Service, query string) (out []string) {
	t.Helper()
	rows, err := s.store.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	return out
}

// sessionKeys are those of the embedded store of sessions.
func sessionKeys(t *testing.T, file string) (out []string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT key FROM session`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			t.Fatal(err)
		}
		out = append(out, key)
	}
	return out
}
