// Package subset cuts a resource down to what a client wants of it: _summary and
// _elements (R4, sections 3.1.1.5.8 and 3.1.1.5.9).
//
// Members are left out of the stored bytes; what stays is copied as it stands, so
// that nothing is decoded or written anew. What stays beyond what was asked: the
// id, meta, implicitRules, modifierExtension and mandatory elements, without which
// the rest could be misread. meta says that it is not the whole, by the tag
// SUBSETTED.
//
// Neighbours: fhir/tree for the spans, fhir/model for what is mandatory and part
// of a summary; internal/fhirserver cuts what it answers.
package subset

import (
	"bytes"
	"fmt"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// Shape is what is wanted. The zero Shape is the whole resource.
type Shape struct {
	Summary  string   // true, text or data; "", false and count want the whole
	Elements []string // names of elements at the root, plain or with the type: Patient.name
}

// Whole reports whether nothing is to be cut of a resource of the type.
func (s Shape) Whole(typ string) bool {
	if len(s.Elements) > 0 {
		return len(s.named(typ)) == 0
	}
	_, cuts := summaries[s.Summary]
	return !cuts
}

// named are the elements wanted of a type: a name with another type is not for it.
func (s Shape) named(typ string) map[string]bool {
	names := map[string]bool{}
	for _, name := range s.Elements {
		if first, rest, found := strings.Cut(name, "."); found && model.IsResource(first) {
			if first != typ {
				continue
			}
			name = rest
		}
		name, _, _ = strings.Cut(name, ".") // what is asked below the root comes with all of it
		names[name] = true
	}
	return names
}

// Cut returns the resource's JSON without what is not wanted. The error is of JSON
// that is no resource; what is stored is one.
func (s Shape) Cut(body []byte) ([]byte, error) {
	root, err := tree.Parse(body)
	if err != nil {
		return nil, fmt.Errorf("subset: %w", err)
	}
	name := root.Get("resourceType").Text()
	typ, ok := model.TypeOf(name)
	if !ok {
		return nil, fmt.Errorf("subset: no resource")
	}
	if s.Whole(name) {
		return body, nil
	}
	c := cutter{dst: make([]byte, 0, len(body)+len(tag)+20), keep: summaries[s.Summary], deep: s.Summary == "true"}
	if len(s.Elements) > 0 {
		named := s.named(name)
		c.keep, c.deep = func(member string, e *model.Element) bool { return e.Required || named[e.Name] || named[member] }, false
	}
	c.resource(root, typ)
	if inside := root.Get("contained"); inside.Exists() && bytes.Contains(c.dst, []byte(`"#`)) {
		c.dst, c.contained = c.dst[:0], true
		c.resource(root, typ)
	}
	return c.dst, nil
}

// summaries say what the root keeps under each value of _summary.
var summaries = map[string]func(member string, e *model.Element) bool{
	"true": func(_ string, e *model.Element) bool { return e.Summary || e.Required },
	"text": func(_ string, e *model.Element) bool { return e.Name == "text" || e.Required },
	"data": func(_ string, e *model.Element) bool { return e.Name != "text" },
}

// always stays at the root: who it is, and what changes the meaning of the rest.
var always = map[string]bool{"resourceType": true, "id": true, "meta": true, "implicitRules": true, "modifierExtension": true}

// below stays further down, since no definition calls it part of a summary.
var below = map[string]bool{"id": true, "extension": true, "modifierExtension": true}

type cutter struct {
	dst  []byte
	keep func(member string, e *model.Element) bool
	deep bool // elements within elements are cut, too
	// contained resources stay, since something that stays refers to one.
	contained bool
}

func (c *cutter) resource(root tree.Value, typ *model.Type) {
	c.dst = append(c.dst, '{')
	open := len(c.dst)
	tagged := root.Get("meta").Exists()
	for m := root.First(); m.Exists(); m = m.Next() {
		name := strings.TrimPrefix(m.Key(), "_")
		element, known := typ.Member(name)
		if !always[name] && !(known && c.keep(name, element.Element)) && !(c.contained && name == "contained") {
			continue
		}
		c.name(m, open)
		switch {
		case m.Key() == "meta":
			c.meta(m)
		case c.deep && known && !always[name] && name != "contained":
			c.value(m, element)
		default:
			c.dst = append(c.dst, m.Raw()...)
		}
		if m.Key() == "resourceType" && !tagged {
			c.dst = append(append(append(c.dst, `,"meta":{`...), tag...), '}')
		}
	}
	c.dst = append(c.dst, '}')
}

// name begins a member, with what stands between its name and its value.
func (c *cutter) name(m tree.Value, open int) {
	if len(c.dst) > open {
		c.dst = append(c.dst, ',')
	}
	from, _ := m.KeySpan()
	to, _ := m.Span()
	c.dst = append(c.dst, m.Source()[from:to]...)
}

// value copies an element, of a structure what belongs to a summary.
func (c *cutter) value(v tree.Value, m model.Member) {
	switch {
	case m.Type == nil || m.Type.Kind == model.Primitive || m.Type.Kind == model.Resource:
		c.dst = append(c.dst, v.Raw()...)
	case v.Kind() == tree.Object:
		c.structure(v, m.Type)
	case v.Kind() == tree.Array:
		c.dst = append(c.dst, '[')
		open := len(c.dst)
		for item := v.First(); item.Exists(); item = item.Next() {
			if len(c.dst) > open {
				c.dst = append(c.dst, ',')
			}
			c.value(item, m)
		}
		c.dst = append(c.dst, ']')
	default:
		c.dst = append(c.dst, v.Raw()...)
	}
}

// structure copies what belongs to a summary; all, where nothing does, since an
// object must not be empty.
func (c *cutter) structure(v tree.Value, typ *model.Type) {
	c.dst = append(c.dst, '{')
	open := len(c.dst)
	for m := v.First(); m.Exists(); m = m.Next() {
		name := strings.TrimPrefix(m.Key(), "_")
		member, known := typ.Member(name)
		switch {
		case below[name]:
			c.name(m, open)
			c.dst = append(c.dst, m.Raw()...)
		case known && (member.Element.Summary || member.Element.Required):
			c.name(m, open)
			c.value(m, member)
		}
	}
	if len(c.dst) == open {
		c.dst = append(c.dst[:open-1], v.Raw()...)
		return
	}
	c.dst = append(c.dst, '}')
}

const (
	coding = `{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}`
	tag    = `"tag":[` + coding + `]`
)

// meta copies meta with one tag more.
func (c *cutter) meta(m tree.Value) {
	raw := m.Raw()
	tags := m.Get("tag")
	if tags.Kind() != tree.Array {
		c.dst = append(c.dst, raw[:len(raw)-1]...)
		if m.Len() > 0 {
			c.dst = append(c.dst, ',')
		}
		c.dst = append(append(c.dst, tag...), '}')
		return
	}
	if bytes.Contains(tags.Raw(), []byte(`"SUBSETTED"`)) {
		c.dst = append(c.dst, raw...)
		return
	}
	from, _ := m.Span()
	_, end := tags.Span()
	start := end - 1 - from // of the closing bracket
	c.dst = append(c.dst, raw[:start]...)
	if tags.Len() > 0 {
		c.dst = append(c.dst, ',')
	}
	c.dst = append(append(c.dst, coding...), raw[start:]...)
}
