package portal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary/internal/errs"
)

// The languages of pages. Pages are written in English; the other's texts are in
// spanish.go, found by the English ones.
const (
	english = "en"
	spanish = "es"
)

// keyLanguage is the language in a session, once somebody chose one.
const keyLanguage = "language"

// language is the one that somebody chose, else the one that their browser
// prefers of those that there are.
func (c *call) language() string {
	if chosen := c.session.Values[keyLanguage]; chosen != "" {
		return chosen
	}
	best, weight := english, 0.0
	for part := range strings.SplitSeq(c.r.Header.Get("Accept-Language"), ",") {
		tag, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		q := 1.0
		if text, weighted := strings.CutPrefix(strings.TrimSpace(rest), "q="); weighted {
			q, _ = strconv.ParseFloat(text, 64) // what is no number weighs nothing
		}
		if (primary == english || primary == spanish) && q > weight {
			best, weight = primary, q
		}
	}
	return best
}

// chooseLanguage keeps the choice in the session of whoever is here.
func (p *Portal) chooseLanguage(c *call) error {
	lang := c.value("language")
	if !slices.Contains([]string{english, spanish}, lang) {
		return errs.New(errs.Invalid, "choose one of the languages that there are")
	}
	for _, sessions := range []keeper{p.Sessions, p.StaffSessions} {
		d, found, err := sessions.Load(c.r)
		if err == nil && found {
			err = sessions.Save(c.r, with(d, keyLanguage, lang))
		}
		if err != nil {
			return err
		}
	}
	return c.goTo(local(c.value("next")))
}

// in puts a view into the visitor's language. Its title is translated with it.
func (c *call) in(v view) view {
	v.Lang, v.Here = c.language(), c.here()
	v.Title = v.T(v.Title)
	return v
}

// T is the text in the page's language; with arguments, it is a format.
func (v view) T(text string, args ...any) string {
	if translated, ok := inSpanish[text]; ok && v.Lang == spanish {
		text = translated
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

var months = strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")

// On is a day in the page's language.
func (v view) On(t time.Time) string {
	if v.Lang == spanish {
		return fmt.Sprintf("%d de %s de %d", t.Day(), months[t.Month()-1], t.Year())
	}
	return t.Format("2 January 2006")
}

// Other is the language that the page can be had in besides.
func (v view) Other() string {
	if v.Lang == spanish {
		return english
	}
	return spanish
}
