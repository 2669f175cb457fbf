package patch

import (
	"encoding/xml"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// deviations are the official cases that end otherwise here, and why.
var deviations = map[string]string{}

func official(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(fhirtest.Data(t, "fhir-test-cases"), "r4", "patch", file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// judge holds a case's outcome against the list of deviations, which must stay true.
func judge(t *testing.T, name, fault string) {
	t.Helper()
	reason, listed := deviations[name]
	switch {
	case fault == "" && listed:
		t.Errorf("%s passes, but is listed: %s", name, reason)
	case fault != "" && !listed:
		t.Errorf("%s: %s", name, fault)
	}
}

func TestOfficialJSONPatch(t *testing.T) {
	cases := read(t, string(official(t, "json-patch-tests.json")))
	if cases.Len() < 16 {
		t.Fatalf("only %d cases", cases.Len())
	}
	for c := range cases.Elements() {
		got, err := JSON(c.Get("doc").Raw(), c.Get("patch").Raw())
		judge(t, c.Get("comment").Text(), compare(t, got, err, c.Get("expected"), c.Get("error").Exists()))
	}
}

// compare returns what is wrong, "" if nothing.
func compare(t *testing.T, got []byte, err error, want tree.Value, fails bool) string {
	t.Helper()
	switch {
	case fails && err != nil:
		return ""
	case fails:
		return "no error, but " + string(got)
	case err != nil:
		return err.Error()
	case !equal(read(t, string(got)), want):
		return "got " + string(got) + ", want " + string(want.Raw())
	}
	return ""
}

func read(t testing.TB, src string) tree.Value {
	t.Helper()
	v, err := tree.Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// markup is an element of an XML document.
type markup struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []markup   `xml:",any"`
	Inner    string     `xml:",innerxml"`
}

func (m *markup) attr(name string) string {
	for _, a := range m.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func TestOfficialFHIRPathPatch(t *testing.T) {
	var suite struct {
		Cases []struct {
			Name   string    `xml:"name,attr"`
			Input  markup    `xml:"input"`
			Diff   markup    `xml:"diff"`
			Output markup    `xml:"output"`
			Error  *struct{} `xml:"error"`
		} `xml:"case"`
	}
	if err := xml.Unmarshal(official(t, "fhir-patch-tests.xml"), &suite); err != nil {
		t.Fatal(err)
	}
	if len(suite.Cases) < 33 {
		t.Fatalf("only %d cases", len(suite.Cases))
	}
	for _, c := range suite.Cases {
		input, diff := resource(c.Input.Children[0]), resource(c.Diff.Children[0])
		want := tree.Value{}
		if c.Error == nil {
			want = read(t, resource(c.Output.Children[0]))
		}
		got, err := FHIRPath([]byte(input), read(t, diff))
		judge(t, c.Name, compare(t, got, err, want, c.Error != nil))
	}
}

// resource renders an XML resource as JSON, as far as the cases need.
func resource(m markup) string {
	typ, _ := model.TypeOf(m.XMLName.Local)
	body := object(m, typ)
	if body == "{}" {
		return `{"resourceType":"` + typ.Name + `"}`
	}
	return `{"resourceType":"` + typ.Name + `",` + body[1:]
}

func object(m markup, typ *model.Type) string {
	var names []string
	values, extensions, repeats := map[string][]string{}, map[string][]string{}, map[string]bool{}
	if url := m.attr("url"); url != "" {
		names, values["url"], extensions["url"] = append(names, "url"), []string{string(quote(url))}, []string{"null"}
	}
	for _, child := range m.Children {
		name := child.XMLName.Local
		field, _ := typ.Member(name)
		if values[name] == nil {
			names = append(names, name)
		}
		repeats[name] = field.Element.Repeats
		value, extension := primitive(child, field.Type), "null"
		if len(child.Children) > 0 && field.Type.Kind == model.Primitive && name != "div" {
			extension = object(child, field.Type)
		}
		values[name], extensions[name] = append(values[name], value), append(extensions[name], extension)
	}
	var members []string
	for _, name := range names {
		for side, list := range map[string][]string{name: values[name], "_" + name: extensions[name]} {
			text := strings.Join(list, ",")
			if strings.ReplaceAll(strings.ReplaceAll(text, "null", ""), ",", "") == "" {
				continue
			}
			if repeats[name] {
				text = "[" + text + "]"
			}
			members = append(members, `"`+side+`":`+text)
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func primitive(m markup, typ *model.Type) string {
	switch {
	case m.XMLName.Local == "div":
		return string(quote(strings.Join(strings.Fields(html.UnescapeString(m.Inner)), " ")))
	case typ.Kind != model.Primitive:
		return object(m, typ)
	case literal[typ.Name] != tree.None:
		return m.attr("value")
	case m.attr("value") == "":
		return "null"
	}
	value := m.attr("value")
	if strings.HasPrefix(value, "<div") {
		value = strings.Join(strings.Fields(value[strings.Index(value, ">")+1:strings.LastIndex(value, "<")]), " ")
	}
	return string(quote(value))
}
