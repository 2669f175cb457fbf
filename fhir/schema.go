package fhir

import (
	"slices"
	"strings"
	"sync"

	apb "github.com/google/fhir/go/proto/google/fhir/proto/annotations_go_proto"
	dpb "github.com/google/fhir/go/proto/google/fhir/proto/r4/core/datatypes_go_proto"
	rpb "github.com/google/fhir/go/proto/google/fhir/proto/r4/core/resources/bundle_and_contained_resource_go_proto"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"tributary/fhir/tree"
)

// typ is a resource or data type as JSON sees it, read off google/fhir's
// message descriptors: member names (choices spelled out, such as
// valueQuantity) with what may stand there. It is what the checks beyond
// google/fhir walk by.
type typ struct {
	name     string
	desc     protoreflect.MessageDescriptor
	once     sync.Once
	elements map[string]*element
}

// element is what may stand under one member name.
type element struct {
	typ   *typ
	role  role
	list  bool
	kind  tree.Kind           // of a primitive's value; Object for complex types
	codes map[string]struct{} // of an enumerated code
}

type role uint8

const (
	complexType role = iota
	primitive
	xhtml
	base64Binary
	nestedResource
	metaValue // valueMeta and its like, which google/fhir does not know
)

var (
	typesMu       sync.Mutex
	types         = map[protoreflect.FullName]*typ{}
	resourceTypes = readResourceTypes()
)

func readResourceTypes() map[string]*typ {
	all := map[string]*typ{}
	fields := (&rpb.ContainedResource{}).ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if m := fields.Get(i).Message(); m != nil {
			all[string(m.Name())] = typeOf(m)
		}
	}
	return all
}

// IsResource reports whether R4 has a resource type with that name.
func IsResource(name string) bool { return resourceTypes[name] != nil }

func typeOf(d protoreflect.MessageDescriptor) *typ {
	typesMu.Lock()
	defer typesMu.Unlock()
	t := types[d.FullName()]
	if t == nil {
		t = &typ{name: string(d.Name()), desc: d}
		types[d.FullName()] = t
	}
	return t
}

// element returns what may stand under a member name, nil when nothing may. A
// nil type, of an object that stands where none may, knows no elements.
func (t *typ) element(name string) *element {
	if t == nil {
		return nil
	}
	t.once.Do(t.read)
	return t.elements[name]
}

func (t *typ) read() {
	t.elements = map[string]*element{}
	for i := range t.desc.Fields().Len() {
		f := t.desc.Fields().Get(i)
		if f.Message() == nil { // a primitive's own value
			continue
		}
		if !proto.HasExtension(f.Message().Options(), apb.E_IsChoiceType) {
			t.add(f.JSONName(), f)
			continue
		}
		t.choice(f.JSONName(), f.Message().Fields())
	}
}

// choice adds the members of a choice. Where any type may stand (Dosage is the
// last that google/fhir knows) R4 allows Meta, too.
func (t *typ) choice(name string, fields protoreflect.FieldDescriptors) {
	for i := range fields.Len() {
		c := fields.Get(i)
		t.add(name+title(c.JSONName()), c)
		if c.JSONName() == "dosage" {
			t.elements[name+"Meta"] = &element{typ: metaType, role: metaValue, kind: tree.Object}
		}
	}
}

var metaType = typeOf((&dpb.Meta{}).ProtoReflect().Descriptor())

// referenceMembers are those of a Reference in R4. google/fhir's message has
// others for its own use (patientId, fragment), and takes them from JSON.
var referenceMembers = map[string]bool{
	"id": true, "extension": true, "reference": true, "type": true, "identifier": true, "display": true,
}

func (t *typ) add(name string, f protoreflect.FieldDescriptor) {
	m := f.Message()
	if t.name == "Reference" && !referenceMembers[name] {
		return
	}
	e := &element{typ: typeOf(m), list: f.IsList(), kind: tree.Object}
	switch {
	case m.Name() == "ContainedResource" || m.FullName() == "google.protobuf.Any":
		e.role, e.typ = nestedResource, nil
	case m.Name() == "Xhtml":
		e.role, e.kind = xhtml, tree.String
	case isPrimitive(m):
		e.role, e.kind, e.codes = primitive, jsonKind(m), codesOf(m)
		if m.Name() == "Base64Binary" {
			e.role = base64Binary
		}
		t.elements["_"+name] = e
	}
	t.elements[name] = e
}

func isPrimitive(m protoreflect.MessageDescriptor) bool {
	kind := proto.GetExtension(m.Options(), apb.E_StructureDefinitionKind)
	return kind == apb.StructureDefinitionKindValue_KIND_PRIMITIVE_TYPE
}

var numbers = []string{"Integer", "UnsignedInt", "PositiveInt", "Decimal"}

func jsonKind(m protoreflect.MessageDescriptor) tree.Kind {
	switch name := string(m.Name()); {
	case name == "Boolean":
		return tree.Bool
	case slices.Contains(numbers, name):
		return tree.Number
	}
	return tree.String
}

// codesOf lists the codes of an enumerated type. google/fhir takes them in any
// case and with underscores; the standard does not.
func codesOf(m protoreflect.MessageDescriptor) map[string]struct{} {
	f := m.Fields().ByName("value")
	if f == nil || f.Enum() == nil {
		return nil
	}
	codes := map[string]struct{}{}
	for i := range f.Enum().Values().Len() {
		v := f.Enum().Values().Get(i)
		code, _ := proto.GetExtension(v.Options(), apb.E_FhirOriginalCode).(string)
		if code == "" {
			code = strings.ToLower(strings.ReplaceAll(string(v.Name()), "_", "-"))
		}
		if v.Number() != 0 {
			codes[code] = struct{}{}
		}
	}
	return codes
}

func title(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
