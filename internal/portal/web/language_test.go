package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tributary/internal/session"
)

func TestLanguageOfABrowser(t *testing.T) {
	s := New(Config{})
	for header, want := range map[string]string{"": "en", "es": "es", "es-MX,es;q=0.9,en;q=0.8": "es", "en-US,es;q=0.9": "en",
		"fr,de;q=0.7": "en", "fr, es;q=0.5, en;q=0.4": "es", "es;q=x,en;q=0.1": "en"} {
		c := &Call{R: httptest.NewRequest("GET", "/apps", nil)}
		c.R.Header.Set("Accept-Language", header)
		if got := s.Language(c); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
		c.R.AddCookie(&http.Cookie{Name: languageCookie, Value: "es"})
		if got := s.Language(c); got != "es" {
			t.Errorf("%q against a cookie: %s", header, got)
		}
		c.Session = session.Data{Values: map[string]string{KeyLanguage: "en"}}
		if got := s.Language(c); got != "en" {
			t.Errorf("%q against a choice: %s", header, got)
		}
	}
}

func TestDaysAndNumbersInBothLanguages(t *testing.T) {
	at := time.Date(2026, 3, 9, 14, 5, 0, 0, time.UTC)
	en, es := View{Lang: "en"}, View{Lang: "es"}
	for _, x := range [][2]string{
		{en.On(at), "9 March 2026"}, {es.On(at), "9 de marzo de 2026"},
		{en.Day(at), "Monday, 9 March 2026"}, {es.Day(at), "lunes, 9 de marzo de 2026"},
		{en.Hour(at), "2:05 pm"}, {es.Hour(at), "2:05 p. m."},
		{en.Number(12345.678, 1), "12,345.7"}, {es.Number(70, 1), "70.0"},
	} {
		if x[0] != x[1] {
			t.Errorf("%q, want %q", x[0], x[1])
		}
	}
}

// What code says with something in it is told in the page's language too.
func TestReadyTextsAreTold(t *testing.T) {
	v := View{Lang: Spanish, room: map[string]string{"%s on %s": "%s en %s", "A day.": "Un día.", "Give %d to %d.": "De %d a %d.", "%d": "nada"},
		spanish: map[string]string{"Give %d to %d.": "otro"}}
	for text, want := range map[string]string{"A day.": "Un día.", "Firefox on Mac": "Firefox en Mac", "Give 10 to 20.": "De 10 a 20.",
		"Nobody knows this.": "Nobody knows this.", "": "", "7": "7"} {
		if got := v.Told(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	v.Lang = English
	if got := v.Told("Firefox on Mac"); got != "Firefox on Mac" {
		t.Error(got)
	}
}
