package terminology

import "tributary/fhir/terminology"

func validateInSet(c *call) ([]byte, error) {
	codings, err := c.codings("system", "systemVersion")
	if err != nil {
		return nil, err
	}
	v, _, err := c.valueSet()
	if err != nil {
		return nil, err
	}
	found, err := c.ValidateCode(c, v, codings)
	if err != nil {
		return nil, err
	}
	return c.validated(found, func() (*terminology.CodeSystem, error) {
		return c.From.CodeSystem(c, found.Coding.System)
	})
}

func validateInSystem(c *call) ([]byte, error) {
	s, codings, err := c.systemAndCodings()
	if err != nil {
		return nil, err
	}
	return c.validated(s.ValidateIn(codings), func() (*terminology.CodeSystem, error) { return s, nil })
}

// systemAndCodings: the system is named by url, or by the coding.
func (c *call) systemAndCodings() (*terminology.CodeSystem, []terminology.Coding, error) {
	codings, err := c.codings("url", "version")
	if err != nil {
		return nil, nil, err
	}
	if c.in.Text("url") == "" && c.named == nil && !c.in.Resource("codeSystem").Exists() {
		s, err := c.systemNamed(codings[0].System)
		return s, codings, err
	}
	s, err := c.codeSystem("url")
	for i := range codings {
		if url, _ := terminology.Canonical(codings[i].System); s != nil && url == s.URL {
			codings[i].System = s.URL
		}
	}
	return s, codings, err
}

// validated writes the answer. Where abstract=false says that the code is for use,
// one that only groups others is not valid.
func (c *call) validated(v terminology.Validation, system func() (*terminology.CodeSystem, error)) ([]byte, error) {
	abstract, err := c.flag("abstract", true)
	if err != nil {
		return nil, err
	}
	if language := c.in.Text("displayLanguage"); v.Result && (!abstract || language != "") {
		s, err := system()
		if err != nil {
			return nil, err
		}
		if s != nil {
			v = s.Judge(v, language, abstract)
		}
	}
	w := parameters()
	w.truth("result", v.Result)
	w.parameter("message", "String", v.Message)
	w.parameter("display", "String", v.Display)
	return w.end(), nil
}
