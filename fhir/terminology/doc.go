// Package terminology answers questions about codes (R4, sections 4.1 and 4.7):
// which codes a value set has, whether a code is one of them, what a code means,
// which of two codes is the wider one, what a code is in another system.
//
//	CompileCodeSystem, CompileValueSet, CompileConceptMap   a resource, ready to be asked; immutable
//	Resolver                                                finds compiled resources by their canonicals
//	Service                                                 Expand, ValidateCode, Lookup, Subsumes, Translate; Codes, Below
//	Base                                                    the Resolver of what R4 itself defines
//
// A code is in a value set, is not, or that cannot be known here: where a code
// system is not loaded, or only a part of it is, the answer says so and is never
// a guess. A value set whose definition cannot be worked out is answered by the
// expansion that is stored in it, if there is one.
//
// Whether a code is a member is worked out from the definition without listing
// the value set; only Expand lists. Both are bounded: sets that draw in each other
// in a circle, or too many others, are refused, and a list longer than
// Limits.Expansion is too costly, as the specification calls it, unless a page of
// it is asked for.
//
// Codes that no list can hold (languages of BCP 47, media types of BCP 13, units of
// UCUM) are held against their grammar.
//
// Neighbours: fhir/tree reads the resources; internal/records finds them within
// an actor's reach and asks for :in, :above and :below; internal/terminology serves
// the operations; fhir/path asks Facts for memberOf and subsumes; fhir/ucum knows units.
package terminology

import (
	"context"
	"fmt"
	"strings"
)

// Resolver finds what is asked for by canonical: url or url|version. What is not
// there, or not to be seen by the one who asks, is nil without an error; an error
// is a failure.
type Resolver interface {
	CodeSystem(ctx context.Context, canonical string) (*CodeSystem, error)
	ValueSet(ctx context.Context, canonical string) (*ValueSet, error)
	ConceptMap(ctx context.Context, canonical string) (*ConceptMap, error)
	// ConceptMaps finds those whose source or target is one of the value sets or
	// systems that are named; "" asks nothing.
	ConceptMaps(ctx context.Context, source, target string) ([]*ConceptMap, error)
}

// Limits bound what one question may cost.
type Limits struct {
	Expansion int // codes in an answer; 10,000 by default
	Scan      int // steps for one answer: codes and parts looked at; 5,000,000 by default
	Sets      int // value sets drawn in by one; 200 by default
}

func (l Limits) orDefault() Limits {
	if l.Expansion <= 0 {
		l.Expansion = 10_000
	}
	if l.Scan <= 0 {
		l.Scan = 5_000_000
	}
	if l.Sets <= 0 {
		l.Sets = 200
	}
	return l
}

// Service answers with what its Resolver finds.
type Service struct {
	From   Resolver
	Limits Limits
}

// Reason sorts failures by what a client can do about them.
type Reason uint8

// The reasons.
const (
	Invalid  Reason = iota // the question is wrong
	NotFound               // what it names is not known here
	TooCostly
	Unsupported // what the definition asks for cannot be worked out here
)

// Fault is why a question has no answer; its text is safe to show.
type Fault struct {
	Reason Reason
	Text   string
}

func (f *Fault) Error() string { return f.Text }

func fault(r Reason, format string, args ...any) *Fault {
	return &Fault{r, fmt.Sprintf(format, args...)}
}

// Coding is a code as it is asked about.
type Coding struct{ System, Version, Code, Display string }

// Canonical splits url|version.
func Canonical(text string) (url, version string) {
	url, version, _ = strings.Cut(text, "|")
	return url, version
}
