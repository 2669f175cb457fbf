package terminology

import (
	"slices"
	"strings"
)

// Details are what a code system says of one of its codes.
type Details struct {
	Name, Version, Code, Display, Definition string
	Abstract, Inactive                       bool
	Properties                               []Property
	Designations                             []Designation
}

// Lookup describes a code (R4, operation CodeSystem-lookup): of its properties those
// that are named, or all; the display in the language, where there is one in it.
func (s *CodeSystem) Lookup(code string, properties []string, language string) (Details, error) {
	c, err := s.known(code)
	if err != nil {
		return Details{}, err
	}
	wanted := func(name string) bool {
		return len(properties) == 0 || slices.Contains(properties, name) || slices.Contains(properties, "*")
	}
	d := Details{
		Name: s.name(), Version: s.Version, Code: c.Code, Display: displayIn(language, c.Display, c.Designations),
		Abstract: c.Abstract, Inactive: c.Inactive,
	}
	if wanted("definition") {
		d.Definition = c.Definition
	}
	d.Designations = c.namesWanted(properties, wanted("designation"))
	d.Properties = s.related(c, wanted)
	for _, p := range c.Properties {
		if kind := s.properties[p.Code]; wanted(p.Code) && kind != parentProperty && kind != childProperty {
			d.Properties = append(d.Properties, p)
		}
	}
	return d, nil
}

// name is required of an answer.
func (s *CodeSystem) name() string {
	for _, name := range []string{s.Name, s.Title, s.URL} {
		if name != "" {
			return name
		}
	}
	return ""
}

// related are the codes above and below, and whether the code is in use.
func (s *CodeSystem) related(c *Concept, wanted func(string) bool) (list []Property) {
	if wanted("parent") {
		for _, p := range s.Parents(c) {
			list = append(list, Property{Code: "parent", Type: "Code", Value: p.Code, Display: p.Display})
		}
	}
	if wanted("child") {
		for _, p := range s.Children(c) {
			list = append(list, Property{Code: "child", Type: "Code", Value: p.Code, Display: p.Display})
		}
	}
	if c.Inactive && wanted("inactive") && !slices.ContainsFunc(c.Properties, func(p Property) bool { return p.Code == "inactive" }) {
		list = append(list, Property{Code: "inactive", Type: "Boolean", Value: "true"})
	}
	return list
}

// namesWanted are the designations; lang.de asks for those in German.
func (c *Concept) namesWanted(properties []string, all bool) []Designation {
	if all {
		return c.Designations
	}
	var list []Designation
	for _, d := range c.Designations {
		if slices.ContainsFunc(properties, func(p string) bool {
			language, asked := strings.CutPrefix(p, "lang.")
			return asked && inLanguage(d.Language, language)
		}) {
			list = append(list, d)
		}
	}
	return list
}

// displayIn is the designation in the language, or the display itself.
func displayIn(language, display string, designations []Designation) string {
	if language == "" {
		return display
	}
	for asked := range strings.SplitSeq(language, ",") { // as in Accept-Language
		asked, _, _ = strings.Cut(strings.TrimSpace(asked), ";")
		for _, d := range designations {
			if inLanguage(d.Language, asked) {
				return d.Value
			}
		}
	}
	return display
}

// DisplayIn is the display in a language, or as it is.
func (e *Entry) DisplayIn(language string) string {
	return displayIn(language, e.Display, e.Designations)
}

// inLanguage: de-CH is German; de asked for as de-CH is better than none.
func inLanguage(has, asked string) bool {
	if has == "" || asked == "" {
		return false
	}
	has, asked = strings.ToLower(has), strings.ToLower(asked)
	return has == asked || strings.HasPrefix(has, asked+"-") || strings.HasPrefix(asked, has+"-")
}
