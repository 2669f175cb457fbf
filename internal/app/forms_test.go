package app

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tributary/internal/portal"
	"tributary/internal/portal/web"
)

// routesOf are all pages and forms, of every room and of the door.
func routesOf(t *testing.T, s *Service) (all []web.Route) {
	t.Helper()
	site := web.New(web.Config{Study: s.study, People: s.accounts, Sessions: s.browserSessions("tributary"), StaffSessions: s.browserSessions(staffCookie), Now: s.Now})
	for _, room := range append(s.rooms(site), portal.New(portal.Config{Site: site}).Room()) {
		all = append(all, room.Routes...)
	}
	if len(all) < 40 {
		t.Fatalf("%d routes", len(all))
	}
	return all
}

var variable = regexp.MustCompile(`\{[^}]*\}`)

func sends(s *Service, r web.Route, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(r.Method, s.base+variable.ReplaceAllString(r.Path, "x"), strings.NewReader(""))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	s.Handler().ServeHTTP(answer, request)
	return answer
}

// TestAttackForgedForms: no form is sent from another site, whichever room it is of.
// The line: NewCrossOriginProtection in Handler, portal/web/site.go.
func TestAttackForgedForms(t *testing.T) {
	s := service(t, t.TempDir())
	own := 0
	for _, r := range routesOf(t, s) {
		if r.Method != http.MethodPost {
			continue
		}
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
			{"Origin", s.base + ".evil.example"}, {"Sec-Fetch-Site", "cross-site", "Origin", s.base},
		} {
			if answer := sends(s, r, headers...); answer.Code != http.StatusForbidden || len(answer.Result().Cookies()) > 0 {
				t.Errorf("%s with %v: %d", r.Path, headers, answer.Code)
			}
		}
		if sends(s, r, "Sec-Fetch-Site", "same-origin", "Origin", s.base).Code != http.StatusForbidden {
			own++
		}
	}
	if own < 20 {
		t.Errorf("%d forms are let pass from our own pages", own)
	}
}

// TestAttackClickjacking: no page is framed, sniffed or made to run a stranger's
// script, refusals included. The line: headers in portal/web/site.go.
func TestAttackClickjacking(t *testing.T) {
	s := service(t, t.TempDir())
	pages := append(routesOf(t, s), web.Get("/nowhere", nil, nil), web.Get("/assets/portal.css", nil, nil))
	for _, r := range pages {
		if r.Method != http.MethodGet {
			continue
		}
		h := sends(s, r).Header()
		for _, part := range []string{"frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'", "default-src 'self'"} {
			if !strings.Contains(h.Get("Content-Security-Policy"), part) {
				t.Errorf("%s: no %s in %q", r.Path, part, h.Get("Content-Security-Policy"))
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", r.Path, h)
		}
	}
}

// TestAttackOpenRedirect: what a link asks for next is of this site. The line: the
// checks in Local, portal/web.
func TestAttackOpenRedirect(t *testing.T) {
	s := service(t, t.TempDir())
	for _, next := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, `\\evil.example`, "javascript:alert(1)", "/\t/evil.example", "///evil.example", "/%0d%0aLocation:%20x", "evil.example", "/\r\nSet-Cookie: a=b"} {
		r := httptest.NewRequest(http.MethodPost, s.base+"/language", strings.NewReader(strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", "\t", "%09", " ", "%20").Replace("language=es&next="+next)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer := httptest.NewRecorder()
		s.Handler().ServeHTTP(answer, r)
		to := answer.Header().Get("Location")
		if to == "" || !strings.HasPrefix(to, "/") || strings.ContainsAny(to, "\\\r\n\t") || strings.HasPrefix(to, "//") || answer.Header().Get("A") != "" {
			t.Errorf("%q: %d to %q", next, answer.Code, to)
		}
	}
}
