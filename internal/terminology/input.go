package terminology

import (
	"strconv"

	"tributary/fhir/terminology"
	"tributary/fhir/tree"
	"tributary/internal/errs"
)

const place = "Parameters.parameter" // where what is wrong stands

func missing(format string, args ...any) error {
	return errs.New(errs.Invalid, format, args...).At(place)
}

func unknown(typ, canonical string) error {
	return errs.New(errs.NotFound, "the %s %.200s is not known here", typ, canonical)
}

// canonical is the url that a parameter names, with the version that another does.
func (c *call) canonical(url, version string) string {
	text := c.in.Text(url)
	if _, has := terminology.Canonical(text); has == "" && text != "" && c.in.Text(version) != "" {
		text += "|" + c.in.Text(version)
	}
	return text
}

// valueSet is the one at whose place the operation is called, that is sent along, or
// that is named.
func (c *call) valueSet() (*terminology.ValueSet, tree.Value, error) {
	if v, ok := c.named.(*terminology.ValueSet); ok {
		return v, tree.Value{}, nil
	}
	if sent := c.in.Resource("valueSet"); sent.Exists() {
		if sent.Get("resourceType").Text() != "ValueSet" {
			return nil, sent, missing("the parameter valueSet is a ValueSet")
		}
		return terminology.CompileValueSet(sent), sent, nil
	}
	url := c.canonical("url", "valueSetVersion")
	if url == "" {
		return nil, tree.Value{}, missing("name the value set with url, or send it as valueSet")
	}
	v, err := c.From.ValueSet(c, url)
	if err == nil && v == nil {
		err = unknown("value set", url)
	}
	return v, tree.Value{}, err
}

// codeSystem is the same of code systems; url is the parameter that names it.
func (c *call) codeSystem(url string) (*terminology.CodeSystem, error) {
	if s, ok := c.named.(*terminology.CodeSystem); ok {
		return s, nil
	}
	if sent := c.in.Resource("codeSystem"); sent.Exists() {
		if sent.Get("resourceType").Text() != "CodeSystem" {
			return nil, missing("the parameter codeSystem is a CodeSystem")
		}
		return terminology.CompileCodeSystem(sent), nil
	}
	return c.systemNamed(c.canonical(url, "version"))
}

func (c *call) systemNamed(canonical string) (*terminology.CodeSystem, error) {
	if canonical == "" {
		return nil, missing("name the code system")
	}
	s, err := c.From.CodeSystem(c, canonical)
	if err == nil && s == nil {
		err = unknown("code system", canonical)
	}
	return s, err
}

// codings are those that are asked about: a code with its system, a Coding, or those
// of a CodeableConcept.
func (c *call) codings(system, version string) (list []terminology.Coding, err error) {
	if code := c.in.Text("code"); code != "" {
		list = append(list, terminology.Coding{System: c.in.Text(system), Version: c.in.Text(version), Code: code, Display: c.in.Text("display")})
	}
	for _, v := range c.in.Values("coding") {
		list = append(list, coding(v))
	}
	for _, v := range c.in.Values("codeableConcept") {
		for one := range v.Get("coding").Elements() {
			list = append(list, coding(one))
		}
	}
	if len(list) == 0 {
		return nil, missing("give a code and its system, a coding or a codeableConcept")
	}
	return list, nil
}

func coding(v tree.Value) terminology.Coding {
	return terminology.Coding{System: v.Get("system").Text(), Version: v.Get("version").Text(), Code: v.Get("code").Text(), Display: v.Get("display").Text()}
}

// flag reads a boolean; without it, it is what otherwise says.
func (c *call) flag(name string, otherwise bool) (bool, error) {
	switch text := c.in.Text(name); text {
	case "":
		return otherwise, nil
	case "true", "false":
		return text == "true", nil
	}
	return false, missing("%s is true or false", name)
}

// number reads a whole number that is not negative.
func (c *call) number(name string, otherwise int) (int, error) {
	text := c.in.Text(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 31)
	if err != nil || n < 0 {
		return 0, missing("%s is a whole number, 0 or more", name)
	}
	return int(n), nil
}
