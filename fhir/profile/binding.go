package profile

import (
	"slices"
	"strings"

	"tributary/fhir/tree"
)

// bound holds the codes of an item against a binding. A value set that R4 itself
// requires at the element has been asked for when the resource was parsed.
func (r *run) bound(b *binding, base string, it item) {
	codes := codesOf(it)
	if set, _, _ := strings.Cut(b.set, "|"); set != "" && (b.strength == "required" || b.strength == "extensible") && set != base {
		r.from(b.set, b.strength == "required", it, codes)
	}
	if b.max != "" {
		r.from(b.max, true, it, codes)
	}
}

// membership is what a terminology answers of a value set and codes.
type membership uint8

// The answers; the zero one is that the value set, or a code system that it needs,
// is not known.
const (
	unknown membership = iota
	isMember
	notMember
)

// code is a code with its system, which is "" for elements of type code.
type code struct{ system, code string }

// from holds that one of the codes is of a value set. With an extensible binding a
// code of another one may stand where none of the set's says the same, which only
// people can tell.
func (r *run) from(set string, required bool, it item, codes []code) {
	if len(codes) == 0 {
		if required && it.node.Kind() == tree.Object && it.typ != nil && it.typ.Name == "CodeableConcept" && it.node.Get("text").Exists() {
			r.fault("code-invalid", it.at(), "a coding of the value set %s is needed; a text alone is not enough", set)
		}
		return
	}
	switch r.member(set, codes) {
	case isMember:
	case unknown:
		r.once("warning", it.at(), "%s, so that codes are not held against it", r.missing(set, codes))
	default:
		if required {
			r.fault("code-invalid", it.at(), "no code here is of the value set %s; use one of it", set)
		} else {
			r.issue("warning", "code-invalid", it.at(), "", "no code here is of the value set %s; use one of it if one fits", set)
		}
	}
}

// Reasons tells what a Terminology lacks that does not know of a value set. A Terminology
// may be one.
type Reasons interface {
	// Missing is a sentence without a full stop, or "" where it is the value set itself.
	Missing(valueSet, system, code string) string
}

// missing says for want of what it is not known whether codes are of a value set.
func (r *run) missing(set string, codes []code) string {
	if reasons, ok := r.o.Terminology.(Reasons); ok {
		for _, c := range codes {
			if why := reasons.Missing(set, c.system, c.code); why != "" {
				return "the value set " + set + " draws on what is not loaded (" + why + ")"
			}
		}
	}
	return "the value set " + set + ", or a code system that it needs, is not loaded"
}

// member asks of several codes: one that is of the set is enough.
func (r *run) member(set string, codes []code) membership {
	if r.o.Terminology == nil || len(codes) == 0 {
		return unknown
	}
	answer := notMember
	for _, c := range codes {
		switch of, known, err := r.o.Terminology.MemberOf(set, c.system, c.code); {
		case err != nil || !known:
			answer = unknown
		case of:
			return isMember
		}
	}
	return answer
}

// coded are the types that are bound by their text.
var coded = []string{"code", "string", "uri", "url", "canonical", "oid", "id", "markdown", "uuid"}

// codesOf are the codes in a value of a type that can be bound.
func codesOf(it item) (codes []code) {
	if it.typ == nil || !it.node.Exists() {
		return nil
	}
	switch name := it.typ.Name; {
	case slices.Contains(coded, name):
		return []code{{code: it.node.Text()}}
	case name == "CodeableConcept":
		for c := range it.node.Get("coding").Elements() {
			codes = appendCode(codes, c)
		}
	case name == "Coding" || it.typ.Is("Quantity"):
		codes = appendCode(codes, it.node)
	}
	return codes
}

func appendCode(codes []code, v tree.Value) []code {
	if text := v.Get("code").Text(); text != "" {
		codes = append(codes, code{v.Get("system").Text(), text})
	}
	return codes
}
