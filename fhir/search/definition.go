package search

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// CustomFault says why a SearchParameter cannot be used. It is safe to show.
type CustomFault struct {
	Element string // of the SearchParameter
	Reason  string
}

func (f *CustomFault) Error() string { return "SearchParameter." + f.Element + ": " + f.Reason }

func (c Custom) fault(element, format string, args ...any) *CustomFault {
	return &CustomFault{element, fmt.Sprintf(format, args...)}
}

// maxBase bounds the types of one SearchParameter, and maxExpression the text of an
// expression: each is compiled for each type.
const (
	maxBase       = 20
	maxExpression = 4000
)

// customCode is what a query can name without being misread: a chain, a modifier
// or a parameter of the result.
var customCode = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)

// Define reads what a SearchParameter resource asks for: a definition for each of
// its types, without numbers. There are none when it is not active, or when all it
// says is that R4's own parameter of the same code answers (by the same url, a
// derivedFrom, or the same expression).
func Define(root tree.Value) ([]Custom, *CustomFault) {
	c := Custom{
		Code: root.Get("code").Text(), URL: root.Get("url").Text(), Kind: root.Get("type").Text(),
		Expression: strings.TrimSpace(root.Get("expression").Text()), Targets: textsOf(root.Get("target")),
	}
	for part := range root.Get("component").Elements() {
		c.Components = append(c.Components, CustomComponent{part.Get("definition").Text(), part.Get("expression").Text()})
	}
	bases := textsOf(root.Get("base"))
	derived := withoutVersion(root.Get("derivedFrom").Text())
	bases = slices.DeleteFunc(bases, func(typ string) bool { return c.says(typ, derived) })
	if root.Get("status").Text() != "active" || len(bases) == 0 {
		return nil, nil
	}
	if fault := c.form(bases); fault != nil {
		return nil, fault
	}
	var all []Custom
	for _, typ := range bases {
		one := c
		one.Type = typ
		if slices.ContainsFunc(all, func(d Custom) bool { return d.Type == typ }) {
			continue
		}
		all = append(all, one)
	}
	return all, nil
}

// says tells whether R4's own parameter is meant.
func (c Custom) says(typ, derived string) bool {
	own, ok := Base().Lookup(typ, c.Code)
	return ok && (own.URL == c.URL || strings.HasPrefix(derived, parameterURL) || own.Expression != "" && own.Expression == c.Expression && own.Kind == kinds[c.Kind])
}

func textsOf(list tree.Value) (texts []string) {
	for v := range list.Elements() {
		texts = append(texts, v.Text())
	}
	return texts
}

// form holds what can be said of the definition alone.
func (c Custom) form(bases []string) *CustomFault {
	kind := kinds[c.Kind]
	switch {
	case !customCode.MatchString(c.Code):
		return c.fault("code", "a code is up to 64 letters, digits and hyphens, and begins with a letter")
	case kind == Special:
		return c.fault("type", "a parameter of the type special can be defined by the server only")
	case len(bases) > maxBase:
		return c.fault("base", "at most %d types; define further parameters for others", maxBase)
	case c.Expression == "" || len(c.Expression) > maxExpression:
		return c.fault("expression", "an expression of at most %d characters is needed, to know what to index", maxExpression)
	}
	for _, typ := range bases {
		if !resourceName(typ) {
			return c.fault("base", "%s is no concrete resource type; name the types", clip(typ, 64))
		}
	}
	return c.parts(kind)
}

func (c Custom) parts(kind Kind) *CustomFault {
	switch {
	case kind == Reference && len(c.Targets) == 0:
		return c.fault("target", "a reference needs the types that it may point to")
	case kind != Reference && len(c.Targets) > 0:
		return c.fault("target", "only a reference has targets")
	case kind == Composite && (len(c.Components) < 2 || len(c.Components) > 3):
		return c.fault("component", "a composite has two or three components")
	case kind != Composite && len(c.Components) > 0:
		return c.fault("component", "only a composite has components")
	}
	for _, typ := range c.Targets {
		if !resourceName(typ) {
			return c.fault("target", "%s is no resource type", clip(typ, 64))
		}
	}
	return nil
}

func resourceName(name string) bool {
	_, known := Base().types[name]
	return known && model.IsResource(name)
}

// fickle are functions whose value changes while the resource does not: an index
// of it would be wrong the next day.
var fickle = regexp.MustCompile(`\b(now|today|timeOfDay)\s*\(`)

// Check tells whether a definition could be used beside those that the registry has
// under other numbers: that its code is free, that its expression compiles, and
// that composites are plain paths.
func (r *Registry) Check(c Custom) *CustomFault {
	now := r.now()
	trial, _ := derive(now, now.others(c))
	c.Pending = false
	if fault := trial.add(now, c); fault != nil {
		return fault
	}
	p := trial.customs[c.Number]
	if _, err := path.Compile(p.Expression); err != nil {
		return c.fault("expression", "%v", err)
	}
	if fickle.MatchString(p.Expression) {
		return c.fault("expression", "an index cannot follow the time: now(), today() and timeOfDay() are not for search parameters")
	}
	return c.compiled(trial.types[c.Type].plan(), p)
}

// compiled looks at what the compiler found of the parameter.
func (c Custom) compiled(plan *plan, p *Param) *CustomFault {
	for _, fault := range plan.faults {
		if reason, about := strings.CutPrefix(fault, p.Code+": "); about {
			return c.fault("expression", "%s", reason)
		}
	}
	for _, s := range plan.slow {
		if s.param == p && p.Kind == Composite {
			return c.fault("expression", "the expression of a composite is a path of member names")
		}
	}
	return nil
}

// others are the custom parameters but those of the same url on the same type,
// which the definition would replace.
func (r *Registry) others(c Custom) (rest []Custom) {
	for _, p := range r.customs {
		if p.Type == c.Type && p.URL == c.URL {
			continue
		}
		d := Custom{Number: p.Number, Type: p.Type, Code: p.Code, URL: p.URL, Kind: p.Kind.String(), Expression: p.Expression, Targets: p.Targets, Pending: p.Pending}
		for _, part := range p.Components {
			d.Components = append(d.Components, CustomComponent{part.Param.URL, part.Expression})
		}
		rest = append(rest, d)
	}
	return rest
}
