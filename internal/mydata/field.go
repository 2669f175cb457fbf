package mydata

import (
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// Field is an element of a resource, or one of its repeats.
type Field struct {
	Label  string
	Ours   bool   // the label is in words of ours, which are translated; else the standard's, in English
	Value  string // what the record says; "" where there are Fields
	When   Span   // of a time, which the reader's language says
	Yes    *bool
	Codes  []Code
	Link   string // Type/id of another record of the person
	Fields []Field
}

// Code is a code as the record has it.
type Code struct{ System, Code, Display string }

// silent are members that say nothing to people: how the record is kept, and the same
// in prose.
var silent = map[string]bool{"resourceType": true, "id": true, "meta": true, "text": true, "contained": true, "implicitRules": true, "extension": true, "modifierExtension": true}

// Bounds of what a page shows of one record; the rest is in its JSON.
const (
	maxFields = 200
	maxRunes  = 2000 // of one text
	deepest   = 8
)

// walk goes through a resource until it has shown enough.
type walk struct{ left int }

func (w *walk) fields(v tree.Value, typ string, depth int) (fields []Field) {
	if depth > deepest {
		return nil
	}
	t, _ := model.TypeOf(typ)
	for name, member := range v.Members() {
		if silent[name] && (depth == 0 || name == "id" || name == "extension") || strings.HasPrefix(name, "_") {
			continue
		}
		element, of := name, ""
		if t != nil {
			if m, ok := t.Member(name); ok {
				element = m.Element.Name
				if m.Type != nil {
					of = m.Type.Name
				}
			}
		}
		for one := range member.Elements() {
			if w.left <= 0 {
				return fields
			}
			if f, ok := w.field(one, of, depth); ok {
				f.Label, f.Ours = Label(element)
				fields = append(fields, f)
				w.left--
			}
		}
	}
	return fields
}

// simple are types that are one line.
var simple = map[string]bool{"Quantity": true, "SimpleQuantity": true, "Age": true, "Duration": true, "Count": true, "Distance": true, "Money": true, "MoneyQuantity": true,
	"Range": true, "Ratio": true}

func (w *walk) field(v tree.Value, of string, depth int) (f Field, ok bool) {
	switch v.Kind() {
	case tree.Null:
		return f, false
	case tree.Bool:
		yes := v.True()
		return Field{Yes: &yes}, true
	case tree.Object:
		return w.compound(v, of, depth)
	}
	switch of {
	case "date", "dateTime", "instant":
		if f.When = spanOf(v); f.When.From.Known() {
			return f, true
		}
	case "base64Binary":
		return f, false
	}
	f.Value = v.Text()
	if runes := []rune(f.Value); len(runes) > maxRunes {
		f.Value = string(runes[:maxRunes]) + "…"
	}
	return f, f.Value != ""
}

func (w *walk) compound(v tree.Value, of string, depth int) (f Field, ok bool) {
	switch {
	case simple[of]:
		f.Value = scalar(v)
	case of == "CodeableConcept":
		f.Value = plain(v)
		for c := range v.Get("coding").Elements() {
			f.Codes = append(f.Codes, codeIn(c))
		}
	case of == "Coding":
		f.Value, f.Codes = plain(v), []Code{codeIn(v)}
	case of == "Period":
		f.When = spanOf(v)
		return f, f.When.Last().Known()
	case of == "Reference":
		return reference(v)
	case of == "HumanName":
		f.Value = humanName(v)
	case of == "Address":
		f.Value = address(v)
	case of == "ContactPoint" || of == "Identifier":
		f.Value = v.Get("value").Text()
	case of == "Annotation":
		f.Value = v.Get("text").Text()
	default:
		if of == "" {
			of = v.Get("resourceType").Text()
		}
		f.Fields = w.fields(v, of, depth+1)
	}
	return f, f.Value != "" || len(f.Fields) > 0 || len(f.Codes) > 0
}

func codeIn(c tree.Value) Code {
	return Code{c.Get("system").Text(), c.Get("code").Text(), c.Get("display").Text()}
}

// reference is what another resource is called; one of this service can be gone to.
func reference(v tree.Value) (f Field, ok bool) {
	target := v.Get("reference").Text()
	typ, id, local := strings.Cut(target, "/")
	if local && model.IsResource(typ) && !strings.ContainsAny(id, "/?#:") {
		f.Link = typ + "/" + id
	}
	if f.Value = v.Get("display").Text(); f.Value == "" {
		f.Value = v.At("identifier", "value").Text()
	}
	return f, f.Value != "" || f.Link != ""
}

// LinkKind is what a linked record is, English.
func (f Field) LinkKind() string {
	typ, _, _ := strings.Cut(f.Link, "/")
	return kindOf(typ)
}
