package terminology

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary/fhir/terminology"
)

// asking is how an expansion is to be made and shown.
type asking struct {
	terminology.Expansion
	designations bool
	only         []string // designations: use or language
	definition   bool
}

func expand(c *call) ([]byte, error) {
	ask, err := c.asking()
	if err != nil {
		return nil, err
	}
	v, sent, err := c.valueSet()
	if err != nil {
		return nil, err
	}
	expanded, err := c.Expand(c, v, ask.Expansion)
	if err != nil {
		return nil, err
	}
	w := &writer{[]byte(`{"resourceType":"ValueSet"`)}
	w.member("url", v.URL)
	w.member("version", v.Version)
	w.member("name", v.Name)
	w.member("title", v.Title)
	if w.member("status", v.Status); v.Status == "" {
		w.member("status", "unknown")
	}
	if compose := sent.Get("compose"); ask.definition && compose.Exists() {
		w.key("compose")
		w.b = append(w.b, compose.Raw()...)
	}
	c.expansion(w, &ask, &expanded)
	w.raw("}")
	return w.b, nil
}

func (c *call) asking() (ask asking, err error) {
	ask.Count, ask.Filter, ask.Language = -1, c.in.Text("filter"), c.in.Text("displayLanguage")
	ask.Without, ask.only = c.in.All("exclude-system"), c.in.All("designation")
	ask.Pins = terminology.Pins{Default: c.in.All("system-version"), Check: c.in.All("check-system-version"), Force: c.in.All("force-system-version")}
	var flat bool
	for _, read := range []func() error{
		func() (err error) { ask.Offset, err = c.number("offset", 0); return },
		func() (err error) { ask.Count, err = c.number("count", -1); return },
		func() (err error) { ask.ActiveOnly, err = c.flag("activeOnly", false); return },
		func() (err error) { ask.ForUser, err = c.flag("excludeNotForUI", false); return },
		func() (err error) { flat, err = c.flag("excludeNested", true); return },
		func() (err error) { _, err = c.flag("excludePostCoordinated", true); return }, // none are made
		func() (err error) { ask.designations, err = c.flag("includeDesignations", false); return },
		func() (err error) { ask.definition, err = c.flag("includeDefinition", false); return },
	} {
		if err := read(); err != nil {
			return ask, err
		}
	}
	ask.Nested = !flat
	ask.designations = ask.designations || len(ask.only) > 0
	return ask, nil
}

// echoed are the parameters that the expansion repeats, with their types.
var echoed = []struct{ name, typ string }{
	{"filter", "String"}, {"offset", "Integer"}, {"count", "Integer"}, {"includeDesignations", "Boolean"}, {"designation", "String"},
	{"activeOnly", "Boolean"}, {"excludeNested", "Boolean"}, {"excludeNotForUI", "Boolean"}, {"displayLanguage", "Code"},
	{"exclude-system", "Uri"}, {"system-version", "Uri"}, {"check-system-version", "Uri"}, {"force-system-version", "Uri"},
}

func (c *call) expansion(w *writer, ask *asking, e *terminology.Expanded) {
	w.key("expansion")
	w.raw(`{"timestamp":"` + c.now.UTC().Format(time.RFC3339) + `","total":` + strconv.Itoa(e.Total))
	if ask.Offset > 0 || ask.Count >= 0 {
		w.raw(`,"offset":` + strconv.Itoa(ask.Offset))
	}
	said := parametersOf(c, e)
	if len(said.b) > 1 {
		w.key("parameter")
		w.b = append(append(w.b, said.b...), ']')
	}
	w.contains(e.Entries, ask)
	w.raw("}")
}

func parametersOf(c *call, e *terminology.Expanded) *writer {
	w := &writer{[]byte("[")}
	for _, p := range echoed {
		for _, value := range c.in.All(p.name) {
			w.parameter(p.name, p.typ, value)
		}
	}
	for _, system := range e.Systems {
		w.parameter("version", "Uri", system)
	}
	if e.Stored {
		w.parameter("warning", "String", "the definition cannot be worked out here; this is the expansion that is stored in the value set")
	}
	return w
}

func (w *writer) contains(entries []terminology.Entry, ask *asking) {
	list(w, "contains", entries, func(e *terminology.Entry) {
		w.member("system", e.System)
		w.flag("abstract", e.Abstract)
		w.flag("inactive", e.Inactive)
		w.member("version", e.Version)
		w.member("code", e.Code)
		w.member("display", e.DisplayIn(ask.Language))
		if ask.designations {
			w.designations(ask.chosen(e.Designations))
		}
		w.contains(e.Contains, ask)
	})
}

func (w *writer) designations(all []terminology.Designation) {
	list(w, "designation", all, func(d *terminology.Designation) {
		w.member("language", d.Language)
		if d.Use != (terminology.Coding{}) {
			w.key("use")
			w.raw("{")
			w.codingMembers(d.Use)
			w.raw("}")
		}
		w.member("value", d.Value)
	})
}

// languages is the system of languages, by which the parameter designation names one.
const languages = "urn:ietf:bcp:47"

// chosen are the designations that the parameter designation asks for: system|code of
// their use, or of their language.
func (a *asking) chosen(all []terminology.Designation) []terminology.Designation {
	if len(a.only) == 0 {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(d terminology.Designation) bool {
		return !slices.ContainsFunc(a.only, func(token string) bool {
			system, code, found := strings.Cut(token, "|")
			switch {
			case !found:
				return token == d.Language || token == d.Use.Code
			case system == languages:
				return code == d.Language
			}
			return system == d.Use.System && (code == d.Use.Code || code == "")
		})
	})
}
