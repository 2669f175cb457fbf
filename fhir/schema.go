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
// valueQuantity) with what may stand there. It is what the walk goes by.
type typ struct {
	name     string
	desc     protoreflect.MessageDescriptor
	once     sync.Once
	elements map[string]*element
	required fields // asked for by needs
}

// fields is a set of a type's elements, one bit each; the members of a choice
// share one, and so do the halves of a primitive.
type fields uint64

// element is what may stand under one member name.
type element struct {
	typ   *typ
	role  role
	list  bool
	kind  tree.Kind           // of a primitive's value; Object for complex types
	codes map[string]struct{} // of an enumerated code
	field fields              // the one bit of its element
	// sound reports whether google/fhir surely takes a primitive's text; nil
	// where it takes each that is of the kind.
	sound   func(text string) bool
	targets []string // types that a Reference may point to; nil for any
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

// needs returns the elements that must be there.
func (t *typ) needs() fields {
	t.once.Do(t.read)
	return t.required
}

func (t *typ) read() {
	t.elements = map[string]*element{}
	field := fields(1)
	for i := range t.desc.Fields().Len() {
		f := t.desc.Fields().Get(i)
		if f.Message() == nil || t.own(f) {
			continue
		}
		if proto.HasExtension(f.Message().Options(), apb.E_IsChoiceType) {
			t.choice(f.JSONName(), f.Message().Fields(), field)
		} else {
			t.add(f.JSONName(), f, field)
		}
		if isRequired(f) {
			t.required |= field
		}
		field <<= 1
	}
	if field == 0 {
		panic("fhir: " + t.name + " has more elements than fields can tell")
	}
}

func isRequired(f protoreflect.FieldDescriptor) bool {
	requirement, _ := proto.GetExtension(f.Options(), apb.E_ValidationRequirement).(apb.Requirement)
	return requirement == apb.Requirement_REQUIRED_BY_FHIR
}

// choice adds the members of a choice. Where any type may stand (Dosage is the
// last that google/fhir knows) R4 allows Meta, too.
func (t *typ) choice(name string, choices protoreflect.FieldDescriptors, field fields) {
	for i := range choices.Len() {
		c := choices.Get(i)
		t.add(name+title(c.JSONName()), c, field)
		if c.JSONName() == "dosage" {
			t.elements[name+"Meta"] = &element{typ: metaType, role: metaValue, kind: tree.Object, field: field}
		}
	}
}

var metaType = typeOf((&dpb.Meta{}).ProtoReflect().Descriptor())

// referenceMembers are those of a Reference in R4. google/fhir's message has
// others for its own use (patientId, fragment), and takes them from JSON.
var referenceMembers = map[string]bool{
	"id": true, "extension": true, "reference": true, "type": true, "identifier": true, "display": true,
}

// own reports whether a field is none of R4's but google/fhir's.
func (t *typ) own(f protoreflect.FieldDescriptor) bool {
	return t.name == "Reference" && !referenceMembers[f.JSONName()]
}

func (t *typ) add(name string, f protoreflect.FieldDescriptor, field fields) {
	m := f.Message()
	e := &element{typ: typeOf(m), list: f.IsList(), kind: tree.Object, field: field, targets: targetsOf(f)}
	switch {
	case m.Name() == "ContainedResource" || m.FullName() == "google.protobuf.Any":
		e.role, e.typ = nestedResource, nil
	case m.Name() == "Xhtml":
		e.role, e.kind = xhtml, tree.String
	case isPrimitive(m):
		e.role, e.kind, e.codes, e.sound = primitive, jsonKind(m), codesOf(m), sounds[m.FullName()]
		if m.Name() == "Base64Binary" {
			e.role = base64Binary
		}
		t.elements["_"+name] = e
	}
	t.elements[name] = e
}

// targetsOf lists the types that a Reference may point to, nil for all.
func targetsOf(f protoreflect.FieldDescriptor) []string {
	targets, _ := proto.GetExtension(f.Options(), apb.E_ValidReferenceType).([]string)
	if slices.Contains(targets, "Resource") {
		return nil
	}
	return targets
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
