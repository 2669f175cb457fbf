package fhir

import (
	"cmp"
	"slices"
	"strings"

	"tributary/fhir/tree"
)

// fault is an issue whose place is still a node: naming the place costs, and
// only the first MaxIssues need a name.
type fault struct {
	at      tree.Value
	code    string // IssueType
	reason  string
	doubled bool // google/fhir may have said the same at the same place
}

// findings is what checking resources found.
type findings struct {
	faults []fault
	refs   []tree.Value
}

func (f *findings) add(more findings) {
	f.faults = append(f.faults, more.faults...)
	f.refs = append(f.refs, more.refs...)
}

// placed is an issue with its byte offset, to be sorted among others.
type placed struct {
	Issue
	at int
}

// placed names the faults, in document order and without doubles, MaxIssues
// at most.
func (f findings) placed() []placed {
	slices.SortStableFunc(f.faults, func(a, b fault) int {
		return cmp.Or(byPlace(a.at, b.at), cmp.Compare(a.reason, b.reason))
	})
	var issues []placed
	for i, x := range f.faults {
		if x.doubled && f.saidAround(i) || i > 0 && x == f.faults[i-1] {
			continue
		}
		if len(issues) == MaxIssues {
			break
		}
		start, _ := x.at.Span()
		issues = append(issues, placed{Issue{"error", x.code, x.expression(), x.reason}, start})
	}
	return issues
}

// invalid is the error that lists the issues, nil when there are none.
func invalid(found []placed) error {
	if len(found) == 0 {
		return nil
	}
	slices.SortStableFunc(found, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	e := &Invalid{}
	for _, p := range found[:min(len(found), MaxIssues)] {
		e.Issues = append(e.Issues, p.Issue)
	}
	return e
}

// saidAround reports whether another fault at the same place stands for a
// doubled one.
func (f findings) saidAround(i int) bool {
	same := func(j int) bool { return f.faults[j].at.Same(f.faults[i].at) }
	for j := i - 1; j >= 0 && same(j); j-- {
		if !f.faults[j].doubled {
			return true
		}
	}
	for j := i + 1; j < len(f.faults) && same(j); j++ {
		if !f.faults[j].doubled {
			return true
		}
	}
	return false
}

// expression names the place in FHIRPath, which has no underscore members: an
// extension of birthDate stands at birthDate.extension. A client chooses the
// member names, so that only what can be an element's name is shown.
func (f fault) expression() string {
	path := f.at.Expression()
	if f.reason != unknownElement {
		path = strings.ReplaceAll(path, "._", ".")
	}
	if len(path) > maxExpression {
		path = path[:maxExpression]
	}
	return strings.Map(nameRune, path)
}

const (
	maxExpression  = 300
	unknownElement = "unknown element"
)

func nameRune(r rune) rune {
	plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	if plain || strings.ContainsRune("_.[]$-", r) {
		return r
	}
	return '?'
}
