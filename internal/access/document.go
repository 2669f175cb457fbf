package access

import (
	"fmt"
	"slices"
	"strings"

	"tributary/fhir/model"
)

// Roles are all of the policy, in the order of its documentation.
var Roles = []Role{Participant, Delegate, CenterStaff, StudyStaff, Research, Researcher, EHR, Operator, Maintenance, System}

// Allows reports whether the policy ever lets a role do this to a type: the most
// that scopes, reach and consent can leave.
func Allows(role Role, typ string, i Interaction) bool {
	letter, known := letterOf[i]
	return known && granted(role, typ)&letter != 0
}

// Exports reports whether the policy lets a role export anything.
func Exports(role Role) bool { return ruleOf(role).export != nil }

// interactionOrder is that of the documentation: interactions with one letter are
// allowed together.
var interactionOrder = []struct {
	letter Letters
	words  string
}{
	{LetterR, "read, vread, history"}, {LetterS, "search"}, {LetterC, "create"}, {LetterU, "update, patch"}, {LetterD, "delete"},
}

//go:generate go run ./gen ../../docs/access.md

// The marks between which docs/access.md has the Document.
const (
	DocumentBegins = "<!-- generated from internal/access: go generate ./internal/access -->"
	DocumentEnds   = "<!-- end -->"
)

// Document is the policy in Markdown, for docs/access.md.
func Document() string {
	var b strings.Builder
	b.WriteString("| role | who | reaches | what must hold beside | exports |\n|---|---|---|---|---|\n")
	for _, role := range Roles {
		r := ruleOf(role)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", role, r.is, r.whom(), r.holds(), r.exports())
	}
	b.WriteString("\nBy class of types:\n\n| role |")
	classes := []Class{InPatient, Shared, Owned, AuditTrail, Closed}
	for _, c := range classes {
		b.WriteString(" " + c.String() + " |")
	}
	b.WriteString(" single types |\n|---|---|---|---|---|---|---|\n")
	for _, role := range Roles {
		fmt.Fprintf(&b, "| `%s` |", role)
		for _, c := range classes {
			b.WriteString(" " + cell(ruleOf(role).classes[c]) + " |")
		}
		b.WriteString(" " + exceptions(role) + " |\n")
	}
	b.WriteString("\nThe letters are those of a SMART scope: ")
	for i, o := range interactionOrder {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "`%s` %s", o.letter, o.words)
	}
	b.WriteString(". A conditional form needs its own letter and `s`.\n\nThe classes:\n\n")
	for _, c := range classes {
		fmt.Fprintf(&b, "- **%s**, %s: %s\n", c, classWords[c], strings.Join(typesIn(c), ", "))
	}
	b.WriteString("\nOf the service's own jobs, each reads what its row says and writes no more than this:\n\n| job | writes |\n|---|---|\n")
	for _, name := range sortedKeys(jobs) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, cell(strings.Join(sortedKeys(jobs[name]), " ")))
	}
	return b.String()
}

var classWords = map[Class]string{
	InPatient: "in the compartment of a Patient", Shared: "says nothing about a participant", Owned: "a client's own",
	AuditTrail: "written by the server alone", Closed: "lists or links several people, or is in nobody's compartment",
}

func (r *rule) whom() string {
	switch {
	case r.reach != nil:
		return r.reach.words
	case len(r.classes) > 0:
		return "everybody"
	}
	return "nobody"
}

func (r *rule) holds() string {
	switch {
	case r.permit != nil:
		if r.shown {
			return r.permit.words + "; " + shownWords
		}
		return r.permit.words
	case r.shown:
		return shownWords
	case r.portalOnly:
		return "signed in on the portal: there are no clients of this role"
	}
	return "–"
}

const shownWords = "for results that a consent of its own governs, that consent"

func (r *rule) exports() string {
	if r.export == nil {
		return "–"
	}
	return r.export.words + ", with a `" + r.export.context + "/` scope"
}

func cell(text string) string {
	if text == "" {
		return "–"
	}
	return "`" + text + "`"
}

func exceptions(role Role) string {
	r := ruleOf(role)
	var parts []string
	for _, typ := range sortedKeys(r.more) {
		parts = append(parts, typ+" `+"+r.more[typ]+"`")
	}
	for _, typ := range sortedKeys(r.less) {
		parts = append(parts, typ+" `−"+r.less[typ]+"`")
	}
	if len(parts) == 0 {
		return "–"
	}
	return strings.Join(parts, ", ")
}

func typesIn(c Class) []string {
	return slices.DeleteFunc(slices.Sorted(slices.Values(model.Resources())), func(typ string) bool { return ClassOf(typ) != c })
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
