package web

import (
	"fmt"
	"strings"
)

// field is what the template of a form field gets.
type field struct {
	Name, Label, Type, Hint, Auto, Mode string
	Value, Fault                        string
	Required                            bool
	Optional, Error                     string // as these words read
}

// newField puts a field together with what the view knows of it. Options are
// "type=email", "hint=…", "auto=…", "mode=numeric", "optional".
func newField(v View, name, label string, options ...string) (field, error) {
	f := field{Name: name, Label: v.T(label), Optional: v.T("(you can leave this out)"), Error: v.T("Error:"), Type: "text", Value: v.Value(name), Fault: v.Fault(name), Required: true}
	targets := map[string]*string{"type": &f.Type, "hint": &f.Hint, "auto": &f.Auto, "mode": &f.Mode}
	for _, o := range options {
		key, value, _ := strings.Cut(o, "=")
		switch {
		case key == "optional":
			f.Required = false
		case targets[key] != nil:
			*targets[key] = v.T(value)
		default:
			return f, fmt.Errorf("portal: no field option %q", key)
		}
	}
	return f, nil
}

// Describes names the elements that explain the field, for aria-describedby.
func (f field) Describes() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Fault != "" {
		ids = append(ids, f.Name+"-fault")
	}
	return strings.Join(ids, " ")
}
