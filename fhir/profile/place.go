package profile

import (
	"strings"

	"tributary/fhir/model"
)

// place finds or makes the element of an id such as Patient.extension:race.value[x],
// or, where ids are not given, of its path after the slice that was named last.
func (c *compiler) place(at, id, slice string) *element {
	if pathOf(id) == at {
		return c.walk(id)
	}
	cut := strings.LastIndexByte(at, '.')
	if cut < 0 {
		return c.latest[at]
	}
	owner := c.latest[at[:cut]]
	if owner == nil {
		owner = c.place(at[:cut], "", "")
	}
	if owner == nil {
		return nil
	}
	return owner.step(at[cut+1:], slice)
}

// pathOf strips the names of slices from an id.
func pathOf(id string) string {
	steps := strings.Split(id, ".")
	for i, s := range steps {
		steps[i], _, _ = strings.Cut(s, ":")
	}
	return strings.Join(steps, ".")
}

func (c *compiler) walk(id string) *element {
	steps := strings.Split(id, ".")
	if steps[0] != c.profile.Type {
		return nil
	}
	e := c.profile.root
	for _, s := range steps[1:] {
		name, slice, _ := strings.Cut(s, ":")
		e = e.step(name, slice)
	}
	return e
}

// step goes to a child and its slice. valueQuantity is a short name of value[x]'s
// slice of that type.
func (e *element) step(name, slice string) *element {
	plain, _ := strings.CutSuffix(name, "[x]")
	if e.model != nil {
		if m, ok := e.model.Member(plain); ok && m.Element.Choice && m.Element.Name != plain {
			if slice == "" {
				slice = plain
			}
			plain = m.Element.Name
			return e.addKid(plain).choice(slice, m.Type)
		}
	}
	k := e.addKid(plain)
	if slice != "" {
		k = k.addSlice(slice)
	}
	return k
}

// choice is the slice of a choice for one type.
func (e *element) choice(slice string, typ *model.Type) *element {
	if e.slicing == nil {
		e.slicing = &slicing{rules: "open", discriminators: []discriminator{{kind: "type", path: "$this"}}}
	}
	s := e.addSlice(slice)
	if typ != nil && len(s.types) == 0 {
		s.types, s.model = []typeRef{{code: typ.Name}}, typ
	}
	return s
}
