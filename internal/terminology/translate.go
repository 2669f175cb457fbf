package terminology

import (
	"tributary/fhir/terminology"
	"tributary/fhir/tree"
)

func translate(c *call) ([]byte, error) {
	codings, err := c.codings("system", "version")
	if err != nil {
		return nil, err
	}
	reverse, err := c.flag("reverse", false)
	if err != nil {
		return nil, err
	}
	maps, err := c.maps(codings, reverse)
	if err != nil {
		return nil, err
	}
	translated, err := c.Translate(c, maps, terminology.Translation{
		Codings: codings, TargetSystem: c.in.Text("targetsystem"), Reverse: reverse, Depends: c.dependencies(),
	})
	if err != nil {
		return nil, err
	}
	return matches(&translated), nil
}

// maps is the one at whose place the operation is called, that is sent along or
// named, or those that map what is asked about.
func (c *call) maps(codings []terminology.Coding, reverse bool) ([]*terminology.ConceptMap, error) {
	if m, ok := c.named.(*terminology.ConceptMap); ok {
		return []*terminology.ConceptMap{m}, nil
	}
	if sent := c.in.Resource("conceptMap"); sent.Exists() {
		if sent.Get("resourceType").Text() != "ConceptMap" {
			return nil, missing("the parameter conceptMap is a ConceptMap")
		}
		return []*terminology.ConceptMap{terminology.CompileConceptMap(sent)}, nil
	}
	if url := c.canonical("url", "conceptMapVersion"); url != "" {
		m, err := c.From.ConceptMap(c, url)
		if err == nil && m == nil {
			err = unknown("concept map", url)
		}
		return []*terminology.ConceptMap{m}, err
	}
	return c.suited(codings, reverse)
}

// suited are the maps from the source, or else from the systems of the codes, to the
// target; in reverse from the target.
func (c *call) suited(codings []terminology.Coding, reverse bool) (maps []*terminology.ConceptMap, err error) {
	from, to := []string{c.in.Text("source")}, c.in.Text("target")
	if to == "" {
		to = c.in.Text("targetsystem")
	}
	if from[0] == "" {
		from = systems(codings)
	}
	if len(from) == 0 {
		return nil, missing("name the concept map with url, or what is mapped: the system of the code, or source")
	}
	for _, one := range from {
		source, target := one, to
		if reverse {
			source, target = to, one
		}
		found, err := c.From.ConceptMaps(c, source, target)
		if err != nil {
			return nil, err
		}
		maps = append(maps, found...)
	}
	return maps, nil
}

func systems(codings []terminology.Coding) (list []string) {
	for _, one := range codings {
		if one.System != "" {
			list = append(list, one.System)
		}
	}
	return list
}

// dependencies are what a mapping may depend on: parts element and concept.
func (c *call) dependencies() (list []terminology.Dependency) {
	for _, p := range c.in.Parameters("dependency") {
		var property string
		var concept tree.Value
		for part := range p.Get("part").Elements() {
			switch part.Get("name").Text() {
			case "element":
				property = part.Get("valueUri").Text()
			case "concept":
				concept = part.Get("valueCodeableConcept")
			}
		}
		for one := range concept.Get("coding").Elements() {
			list = append(list, terminology.Dependency{Property: property, System: one.Get("system").Text(), Value: one.Get("code").Text()})
		}
		if text := concept.Get("text").Text(); text != "" {
			list = append(list, terminology.Dependency{Property: property, Value: text})
		}
	}
	return list
}

func matches(t *terminology.Translated) []byte {
	w := parameters()
	w.truth("result", t.Found)
	w.parameter("message", "String", t.Message)
	for _, m := range t.Matches {
		w.part("match", func() {
			w.parameter("equivalence", "Code", m.Equivalence)
			if m.Concept.Code != "" {
				w.coding("concept", m.Concept)
			}
			for _, p := range m.Products {
				w.part("product", func() {
					w.parameter("element", "Uri", p.Property)
					w.coding("concept", terminology.Coding{System: p.System, Code: p.Value, Display: p.Display})
				})
			}
			w.parameter("source", "Uri", m.Source)
		})
	}
	return w.end()
}
