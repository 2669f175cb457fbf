package profile

import (
	"fmt"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// maxElements bounds a definition; R4's largest snapshots have some hundreds.
const maxElements = 20_000

// DefinitionError says why a StructureDefinition cannot be compiled; the text is
// safe to show.
type DefinitionError struct{ Reason string }

func (e *DefinitionError) Error() string { return e.Reason }

func unfit(format string, args ...any) error {
	return &DefinitionError{fmt.Sprintf(format, args...)}
}

// Compile reads a StructureDefinition. One without a snapshot is laid over its base,
// which is asked of bases unless it is a type of R4; without it the error names what
// is missing. The error is a *DefinitionError. The definition's document must not
// change afterwards.
func Compile(definition tree.Value, bases Definitions) (*Profile, error) {
	p := &Profile{
		URL: definition.Get("url").Text(), Version: definition.Get("version").Text(),
		Type: definition.Get("type").Text(), Name: definition.Get("name").Text(),
	}
	known := false
	if p.model, known = model.TypeOf(p.Type); !known {
		return nil, unfit("the StructureDefinition is for the type %.60q, which R4 does not have; logical models are not validated", p.Type)
	}
	p.Extension = p.Type == "Extension" && definition.Get("derivation").Text() == "constraint"
	p.contexts = contextsOf(definition.Get("context"))
	c := &compiler{profile: p, latest: map[string]*element{}}
	elements, err := c.start(definition, bases)
	if err != nil {
		return nil, err
	}
	if elements.Len() > maxElements {
		return nil, unfit("the StructureDefinition has over %d elements", maxElements)
	}
	for e := range elements.Elements() {
		c.add(e)
	}
	c.refer()
	c.discriminate(p.root, p.root.kids)
	p.root.settle(map[*element]bool{})
	return p, nil
}

// compiler builds the tree, element by element in the order of the definition.
type compiler struct {
	profile *Profile
	latest  map[string]*element // by path, the element or slice that was named last
	refers  []referral
	failed  map[string]bool
}

// referral is a contentReference, to be looked up when all elements are there.
type referral struct {
	from *element
	to   string
}

// start picks the elements to read, and what they are laid over.
func (c *compiler) start(definition tree.Value, bases Definitions) (tree.Value, error) {
	p := c.profile
	p.root = &element{name: p.Type, max: unbounded, model: p.model}
	c.latest[p.Type] = p.root
	if all := definition.At("snapshot", "element"); all.Len() > 0 {
		return all, nil
	}
	differential := definition.At("differential", "element")
	base := definition.Get("baseDefinition").Text()
	if baseType(base) != "" {
		return differential, nil
	}
	switch {
	case base == "" && differential.Len() == 0:
		return differential, unfit("the StructureDefinition has neither a snapshot nor a differential")
	case base == "" || base == p.URL:
		return differential, unfit("the StructureDefinition has no snapshot, and its baseDefinition names none that it could be laid over")
	}
	var below *Profile
	if bases != nil {
		var err error
		if below, err = bases.Profile(base); err != nil {
			return differential, unfit("the StructureDefinition has no snapshot, and of its base %.200s: %v", shown(base), err)
		}
	}
	if below == nil {
		return differential, unfit("the StructureDefinition has no snapshot, and its base %.200s is not loaded", shown(base))
	}
	if below.Type != p.Type {
		return differential, unfit("the StructureDefinition is for %s, its base %.200s for %s", p.Type, shown(base), below.Type)
	}
	p.root = below.root.clone(map[*element]*element{})
	p.notes = append(p.notes, below.notes...)
	c.latest[p.Type] = p.root
	return differential, nil
}

// add reads one ElementDefinition.
func (c *compiler) add(def tree.Value) {
	at := def.Get("path").Text()
	e := c.place(at, def.Get("id").Text(), def.Get("sliceName").Text())
	if e == nil {
		return
	}
	c.latest[at] = e
	for known := range c.latest {
		if strings.HasPrefix(known, at+".") {
			delete(c.latest, known)
		}
	}
	c.read(e, def)
}

// refer ties contentReferences to what they name.
func (c *compiler) refer() {
	for _, r := range c.refers {
		_, id, _ := strings.Cut(r.to, "#")
		if strings.HasPrefix(id, c.profile.Type) {
			if to := c.walk(id); to != r.from {
				r.from.like = to
			}
		}
	}
}

// note keeps what cannot be held, to be told with every validation.
func (c *compiler) note(key, format string, args ...any) {
	if c.failed == nil {
		c.failed = map[string]bool{}
	}
	text := fmt.Sprintf(format, args...)
	if !c.failed[text] {
		c.failed[text] = true
		c.profile.notes = append(c.profile.notes, Issue{Severity: "information", Code: "not-supported", Text: text, Profile: c.profile.Canonical(), Key: key})
	}
}

func (c *compiler) compile(key, expression string) *path.Expr {
	e, err := path.Compile(expression)
	if err != nil {
		c.note(key, "the invariant %s is not evaluated here: %v", key, err)
		return nil
	}
	return e
}
