package graphql

import (
	"encoding/json"
	"strconv"
)

// object is an object of the answer; its fields keep the order of the query.
type object struct {
	names []string
	slots map[string]*slot
}

// slot is the value of a field. Lifted fields (@flatten) come to it from several
// places: it grows to a list.
type slot struct {
	list  bool
	items []any // json as []byte, or *object; nil is null, and no items at all are
}

func newObject() *object { return &object{slots: map[string]*slot{}} }

// slot finds or makes the field's place.
func (o *object) slot(name string, list bool) *slot {
	s, ok := o.slots[name]
	if !ok {
		s = &slot{}
		o.slots[name] = s
		o.names = append(o.names, name)
	}
	s.list = s.list || list
	return s
}

func (o *object) set(name string, json []byte) {
	s := o.slot(name, false)
	s.items = []any{json}
}

func (o *object) append(b []byte) []byte {
	b = append(b, '{')
	for i, name := range o.names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, name), ':')
		b = o.slots[name].append(b)
	}
	return append(b, '}')
}

func (s *slot) append(b []byte) []byte {
	switch {
	case s.items == nil:
		return append(b, "null"...)
	case !s.list:
		return appendItem(b, s.items[0])
	}
	b = append(b, '[')
	for i, item := range s.items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItem(b, item)
	}
	return append(b, ']')
}

func appendItem(b []byte, item any) []byte {
	switch item := item.(type) {
	case *object:
		return item.append(b)
	case []byte:
		return append(b, item...)
	}
	return append(b, "null"...)
}

func appendString(b []byte, s string) []byte {
	quoted, _ := json.Marshal(s) // a string cannot fail to encode
	return append(b, quoted...)
}

// answer is the JSON of a response (GraphQL, section 7.1).
func answer(data *object, faults []*Fault) []byte {
	b := []byte(`{"data":`)
	if data != nil {
		b = data.append(b)
	} else {
		b = append(b, "null"...)
	}
	if len(faults) > 0 {
		b = append(b, `,"errors":[`...)
		for i, f := range faults {
			if i > 0 {
				b = append(b, ',')
			}
			b = f.append(b)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// append renders the fault; extensions.resource is the OperationOutcome that R4's
// page asks for.
func (f *Fault) append(b []byte) []byte {
	b = appendString(append(b, `{"message":`...), f.Message)
	if f.Line > 0 {
		b = strconv.AppendInt(append(b, `,"locations":[{"line":`...), int64(f.Line), 10)
		b = append(strconv.AppendInt(append(b, `,"column":`...), int64(f.Column), 10), "}]"...)
	}
	if len(f.Path) > 0 {
		path, _ := json.Marshal(f.Path) // strings and numbers cannot fail to encode
		b = append(append(b, `,"path":`...), path...)
	}
	b = append(b, `,"extensions":{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":`...)
	return append(appendString(b, f.Message), `}]}}}`...)
}

// Refusal is the response to a request that could not begin.
func Refusal(faults ...*Fault) []byte { return answer(nil, faults) }
