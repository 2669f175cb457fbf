package graphql

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"

	"tributary/fhir/tree"
)

// texts are the texts of a scalar value, or of a list's items; null has none.
func (r *Request) texts(v *ast.Value) ([]string, error) {
	switch v.Kind {
	case ast.Variable:
		return r.variableTexts(v)
	case ast.NullValue:
		return nil, nil
	case ast.ObjectValue:
		return nil, faultAt(v.Position, "an object is no value here")
	case ast.ListValue:
		var all []string
		for _, c := range v.Children {
			some, err := r.texts(c.Value)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
		return all, nil
	}
	return []string{v.Raw}, nil
}

func (r *Request) variableTexts(v *ast.Value) (all []string, err error) {
	bound, declared := r.variables[v.Raw]
	switch {
	case !declared:
		return nil, faultAt(v.Position, "the variable $"+v.Raw+" is not declared")
	case bound.sent.Exists():
		for item := range bound.sent.Elements() {
			switch item.Kind() {
			case tree.Null:
			case tree.String, tree.Number, tree.Bool:
				all = append(all, item.Text())
			default:
				return nil, faultAt(v.Position, "the variable $"+v.Raw+" is no scalar")
			}
		}
		return all, nil
	case bound.value != nil:
		return r.texts(bound.value)
	}
	return nil, nil
}

// argument is the only text of a named argument; "" without one.
func (r *Request) argument(list ast.ArgumentList, name string) (string, error) {
	a := list.ForName(name)
	if a == nil {
		return "", nil
	}
	texts, err := r.texts(a.Value)
	if err != nil || len(texts) == 0 {
		return "", err
	}
	if len(texts) > 1 {
		return "", faultAt(a.Position, name+" takes one value")
	}
	return texts[0], nil
}

// appendJSON renders a value as JSON: the input of a mutation. Members that are null
// are left out, for FHIR has none.
func (r *Request) appendJSON(b []byte, v *ast.Value) ([]byte, error) {
	switch v.Kind {
	case ast.Variable:
		bound, declared := r.variables[v.Raw]
		switch {
		case !declared:
			return nil, faultAt(v.Position, "the variable $"+v.Raw+" is not declared")
		case bound.sent.Exists():
			return appendTree(b, bound.sent), nil
		case bound.value != nil:
			return r.appendJSON(b, bound.value)
		}
		return append(b, "null"...), nil
	case ast.ListValue:
		return r.appendList(b, v)
	case ast.ObjectValue:
		return r.appendObject(b, v)
	case ast.StringValue, ast.BlockValue, ast.EnumValue:
		quoted, err := json.Marshal(v.Raw)
		return append(b, quoted...), err
	}
	return append(b, v.Raw...), nil
}

func (r *Request) appendList(b []byte, v *ast.Value) (_ []byte, err error) {
	b = append(b, '[')
	for i, c := range v.Children {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = r.appendJSON(b, c.Value); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func (r *Request) appendObject(b []byte, v *ast.Value) ([]byte, error) {
	b = append(b, '{')
	for _, c := range v.Children {
		value, err := r.appendJSON(nil, c.Value)
		if err != nil {
			return nil, err
		}
		b = appendMember(b, c.Name, value)
	}
	return append(b, '}'), nil
}

// appendTree renders what a client sent, less the members that are null.
func appendTree(b []byte, v tree.Value) []byte {
	switch v.Kind() {
	case tree.Object:
		b = append(b, '{')
		for name, m := range v.Members() {
			b = appendMember(b, name, appendTree(nil, m))
		}
		return append(b, '}')
	case tree.Array:
		b = append(b, '[')
		for m := v.First(); m.Exists(); m = m.Next() {
			if b[len(b)-1] != '[' {
				b = append(b, ',')
			}
			b = appendTree(b, m)
		}
		return append(b, ']')
	}
	return append(b, v.Raw()...)
}

func appendMember(b []byte, name string, value []byte) []byte {
	if string(value) == "null" {
		return b
	}
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	quoted, _ := json.Marshal(name) // a string cannot fail to encode
	return append(append(append(b, quoted...), ':'), value...)
}
