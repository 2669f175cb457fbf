package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// says is means, and what needs more than the value: words beside it, value sets.
func (d draws) says(p parameter, modifier, text string, v value) truth {
	switch modifier {
	case ":text":
		return anyOf(labels(v), func(label string) truth {
			return is(slices.ContainsFunc(wordsOf(label), func(w string) bool { return strings.HasPrefix(w, text) }))
		})
	case ":in", ":not-in":
		return anyOf(d.sets[text], func(in tok) truth {
			return anyOf(toks(v.Value, v.Type), func(t tok) truth { return t.is(p, []string{in.system, in.code}) })
		})
	}
	return means(p, modifier, text, v)
}

// labels are the words beside a code or reference, which :text looks through.
func labels(v value) (all []string) {
	if v.Type == "Reference" {
		return []string{member(v.Value.(body), "display")}
	}
	for _, t := range toks(v.Value, v.Type) {
		all = append(all, t.words...)
	}
	return all
}

func wordsOf(s string) []string {
	return strings.FieldsFunc(fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// word is the beginning of a word that stands beside the value.
func (d draws) word(v value) string {
	all := wordsOf(strings.Join(labels(v), " "))
	if len(all) == 0 {
		return ""
	}
	w := []rune(pick(d.Rand, all...))
	return string(w[:1+d.IntN(len(w))])
}

// set makes a value set of the codes of a value, and others.
func (d draws) set(v value) string {
	if v.Type != "Coding" && v.Type != "CodeableConcept" {
		return ""
	}
	codes := slices.DeleteFunc(toks(v.Value, v.Type), func(t tok) bool { return t.system == "" || t.code == "" || d.IntN(4) == 0 })
	if len(codes) == 0 {
		return ""
	}
	url := fmt.Sprint("http://tributary.example/vs/", len(d.sets))
	d.sets[url] = codes
	return url
}

// valueSets are the sets as resources.
func (d draws) valueSets() (all []body) {
	for _, url := range slices.Sorted(maps.Keys(d.sets)) {
		var include []any
		for _, t := range d.sets[url] {
			include = append(include, body{"system": t.system, "concept": []any{body{"code": t.code}}})
		}
		all = append(all, body{"resourceType": "ValueSet", "id": "asked-" + url[strings.LastIndex(url, "/")+1:], "url": url, "status": "active", "compose": body{"include": include}})
	}
	return all
}
