package access

import (
	"strings"

	"tributary/fhir/model"
	"tributary/internal/errs"
)

// Letters are the permissions of a SMART v2 scope, as bits.
type Letters uint8

// The letters in the order in which a scope writes them.
const (
	LetterC Letters = 1 << iota
	LetterR
	LetterU
	LetterD
	LetterS
)

const letterOrder = "cruds"

// Scope is one resource scope (SMART App Launch 2.2, section 3.0.2):
// patient/Observation.rs?category=laboratory.
type Scope struct {
	Context string // patient, user or system
	Type    string // resource type or *
	Letters Letters
	Query   string // what stands behind the ?; "" for all
	text    string // as granted, a v1 spelling kept
}

// Scopes are a token's scopes: those of resources, and the others (openid,
// fhirUser, launch/patient, offline_access …) as they are.
type Scopes struct {
	Resource []Scope
	Other    []string
}

// ParseScopes reads a space-separated scope parameter. The error names the first
// scope that looks like a resource scope and is none; it is safe to show.
func ParseScopes(text string) (Scopes, error) {
	var s Scopes
	for _, word := range strings.Fields(text) {
		switch scope, kind := parseScope(word); kind {
		case resourceScope:
			s.Resource = append(s.Resource, scope)
		case otherScope:
			s.Other = append(s.Other, word)
		default:
			return Scopes{}, errs.New(errs.Invalid, "not a scope that is known here: %.80q", word)
		}
	}
	return s, nil
}

type scopeKind uint8

const (
	badScope scopeKind = iota
	otherScope
	resourceScope
)

// uriPrefix is how a scope may be spelled where scopes must be URIs.
const uriPrefix = "http://smarthealthit.org/fhir/scopes/"

var contexts = map[string]bool{"patient": true, "user": true, "system": true}

func parseScope(word string) (Scope, scopeKind) {
	context, rest, found := strings.Cut(strings.TrimPrefix(word, uriPrefix), "/")
	if !found || !contexts[context] {
		return Scope{}, otherScope
	}
	rest, query, granular := strings.Cut(rest, "?")
	typ, letters, found := strings.Cut(rest, ".")
	bits, ok := parseLetters(letters)
	if !found || !ok || (granular && query == "") || (typ != "*" && !model.IsResource(typ)) {
		return Scope{}, badScope
	}
	return Scope{Context: context, Type: typ, Letters: bits, Query: query, text: word}, resourceScope
}

var firstVersion = map[string]Letters{
	"read":  LetterR | LetterS,
	"write": LetterC | LetterU | LetterD,
	"*":     LetterC | LetterR | LetterU | LetterD | LetterS,
}

// parseLetters reads v1 words and v2 letters; letters out of order are refused,
// never re-interpreted.
func parseLetters(text string) (Letters, bool) {
	if bits, ok := firstVersion[text]; ok {
		return bits, true
	}
	bits, last := Letters(0), -1
	for _, c := range text {
		i := strings.IndexRune(letterOrder, c)
		if i <= last {
			return 0, false
		}
		bits, last = bits|1<<i, i
	}
	return bits, bits != 0
}

// String spells the scopes as they were granted.
func (s Scopes) String() string {
	words := make([]string, 0, len(s.Resource)+len(s.Other))
	for _, scope := range s.Resource {
		words = append(words, scope.String())
	}
	return strings.Join(append(words, s.Other...), " ")
}

// String spells the scope as it was written, or in v2 form.
func (s Scope) String() string {
	if s.text != "" {
		return s.text
	}
	text := s.Context + "/" + s.Type + "." + s.Letters.String()
	if s.Query != "" {
		text += "?" + s.Query
	}
	return text
}

// String spells the letters in order.
func (l Letters) String() string {
	var b strings.Builder
	for i, c := range letterOrder {
		if l&(1<<i) != 0 {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// Has reports whether another scope was granted, such as "openid".
func (s Scopes) Has(other string) bool {
	for _, word := range s.Other {
		if word == other {
			return true
		}
	}
	return false
}

// Covering returns the scopes that grant all of the letters on the type; the
// union of their queries is what is granted.
func (s Scopes) Covering(typ string, letters Letters) []Scope {
	var covering []Scope
	for _, scope := range s.Resource {
		if (scope.Type == typ || scope.Type == "*") && scope.Letters&letters == letters {
			covering = append(covering, scope)
		}
	}
	return covering
}
