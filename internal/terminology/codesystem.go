package terminology

import (
	"slices"

	"tributary/fhir/terminology"
)

func lookup(c *call) ([]byte, error) {
	asked := terminology.Coding{System: c.in.Text("system"), Version: c.in.Text("version"), Code: c.in.Text("code")}
	if v := c.in.Value("coding"); v.Exists() {
		asked = coding(v)
	}
	if asked.Code == "" || asked.System == "" {
		return nil, missing("give a code and its system, or a coding")
	}
	s, err := c.systemNamed(withVersion(asked))
	if err != nil {
		return nil, err
	}
	d, err := s.Lookup(asked.Code, c.in.All("property"), c.in.Text("displayLanguage"))
	if err != nil {
		return nil, err
	}
	return details(&d), nil
}

func withVersion(c terminology.Coding) string {
	if c.Version == "" {
		return c.System
	}
	return c.System + "|" + c.Version
}

func details(d *terminology.Details) []byte {
	w := parameters()
	w.parameter("name", "String", d.Name)
	w.parameter("version", "String", d.Version)
	if w.parameter("display", "String", d.Display); d.Display == "" {
		w.parameter("display", "String", d.Code)
	}
	for _, one := range d.Designations {
		w.part("designation", func() {
			w.parameter("language", "Code", one.Language)
			if one.Use != (terminology.Coding{}) {
				w.coding("use", one.Use)
			}
			w.parameter("value", "String", one.Value)
		})
	}
	if d.Definition != "" {
		w.property(terminology.Property{Code: "definition", Type: "String", Value: d.Definition})
	}
	for _, p := range d.Properties {
		w.property(p)
	}
	return w.end()
}

// valueTypes are those that the operation gives for a property.
var valueTypes = []string{"Code", "Coding", "String", "Integer", "Boolean", "DateTime", "Decimal"}

func (w *writer) property(p terminology.Property) {
	w.part("property", func() {
		w.parameter("code", "Code", p.Code)
		switch {
		case p.Type == "Coding":
			w.coding("value", terminology.Coding{System: p.System, Code: p.Value, Display: p.Display})
			return
		case !slices.Contains(valueTypes, p.Type):
			p.Type = "String"
		}
		w.parameter("value", p.Type, p.Value)
		w.parameter("description", "String", p.Display)
	})
}

func subsumes(c *call) ([]byte, error) {
	a, b := c.one("codeA", "codingA"), c.one("codeB", "codingB")
	if a.Code == "" || b.Code == "" {
		return nil, missing("give codeA and codeB with their system, or codingA and codingB")
	}
	if a.System != "" && b.System != "" && a.System != b.System {
		return nil, missing("codingA and codingB are of one code system")
	}
	s, err := c.common(a, b)
	if err != nil {
		return nil, err
	}
	outcome, err := s.Subsumes(a.Code, b.Code)
	if err != nil {
		return nil, err
	}
	w := parameters()
	w.parameter("outcome", "Code", string(outcome))
	return w.end(), nil
}

// one is a code, or a Coding.
func (c *call) one(code, asCoding string) terminology.Coding {
	if v := c.in.Value(asCoding); v.Exists() {
		return coding(v)
	}
	return terminology.Coding{Code: c.in.Text(code)}
}

// common is the system of both codes.
func (c *call) common(a, b terminology.Coding) (*terminology.CodeSystem, error) {
	if c.named != nil || c.in.Text("system") != "" {
		return c.codeSystem("system")
	}
	if a.System == "" {
		a = b
	}
	return c.systemNamed(withVersion(a))
}
