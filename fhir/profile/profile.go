// Package profile holds resources against profiles: StructureDefinitions that
// narrow R4's types, such as those of US Core, and R4's own invariants.
//
// A StructureDefinition is compiled once into a tree of elements with what is
// asked of each: cardinality, fixed and pattern values, types and their profiles,
// bindings, bounds, invariants, slices. Compile reads a snapshot as it is; of one
// with a differential only, it lays that over the compiled base. What the R4 model
// already says (which elements a type has, in which order and of which types) is
// not in the tree: package fhir has refused what breaks it.
//
//	Compile -> Profile      immutable, safe for concurrent use
//	Validate                a resource against R4's invariants and any number of Profiles
//
// What is found are Issues, each with its place in the instance. What could not be
// looked at (a profile, a value set, the target of a reference that is not to be
// had) is an Issue, too, a warning or information, never silence. mustSupport binds
// systems, not instances, and is not looked at.
//
// Neighbours: fhir/tree, fhir/model and fhir/path below; internal/validation loads
// the definitions and serves $validate.
package profile

import (
	"cmp"
	"strings"
	"time"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

//go:generate go run ./gen -dir $R4_DEFINITIONS

// Profile is a compiled StructureDefinition.
type Profile struct {
	URL, Version string
	Type         string // the R4 type that it narrows
	Name         string
	Extension    bool // a definition of an extension
	contexts     []context
	root         *element
	model        *model.Type
	notes        []Issue // what of the definition cannot be held
}

// Canonical is the URL with the version, where there is one.
func (p *Profile) Canonical() string {
	if p.Version == "" {
		return p.URL
	}
	return p.URL + "|" + p.Version
}

// Issue is one finding. Its text names what the definition asks for and quotes
// nothing of the instance.
type Issue struct {
	Severity   string // error, warning or information
	Code       string // from the IssueType value set
	Expression string // FHIRPath of the place in the instance
	Text       string // what is wrong and what would be right
	Profile    string // canonical of the profile that asks for it; "" is R4 itself
	Key        string // of an invariant
}

// Definitions finds profiles by their canonical, with or without |version: nil when
// it is not known. The error says why one that is known cannot be used; it is safe to
// show.
type Definitions interface {
	Profile(canonical string) (*Profile, error)
}

// Options are what a validation may ask. All may be left out; what is missing is
// told as information.
type Options struct {
	Definitions Definitions
	Terminology path.Terminology
	Systems     Systems
	// Target finds the resource that a reference names beyond the document.
	Target func(reference string) (tree.Value, bool)
	Now    time.Time // for now() and today() in invariants
	// Stopped ends a validation that takes too long; what was not held against is told.
	Stopped func() bool
}

// MaxIssues bounds how many issues a validation lists; what comes after them is
// counted by the last one.
const MaxIssues = 200

// Validate holds a resource against R4's invariants and the profiles. The resources
// in a Bundle and contained ones are held against R4's invariants as well, and
// against the profiles that they claim in meta.profile. The document's structure
// should be valid already; where it is not, less is found, and nothing fails.
func Validate(resource tree.Value, profiles []*Profile, o Options) []Issue {
	r := newRun(resource, &o)
	r.base()
	for _, p := range profiles {
		r.against(p, rootItem(resource))
	}
	return r.listed()
}

// baseURL is what the canonicals of R4's own definitions begin with.
const baseURL = "http://hl7.org/fhir/StructureDefinition/"

// baseType is the R4 type that a canonical names, "" if it is none of a type.
func baseType(canonical string) string {
	url, _, _ := strings.Cut(canonical, "|")
	name, ok := strings.CutPrefix(url, baseURL)
	if !ok {
		return ""
	}
	if _, known := model.TypeOf(name); !known {
		return ""
	}
	return name
}

func nonEmpty(texts ...string) string { return cmp.Or(texts...) }
