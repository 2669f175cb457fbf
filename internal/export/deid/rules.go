package deid

import (
	"regexp"
	"strings"
	"sync"

	"tributary/fhir"
	"tributary/fhir/tree"
)

// byType is how values leave by their FHIR type. Text, uris, identifiers, names,
// addresses and attachments are not here. Complex types that have a list of their
// own are in the table.
var byType map[string]rule

// specials are the rules that the table names.
var specials map[string]rule

func init() { // the rules refer to each other
	byType = map[string]rule{
		"boolean": boolean, "integer": number, "decimal": number, "unsignedInt": number, "positiveInt": number,
		"code": code, "date": date, "dateTime": date, "instant": date, "time": timeOfDay,
		"Coding": coding, "CodeableConcept": concept, "Reference": reference,
		"Quantity": quantity, "Duration": quantity, "Count": quantity, "Distance": quantity, "Age": age,
	}
	specials = map[string]rule{
		"research": research, "pseudonym": pseudonym, "birth": birth, "demographics": demographics,
		"linkId": linkID, "samples": matching(`[0-9EUL.+ -]*`),
		"questionnaire": own,
		"mediaType":     matching(`(text|image|application|audio|video)/[a-z0-9.+-]{1,48}(;\s?charset=[A-Za-z0-9-]{1,16})?`),
	}
}

func boolean(w *writer, v tree.Value) bool { return w.literal(v, tree.Bool) }
func number(w *writer, v tree.Value) bool  { return w.literal(v, tree.Number) }

func (w *writer) literal(v tree.Value, k tree.Kind) bool {
	if v.Kind() != k {
		return false
	}
	w.out = append(w.out, v.Raw()...)
	return true
}

// quoted appends text that needs no escapes as a JSON string.
func (w *writer) quoted(text string) bool {
	w.out = append(w.out, '"')
	w.out = append(w.out, text...)
	w.out = append(w.out, '"')
	return true
}

// matching leaves strings of a pattern whose characters need no escapes in JSON.
func matching(pattern string) rule {
	whole := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(` + pattern + `)$`) }) // no command but an export needs it
	return func(w *writer, v tree.Value) bool {
		return v.Kind() == tree.String && whole().MatchString(v.Text()) && w.quoted(v.Text())
	}
}

var (
	own       = matching(`https://tributary\.example/fhir/Questionnaire/[a-z0-9-]{1,64}(\|[0-9.]{1,16})?`)
	ownLink   = matching(`[a-z0-9][a-z0-9.-]{0,39}`)
	otherLink = matching(`/?[0-9][0-9./-]{0,39}`)
)

// linkID leaves the number of a question; one in words only in an answer to the
// study's own surveys.
func linkID(w *writer, v tree.Value) bool {
	root := v
	for up := root.Parent(); up.Exists(); up = up.Parent() {
		root = up
	}
	scratch := writer{release: w.release, person: w.person}
	if own(&scratch, root.Get("questionnaire")) {
		return ownLink(w, v)
	}
	return otherLink(w, v)
}

// code leaves a code as it is: only elements whose codes FHIR itself fixes, and
// which the write path has checked, are listed with it.
func code(w *writer, v tree.Value) bool {
	text := v.Text()
	if v.Kind() != tree.String || len(text) == 0 || len(text) > 40 {
		return false
	}
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return w.quoted(text)
}

var clock = regexp.MustCompile(`^[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]{1,9})?$`)

func timeOfDay(w *writer, v tree.Value) bool {
	return v.Kind() == tree.String && clock.MatchString(v.Text()) && w.quoted(v.Text())
}

func research(w *writer, v tree.Value) bool {
	return v.Text() == w.person.Patient && w.quoted(w.person.Research)
}

// pseudonym replaces an id, that of a resource or one inside of it.
func pseudonym(w *writer, v tree.Value) bool {
	if v.Kind() != tree.String {
		return false
	}
	typ := "uid"
	if v.Key() == "id" {
		typ = v.Parent().Get("resourceType").Text()
	}
	w.out = append(w.out, '"')
	w.out = w.release.pseudonym(w.out, typ, v.Text())
	w.out = append(w.out, '"')
	return true
}

// reference leaves one to the participant, or to what the release has a type for.
func reference(w *writer, v tree.Value) bool {
	typ, id, ok := strings.Cut(v.Get("reference").Text(), "/")
	id, version, versioned := strings.Cut(id, "/_history/")
	if !ok || !fhir.IsID(id) || versioned && !fhir.IsID(version) {
		return false
	}
	if typ == "Patient" {
		return id == w.person.Patient && w.target(typ, func() { w.out = append(w.out, w.person.Research...) })
	}
	if !w.release.types[typ] {
		return false
	}
	if shared[typ] {
		w.person.share(typ, id)
	}
	return w.target(typ, func() { w.out = w.release.pseudonym(w.out, typ, id) })
}

func (w *writer) target(typ string, id func()) bool {
	w.out = append(append(append(w.out, `{"reference":"`...), typ...), '/')
	id()
	w.out = append(w.out, `"}`...)
	return true
}
