package narrative

import "testing"

func TestCheck(t *testing.T) {
	const div = `<div xmlns="http://www.w3.org/1999/xhtml">`
	for text, want := range map[string]struct {
		fault   string
		content bool
	}{
		div + "<p>x</p></div>":                           {"", true},
		div + `<img src="a.png"/></div>`:                 {"", true},
		div + "&nbsp; \n<br/></div>":                     {"", false},
		div + "</div>":                                   {"", false},
		"<div>x</div>":                                   {"a narrative's elements must be of the XHTML namespace", false},
		div + "<script>x</script></div>":                 {"a narrative holds an element that is not allowed there (txt-1)", false},
		div + `<p onclick="x">x</p></div>`:               {"a narrative holds an attribute that is not allowed there (txt-1)", false},
		div + `<a href="javascript:x">x</a></div>`:       {"a narrative's links must be relative, or of a scheme that runs nothing", false},
		div + `<p style="background:url(x)">x</p></div>`: {"a narrative's styles must not load or run anything", false},
		div + "x":                        {"a narrative must be well-formed XHTML", true},
		"x":                              {"a narrative must be one div", false},
		div + "x</div>" + div + "</div>": {"a narrative must be one div", true},
		div + "<![CDATA[x]]></div>":      {"a narrative must not hold CDATA or malformed comments", false},
	} {
		fault, content := Check(text)
		if fault != want.fault || content != want.content || Fault(text) != fault {
			t.Errorf("%s: %q, %v", text, fault, content)
		}
	}
}
