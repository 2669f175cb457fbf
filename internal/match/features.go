package match

import (
	"slices"
	"strings"
	"unicode"

	"tributary/fhir/search"
	"tributary/fhir/tree"
)

// features are what a Patient says of who it is, folded for comparison.
type features struct {
	identifiers []identifier
	families    []string
	written     []string   // families as they were written, for searches
	givens      [][]string // of each name
	birth       string     // yyyy, yyyy-mm or yyyy-mm-dd
	gender      string
	phones      []string // the last ten digits
	mails       []string
	postcodes   []string
	streets     []string // line and city
}

type identifier struct{ system, value string }

// Bounds on what a description may bring, so that comparing stays cheap.
const maxEach = 10

func featuresOf(p tree.Value) (f features) {
	for i := range limited(p.Get("identifier")) {
		if use := i.Get("use").Text(); use != "temp" && use != "old" && i.Get("value").Text() != "" {
			f.identifiers = append(f.identifiers, identifier{i.Get("system").Text(), i.Get("value").Text()})
		}
	}
	for n := range limited(p.Get("name")) {
		f.name(n)
	}
	for t := range limited(p.Get("telecom")) {
		f.telecom(t)
	}
	for a := range limited(p.Get("address")) {
		f.address(a)
	}
	f.birth, f.gender = p.Get("birthDate").Text(), p.Get("gender").Text()
	return f
}

// limited ranges over at most maxEach elements.
func limited(list tree.Value) func(func(tree.Value) bool) {
	return func(yield func(tree.Value) bool) {
		n := 0
		for v := range list.Elements() {
			if n++; n > maxEach || !yield(v) {
				return
			}
		}
	}
}

func (f *features) name(n tree.Value) {
	family := letters(n.Get("family").Text())
	var given []string
	for g := range limited(n.Get("given")) {
		if text := letters(g.Text()); text != "" {
			given = append(given, text)
		}
	}
	if family != "" && !slices.Contains(f.families, family) {
		f.families, f.written = append(f.families, family), append(f.written, n.Get("family").Text())
	}
	if len(given) > 0 {
		f.givens = append(f.givens, given)
	}
}

func (f *features) telecom(t tree.Value) {
	value := t.Get("value").Text()
	switch t.Get("system").Text() {
	case "phone", "sms":
		if d := digits(value); len(d) >= 7 {
			f.phones = append(f.phones, d[max(0, len(d)-10):])
		}
	case "email":
		f.mails = append(f.mails, strings.ToLower(strings.TrimSpace(value)))
	}
}

func (f *features) address(a tree.Value) {
	if code := strings.ToUpper(letters(a.Get("postalCode").Text())); code != "" {
		f.postcodes = append(f.postcodes, code[:min(5, len(code))])
	}
	var line []string
	for l := range limited(a.Get("line")) {
		line = append(line, l.Text())
	}
	if street := letters(strings.Join(line, " ")); street != "" {
		f.streets = append(f.streets, street+"|"+letters(a.Get("city").Text()))
	}
}

// letters folds a text as the index does, and leaves letters and digits only:
// O'Neil, o neil and ONeil are one.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, search.Fold(text))
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}
