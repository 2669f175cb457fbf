package providers

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"tributary/internal/portal/web"
)

// shownAtOnce is how many providers a page lists; the rest is found by searching.
const shownAtOnce = 20

// directoryPage is a part of the directory.
type directoryPage struct {
	Sought    string
	Providers []Provider
	Found     int // of which the page shows the first
	All       int // in the directory
	Connected map[string]bool
	Shares    bool
}

func (p *Pages) directory(c *web.Call) error {
	d := directoryPage{Sought: strings.TrimSpace(c.Query("q")), Connected: map[string]bool{}}
	now, err := p.Consent.Current(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	all, err := p.Connections.Directory(c.Ctx())
	if err != nil {
		return err
	}
	connections, err := p.Connections.Status(c.Ctx(), c.Patient())
	for _, one := range connections {
		d.Connected[one.Provider] = d.Connected[one.Provider] || one.State != "stopped"
	}
	d.Shares, d.All = now.EHR, len(all)
	d.Providers = matching(all, d.Sought)
	d.Found = len(d.Providers)
	d.Providers = d.Providers[:min(d.Found, shownAtOnce)]
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "providers", Title: "Connect a care provider", Data: d})
}

// matching are the providers with every word that is sought at the beginning of one
// of theirs, in the name or the place; case and accents do not count.
func matching(all []Provider, sought string) []Provider {
	words := strings.FieldsFunc(plain(sought), notOfWord)
	out := []Provider{}
	for _, one := range all {
		if holds(strings.FieldsFunc(plain(one.Name+" "+one.Place), notOfWord), words) {
			out = append(out, one)
		}
	}
	return out
}

func holds(theirs, words []string) bool {
	for _, word := range words {
		found := false
		for _, their := range theirs {
			found = found || strings.HasPrefix(their, word)
		}
		if !found {
			return false
		}
	}
	return true
}

func notOfWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// plain is text in small letters without accents. Nothing makes the transformation
// fail but bytes that are no text, which then match nothing.
func plain(text string) string {
	out, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), strings.ToLower(text))
	if err != nil {
		return text
	}
	return out
}
