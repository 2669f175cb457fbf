package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary/internal/errs"
	"tributary/internal/session"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// The languages of pages. Pages are written in English; the other's texts are in
// spanish.go and in the rooms, found by the English ones.
const (
	English = "en"
	Spanish = "es"
)

var languages = []string{English, Spanish}

// KeyLanguage is the language in a session, once somebody chose one.
const KeyLanguage = "language"

// languageCookie is the cookie with the chosen language.
const languageCookie = "tributary_language"

// Language is the one that somebody chose, in their session or, before they have
// one, in a cookie; else the one that their browser prefers of those that there are.
func (s *Site) Language(c *Call) string {
	if chosen := c.Session.Values[KeyLanguage]; chosen != "" {
		return chosen
	}
	if cookie, err := c.R.Cookie(s.cookieName(languageCookie)); err == nil && slices.Contains(languages, cookie.Value) {
		return cookie.Value
	}
	return preferred(c.R.Header.Get("Accept-Language"))
}

// preferred is the language that a browser asks for first (RFC 9110, section 12.5.4).
func preferred(header string) string {
	best, weight := English, 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		q := 1.0
		if text, weighted := strings.CutPrefix(strings.TrimSpace(rest), "q="); weighted {
			q, _ = strconv.ParseFloat(text, 64) // what is no number weighs nothing
		}
		if (primary == English || primary == Spanish) && q > weight {
			best, weight = primary, q
		}
	}
	return best
}

// chooseLanguage keeps the choice in the browser, and in the session of whoever is here.
func (s *Site) chooseLanguage(c *Call) error {
	lang := c.Value("language")
	if !slices.Contains(languages, lang) {
		return errs.New(errs.Invalid, "choose one of the languages that there are")
	}
	s.setCookie(c, languageCookie, lang)
	for _, sessions := range []Keeper{s.Sessions, s.StaffSessions} {
		d, found, err := sessions.Load(c.R)
		if err == nil && found {
			err = sessions.Save(c.R, With(d, KeyLanguage, lang))
		}
		if err != nil {
			return err
		}
	}
	return c.GoTo(Local(c.Value("next")))
}

// inSpanish looks a text up, first in the dictionary of the page's room: a word can
// mean one thing here and another there. What is in none stays as it is.
func inSpanish(text string, dictionaries ...map[string]string) string {
	for _, d := range dictionaries {
		if there, ok := d[text]; ok {
			return there
		}
	}
	return text
}

// T is the text in the page's language; with arguments, it is a format.
func (v View) T(text string, args ...any) string {
	if v.Lang == Spanish {
		text = inSpanish(text, v.room, v.spanish)
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

var months = strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")

// On is a day in the page's language.
func (v View) On(t time.Time) string {
	if v.Lang == Spanish {
		return fmt.Sprintf("%d de %s de %d", t.Day(), months[t.Month()-1], t.Year())
	}
	return t.Format("2 January 2006")
}

var weekdays = strings.Fields("domingo lunes martes miércoles jueves viernes sábado")

// Day is a day with its weekday in the page's language.
func (v View) Day(t time.Time) string {
	if v.Lang == Spanish {
		return weekdays[t.Weekday()] + ", " + v.On(t)
	}
	return t.Weekday().String() + ", " + v.On(t)
}

// Hour is a time of day in the page's language, in the time's own zone.
func (v View) Hour(t time.Time) string {
	if v.Lang == Spanish {
		return strings.NewReplacer("AM", "a. m.", "PM", "p. m.").Replace(t.Format("3:04 PM"))
	}
	return t.Format("3:04 pm")
}

// Number writes a number with so many decimals, as the study's countries do in both
// languages: a point for decimals, a comma between thousands.
func (v View) Number(n float64, decimals int) string {
	return message.NewPrinter(language.AmericanEnglish).Sprint(number.Decimal(n, number.Scale(decimals)))
}

// Other is the language that the page can be had in besides.
func (v View) Other() string {
	if v.Lang == Spanish {
		return English
	}
	return Spanish
}

// Keeper is what participants' sessions and those of staff have in common.
type Keeper interface {
	Load(r *http.Request) (session.Data, bool, error)
	Save(r *http.Request, d session.Data) error
	Destroy(w http.ResponseWriter, r *http.Request) error
}
