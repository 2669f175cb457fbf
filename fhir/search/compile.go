package search

import (
	"slices"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// follow finds the spots that a union of plain paths leads to from one of the
// starts: by the name of the type, by %resource, or, relative, from where it stands
// under the name "". It reports false for an expression that is more than
// member names, as, ofType, where(x='y'), where(resolve() is T) and extension('url').
func follow(expression string, starts map[string]spot) ([]spot, bool) {
	var all []spot
	for _, term := range split(expression, '|') {
		spots, ok := followTerm(strings.TrimSpace(term), starts)
		if !ok {
			return nil, false
		}
		all = append(all, spots...)
	}
	return all, true
}

func followTerm(term string, starts map[string]spot) ([]spot, bool) {
	steps := split(term, '.')
	spots, rest, ok := start(steps, starts)
	for _, step := range rest {
		if !ok {
			break
		}
		spots, ok = advance(spots, strings.TrimSpace(step))
	}
	return spots, ok
}

// start takes the first step: a start, a parenthesis, or a member of the
// relative start.
func start(steps []string, starts map[string]spot) (spots []spot, rest []string, ok bool) {
	first := steps[0]
	if s, found := starts[first]; found && first != "" {
		return []spot{s}, steps[1:], true
	}
	if inner, found := strings.CutPrefix(first, "("); found && strings.HasSuffix(inner, ")") {
		spots, ok = followAs(strings.TrimSuffix(inner, ")"), starts)
		return spots, steps[1:], ok
	}
	if s, found := starts[""]; found {
		return []spot{s}, steps, true
	}
	return nil, nil, false
}

// followAs is "X.y as T", or just a path in parentheses.
func followAs(term string, starts map[string]spot) ([]spot, bool) {
	term, typ, found := strings.Cut(term, " as ")
	spots, ok := followTerm(strings.TrimSpace(term), starts)
	if ok && found {
		return only(spots, strings.TrimSpace(typ))
	}
	return spots, ok
}

// split cuts at the separators that stand outside parentheses and quotes.
func split(s string, separator byte) []string {
	var parts []string
	depth, quoted, from := 0, false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == separator && depth == 0:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

func advance(spots []spot, step string) ([]spot, bool) {
	name, argument, call := strings.Cut(strings.TrimSuffix(step, ")"), "(")
	if !call {
		return members(spots, step)
	}
	if f, ok := calls[name]; ok {
		return f(spots, argument)
	}
	return nil, false
}

var calls = map[string]func(spots []spot, argument string) ([]spot, bool){
	"as": only, "ofType": only, "where": where, "extension": extension,
}

// only keeps the spots of a type.
func only(spots []spot, typ string) ([]spot, bool) {
	if typ == "DateTime" { // R4 writes it so in code-value-date
		typ = "dateTime"
	}
	return slices.DeleteFunc(slices.Clone(spots), func(s spot) bool { return s.typ.Name != typ }), true
}

func members(spots []spot, name string) ([]spot, bool) {
	var next []spot
	for _, s := range spots {
		e, ok := s.typ.Element(name)
		if !ok {
			return nil, false
		}
		for i, json := range e.JSONNames {
			if e.TypeAt(i) == nil {
				return nil, false // a resource: only the instance tells its type
			}
			next = append(next, spot{at: s.at.member(json), typ: e.TypeAt(i), valueSet: e.ValueSet})
		}
	}
	return next, true
}

func extension(spots []spot, argument string) ([]spot, bool) {
	spots, ok := members(spots, "extension")
	if !ok {
		return nil, false
	}
	return where(spots, "url="+argument)
}

// where narrows the spots to the values for which a condition holds.
func where(spots []spot, condition string) ([]spot, bool) {
	holds, ok := guard(condition)
	if !ok {
		return nil, false
	}
	next := slices.Clone(spots)
	for i := range next {
		next[i].at = next[i].at.guard(condition, holds)
	}
	return next, true
}

func guard(condition string) (func(tree.Value) bool, bool) {
	if typ, found := strings.CutPrefix(condition, "resolve() is "); found {
		return func(v tree.Value) bool { return referredType(v) == typ }, model.IsResource(typ)
	}
	if url, found := strings.CutPrefix(condition, "hasExtension("); found {
		url, ok := quoted(strings.TrimSuffix(url, ")"))
		return func(v tree.Value) bool { return hasExtension(v, url) }, ok
	}
	name, value, found := strings.Cut(condition, "=")
	value, ok := quoted(value)
	if !found || !ok || strings.ContainsAny(name, " .()") {
		return nil, false
	}
	return func(v tree.Value) bool { return v.Get(name).Text() == value }, true
}

func quoted(s string) (string, bool) {
	inner, found := strings.CutPrefix(strings.TrimSpace(s), "'")
	inner, closed := strings.CutSuffix(inner, "'")
	return inner, found && closed && !strings.ContainsAny(inner, `'\`)
}

func hasExtension(v tree.Value, url string) bool {
	for e := range v.Get("extension").Elements() {
		if e.Get("url").Text() == url {
			return true
		}
	}
	return false
}
