// Package xml is the one mapping between the two formats of FHIR R4 resources
// (R4, sections 2.6.1 and 2.6.2), in both directions driven by the definitions in
// fhir/model:
//
//	FromJSON   a tree of JSON, as it is stored, to XML
//	ToJSON     XML to the JSON that package fhir parses and validates
//
// The mapping keeps what JSON says: the text of numbers (6.50), the ids and
// extensions of primitives, the nulls that hold places, the narrative's markup.
// What XML cannot hold is refused by name, never dropped: control characters, an
// id or extension of what is an attribute in XML.
//
// XML comes from outside, so that it is read by a scanner that knows only what
// FHIR needs of XML 1.0 with namespaces: UTF-8, elements, attributes, the five
// predefined entities and character references. A document type declaration is
// refused, and with it every entity that could name a file or grow. Nesting is
// bounded by MaxDepth; memory is proportional to the document. Comments and
// processing instructions are passed over. Elements may stand in any order on
// their way in, repetitions keep theirs; on the way out they stand in the order of
// the definition.
//
// ToJSON holds the shape only: which elements and attributes there are, which
// repeat, what a number looks like. All rules beyond are package fhir's, which
// sees the result.
//
// Neighbours: fhir/tree and fhir/model below; internal/fhirserver translates at its
// edge, so that nothing else in the service knows XML.
package xml

import (
	"bytes"
	"fmt"
	"sync"

	"tributary/fhir/model"
)

// MaxDepth bounds how deep elements may nest.
const MaxDepth = 256

// The namespaces of the elements that a resource has.
const (
	fhirNamespace  = "http://hl7.org/fhir"
	xhtmlNamespace = "http://www.w3.org/1999/xhtml"
)

// Error says where a document is no XML, or what of it the other format cannot say.
type Error struct {
	Offset     int    // byte offset in the XML
	Line       int    // 1-based line there; 0 of an error of FromJSON
	Expression string // the element, as a FHIRPath; "" where there is none yet
	Reason     string // in words, safe to show: it quotes names at most
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("%s (line %d, byte %d)", e.Reason, e.Line, e.Offset)
}

func lineAt(src []byte, offset int) int {
	return 1 + bytes.Count(src[:min(offset, len(src))], []byte{'\n'})
}

// form is how the values of a type are written.
type form uint8

const (
	nested form = iota // an object, an element with elements
	text               // a primitive that is a string in JSON
	number
	boolean
	markup // xhtml
	holder // an element around a whole resource
)

// facts are what the mapping asks of the model.
type facts struct {
	forms   map[*model.Type]form
	id, url *model.Element // the two that are attributes in XML
}

var known = sync.OnceValue(func() facts {
	f := facts{forms: map[*model.Type]form{nil: holder}}
	extension, _ := model.TypeOf("Extension")
	f.id, _ = extension.Element("id")
	f.url, _ = extension.Element("url")
	for _, t := range model.Types() {
		f.forms[t] = formOf(t)
	}
	return f
})

func formOf(t *model.Type) form {
	switch {
	case t.Kind != model.Primitive:
		return nested
	case t.Is("integer") || t.Is("decimal"):
		return number
	case t.Is("boolean"):
		return boolean
	case t.Is("xhtml"):
		return markup
	}
	return text
}

// attribute tells the elements that XML writes as attributes.
func (f *facts) attribute(e *model.Element) bool { return e == f.id || e == f.url }
