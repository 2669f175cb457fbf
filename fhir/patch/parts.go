package patch

import (
	"tributary/fhir/model"
)

// renderParts makes an object of parts, each one an element of the type.
func (c content) renderParts(typ *model.Type) (rendered, error) {
	if typ.Kind == model.Primitive {
		return rendered{}, &Error{Expression: place(c.at), Reason: "a primitive has no parts"}
	}
	var fields gathered
	for part := range c.parts.Elements() {
		inner, err := contentOf(part)
		if err != nil {
			return rendered{}, err
		}
		if err := fields.take(typ, part.Get("name").Text(), inner); err != nil {
			return rendered{}, err
		}
	}
	return rendered{value: fields.object()}, nil
}

// gathered are the elements of an object in the order of their first parts.
type gathered struct {
	names  []string
	fields map[string]*gatheredField
}

type gatheredField struct {
	repeats    bool
	value, ext [][]byte
}

func (g *gathered) take(typ *model.Type, name string, c content) error {
	f, err := fieldOf(typ, name, c)
	if err != nil {
		return err
	}
	r, err := c.render(f.typ)
	if err != nil {
		return err
	}
	known := g.fields[f.name]
	if known == nil {
		known = &gatheredField{repeats: f.element.Repeats}
		if g.fields == nil {
			g.fields = map[string]*gatheredField{}
		}
		g.fields[f.name] = known
		g.names = append(g.names, f.name)
	} else if !known.repeats {
		return malformed(c.at, "the element %s does not repeat", f.element.Name)
	}
	known.value, known.ext = append(known.value, r.value), append(known.ext, r.extensions)
	return nil
}

func (g *gathered) object() []byte {
	out := []byte{'{'}
	for _, name := range g.names {
		f := g.fields[name]
		out = appendSide(out, name, f.repeats, f.value)
		out = appendSide(out, "_"+name, f.repeats, f.ext)
	}
	return append(out, '}')
}

func appendSide(out []byte, name string, repeats bool, items [][]byte) []byte {
	there := false
	for _, item := range items {
		there = there || item != nil
	}
	if !there {
		return out
	}
	if len(out) > 1 {
		out = append(out, ',')
	}
	out = append(append(out, quote(name)...), ':')
	if !repeats {
		return append(out, items[0]...)
	}
	open := byte('[')
	for _, item := range items {
		out = append(append(out, open), orNull(item)...)
		open = ','
	}
	return append(out, ']')
}
