package profile

import (
	"slices"
	"strconv"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// read takes from an ElementDefinition what it asks for; what it leaves out stays
// as the base has it.
func (c *compiler) read(e *element, def tree.Value) {
	c.cardinality(e, def)
	if types := def.Get("type"); types.Exists() {
		e.types = typesOf(types)
		if len(e.types) == 1 {
			if t, ok := model.TypeOf(e.types[0].code); ok && t.Kind != model.Abstract && e.narrows(t) {
				e.model = t
			}
		}
	}
	for m := range def.Members() {
		c.value(e, m, def.Get(m))
	}
	c.bind(e, def.Get("binding"))
	c.invariants(e, def.Get("constraint"))
	if s := def.Get("slicing"); s.Exists() {
		e.slicing = slicingOf(s, e.slicing)
	}
	if to := def.Get("contentReference").Text(); to != "" {
		c.refers = append(c.refers, referral{e, to})
	}
}

// narrows holds that a type says more than the model did: BackboneElement says less
// than the model's own type for the element.
func (e *element) narrows(t *model.Type) bool {
	return e.model == nil || e.model.Kind != model.Backbone
}

func (c *compiler) cardinality(e *element, def tree.Value) {
	if e == c.profile.root {
		return // how many resources there are is not the profile's
	}
	if min := def.Get("min"); min.Exists() {
		e.min, _ = strconv.Atoi(min.Text())
	}
	switch max := def.Get("max").Text(); max {
	case "":
	case "*":
		e.max = unbounded
	default:
		if n, err := strconv.Atoi(max); err == nil {
			e.max = n
		}
	}
}

func typesOf(list tree.Value) (types []typeRef) {
	for t := range list.Elements() {
		ref := typeRef{code: t.Get("code").Text()}
		if strings.HasPrefix(ref.code, systemType) {
			continue // of ids and the values of primitives: the model says more
		}
		for p := range t.Get("profile").Elements() {
			ref.profiles = append(ref.profiles, p.Text())
		}
		for p := range t.Get("targetProfile").Elements() {
			ref.targets = append(ref.targets, p.Text())
		}
		types = append(types, ref)
	}
	return types
}

// systemType is what the types of FHIRPath's own begin with.
const systemType = "http://hl7.org/fhirpath/"

// value reads the members that hold a value of any type.
func (c *compiler) value(e *element, name string, v tree.Value) {
	switch {
	case strings.HasPrefix(name, "fixed"):
		e.fixed = v
	case strings.HasPrefix(name, "pattern"):
		e.pattern = v
	case strings.HasPrefix(name, "minValue"):
		e.least = v
	case strings.HasPrefix(name, "maxValue"):
		e.most = v
	case name == "maxLength":
		e.maxLength, _ = strconv.Atoi(v.Text())
	}
}

const maxValueSet = baseURL + "elementdefinition-maxValueSet"

func (c *compiler) bind(e *element, def tree.Value) {
	if !def.Exists() {
		return
	}
	b := &binding{strength: def.Get("strength").Text(), set: def.Get("valueSet").Text()}
	for x := range def.Get("extension").Elements() {
		if x.Get("url").Text() == maxValueSet {
			b.max = nonEmpty(x.Get("valueCanonical").Text(), x.Get("valueUri").Text())
		}
	}
	e.binding = nil
	if b.set != "" && (b.strength == "required" || b.strength == "extensible") || b.max != "" {
		e.binding = b
	}
}

// invariants are those that R4 does not state itself; a profile repeats them all.
func (c *compiler) invariants(e *element, list tree.Value) {
	for def := range list.Elements() {
		key, text := def.Get("key").Text(), def.Get("expression").Text()
		if text == "" || ofBase(key, text) || slices.ContainsFunc(e.invariants, func(i *invariant) bool { return i.key == key && i.text == text }) {
			continue
		}
		if expr := c.compile(key, text); expr != nil {
			e.invariants = append(e.invariants, &invariant{
				key: key, human: def.Get("human").Text(), warning: def.Get("severity").Text() == "warning", expr: expr, text: text,
			})
		}
	}
}

func slicingOf(def tree.Value, before *slicing) *slicing {
	s := &slicing{rules: nonEmpty(def.Get("rules").Text(), "open"), ordered: def.Get("ordered").True()}
	for d := range def.Get("discriminator").Elements() {
		s.discriminators = append(s.discriminators, discriminator{kind: d.Get("type").Text(), path: d.Get("path").Text()})
	}
	if len(s.discriminators) == 0 && before != nil {
		s.discriminators = before.discriminators
	}
	return s
}
