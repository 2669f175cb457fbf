package xml_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tributary/fhir/xml"
)

const open = `<Patient xmlns="http://hl7.org/fhir">`

// read are documents, and the JSON that they say.
var read = []struct{ name, xml, json string }{
	{"nothing", `<Patient xmlns="http://hl7.org/fhir"/>`, `{"resourceType":"Patient"}`},
	{"a byte order mark and a declaration", "\uFEFF<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n" + open + "</Patient>\n", `{"resourceType":"Patient"}`},
	{"asides", "<!-- a --><?xml-stylesheet href='x'?>" + open + "<!--b--><active value='true'/><?c?></Patient><!-- d -->", `{"resourceType":"Patient","active":true}`},
	{"a prefix", `<f:Patient xmlns:f="http://hl7.org/fhir"><f:active value="true"/></f:Patient >`, `{"resourceType":"Patient","active":true}`},
	{"where the schema is", `<Patient xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir patient.xsd"><id value="a"/></Patient>`, `{"resourceType":"Patient","id":"a"}`},
	{"references and white space", open + "<name><text value=\"&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;&#10;\r\n\tü\"/></name></Patient>", `{"resourceType":"Patient","name":[{"text":"<>&\"'A😀\n  ü"}]}`},
	{"a backslash", open + `<language value="a\b"/></Patient>`, `{"resourceType":"Patient","language":"a\\b"}`},
	{"ids and extensions", open + `<name id="n"><given id="g" value="A"/><given value="B"/><given><extension url="u"><valueCode value="x"/></extension></given></name></Patient>`,
		`{"resourceType":"Patient","name":[{"id":"n","given":["A","B",null],"_given":[{"id":"g"},null,{"extension":[{"url":"u","valueCode":"x"}]}]}]}`},
	{"an extension only", open + `<birthDate><extension url="u"><valueBoolean value="false"/></extension></birthDate></Patient>`,
		`{"resourceType":"Patient","_birthDate":{"extension":[{"url":"u","valueBoolean":false}]}}`},
	{"extensions only, repeated", open + `<name><given id="a"/><given id="b"/></name></Patient>`, `{"resourceType":"Patient","name":[{"_given":[{"id":"a"},{"id":"b"}]}]}`},
	{"numbers", `<RiskAssessment xmlns="http://hl7.org/fhir"><prediction><probabilityDecimal value="6.50"/></prediction><prediction><probabilityDecimal value="-1.0e-3"/></prediction></RiskAssessment>`,
		`{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":6.50},{"probabilityDecimal":-1.0e-3}]}`},
	{"any order", open + `<birthDate value="2000"/><name><family value="A"/></name><active value="true"/><name><family value="B"/></name></Patient>`,
		`{"resourceType":"Patient","active":true,"name":[{"family":"A"},{"family":"B"}],"birthDate":"2000"}`},
	{"contained", open + `<contained><Organization><id value="o"/><name value="O"/></Organization></contained></Patient>`,
		`{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"O"}]}`},
	{"parameters", `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="p"/><resource><Basic><code><text value="x"/></code></Basic></resource></parameter><parameter><name value="q"/><part><name value="r"/><valueUri value="urn:x"/></part></parameter></Parameters>`,
		`{"resourceType":"Parameters","parameter":[{"name":"p","resource":{"resourceType":"Basic","code":{"text":"x"}}},{"name":"q","part":[{"name":"r","valueUri":"urn:x"}]}]}`},
	{"a reference to content", `<Questionnaire xmlns="http://hl7.org/fhir"><item><linkId value="1"/><item><linkId value="2"/></item></item></Questionnaire>`,
		`{"resourceType":"Questionnaire","item":[{"linkId":"1","item":[{"linkId":"2"}]}]}`},
	{"a narrative", open + `<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml" class='a'>x &lt; "y"<br/><!-- c --><![CDATA[<&]]>` + "\r\n" + `</div></text></Patient>`,
		`{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" class='a'>x &lt; \"y\"<br/><!-- c -->&lt;&amp;\n</div>"}}`},
	{"a narrative with a prefix", `<Patient xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><text><status value="empty"/><h:div><h:p h:id="1" class="&quot;">x</h:p></h:div></text></Patient>`, ""},
	{"a narrative with a prefix of its own", `<Patient xmlns="http://hl7.org/fhir"><text><status value="empty"/><h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:p class="&quot;">x</h:p></h:div></text></Patient>`,
		`{"resourceType":"Patient","text":{"status":"empty","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class=\"&quot;\">x</p></div>"}}`},
	{"a base64Binary", `<Binary xmlns="http://hl7.org/fhir"><contentType value="text/plain"/><data value="aGk="/></Binary>`, `{"resourceType":"Binary","contentType":"text/plain","data":"aGk="}`},
}

func TestToJSON(t *testing.T) {
	for _, c := range read {
		got, err := xml.ToJSON([]byte(c.xml))
		if c.json == "" {
			if err == nil {
				t.Errorf("%s: read as %s", c.name, got)
			}
			continue
		}
		if err != nil || string(got) != c.json {
			t.Errorf("%s:\n%s\nwant\n%s (%v)", c.name, got, c.json, err)
			continue
		}
		roundTrip(t, got, "")
		roundTrip(t, got, "\t")
	}
}

// wrong are documents that are refused; where is the place that the error names.
var wrong = []struct{ name, xml, where, reason string }{
	{"nothing", "", "", "element is expected"},
	{"JSON", `{"resourceType":"Patient"}`, "", "this is no XML"},
	{"not UTF-8", open + "<language value='\xff'/></Patient>", "", "not UTF-8"},
	{"UTF-16", "\xff\xfe<\x00P\x00", "", "not UTF-8"},
	{"another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?>` + open + "</Patient>", "", "UTF-8"},
	{"another version", `<?xml version="1.1"?>` + open + "</Patient>", "", "version 1.0"},
	{"a declaration that is not first", " <?xml version='1.0'?>" + open + "</Patient>", "", "before everything"},
	{"a document type", `<!DOCTYPE Patient>` + open + "</Patient>", "", "document type"},
	{"a file as an entity", `<!DOCTYPE Patient [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + open + `<language value="&x;"/></Patient>`, "", "document type"},
	{"entities that grow", `<!DOCTYPE Patient [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + open + `<language value="&b;"/></Patient>`, "", "document type"},
	{"an entity of HTML", open + `<language value="&nbsp;"/></Patient>`, "", "no entities"},
	{"a lone ampersand", open + `<language value="a & b"/></Patient>`, "", "&amp;"},
	{"the number of no character", open + `<language value="&#0;"/></Patient>`, "", "no character"},
	{"half of a pair", open + `<language value="&#xD800;"/></Patient>`, "", "no character"},
	{"a control character", open + "<language value=\"\x01\"/></Patient>", "", "cannot hold"},
	{"no character", open + "<language value=\"\uFFFF\"/></Patient>", "", "cannot hold"},
	{"a < in a value", open + `<language value="<"/></Patient>`, "", "&lt;"},
	{"no quotes", open + `<language value=a/></Patient>`, "", "quotes"},
	{"a value that does not end", open + `<language value="a/></Patient>`, "", "&lt;"},
	{"an attribute twice", open + `<language value="a" value="b"/></Patient>`, "", "twice"},
	{"many attributes", open + `<language ` + manyAttributes + `/></Patient>`, "", "too many"},
	{"attributes without a space", open + `<language id="a"value="b"/></Patient>`, "", "white space"},
	{"cut off", open + `<name><family`, "", "too early"},
	{"cut off between elements", open + `<name>`, "", "too early"},
	{"another end", open + `<name></Name></Patient>`, "", "began last"},
	{"no end", open + `<name></Patient>`, "", "began last"},
	{"two roots", open + `</Patient>` + open + `</Patient>`, "", "follows"},
	{"text behind", open + `</Patient>x`, "", "follows"},
	{"text between", open + `x<active value="true"/></Patient>`, "", "text between"},
	{"CDATA between", open + `<![CDATA[ ]]></Patient>`, "", "text between"},
	{"a comment that does not end", open + `<!-- `, "", "does not end"},
	{"a comment with --", open + `<!-- -- --></Patient>`, "", "--"},
	{"no namespace", `<Patient/>`, "", "http://hl7.org/fhir"},
	{"another namespace", `<Patient xmlns="http://hl7.org/fhir/v3"/>`, "", "http://hl7.org/fhir"},
	{"another namespace below", open + `<x:active xmlns:x="urn:x" value="true"/></Patient>`, "", "http://hl7.org/fhir"},
	{"an unbound prefix", open + `<x:active value="true"/></Patient>`, "", "prefix"},
	{"the prefix xml", `<Patient xmlns="http://hl7.org/fhir" xmlns:xml="urn:x"/>`, "", "own"},
	{"a foreign attribute", `<Patient xmlns="http://hl7.org/fhir" xml:lang="en"/>`, "", "attributes of FHIR"},
	{"an unknown attribute", open + `<active val="true"/></Patient>`, "", "attributes of FHIR"},
	{"an unknown type", `<Nonsense xmlns="http://hl7.org/fhir"/>`, "Nonsense", "resource type"},
	{"a data type", `<HumanName xmlns="http://hl7.org/fhir"/>`, "HumanName", "resource type"},
	{"an abstract type", `<DomainResource xmlns="http://hl7.org/fhir"/>`, "DomainResource", "resource type"},
	{"an id as an attribute", `<Patient xmlns="http://hl7.org/fhir" id="a"/>`, "Patient", "its id is an element"},
	{"an unknown element", open + `<name><nonsense value="x"/></name></Patient>`, "Patient.name.nonsense", "HumanName has no such element"},
	{"an unknown element, further down", open + `<name/><name><given value="a"/><given value="b"><nonsense/></given></name></Patient>`, "Patient.name[1].given[1].nonsense", "string has no such element"},
	{"a choice without its type", `<Observation xmlns="http://hl7.org/fhir"><value value="x"/></Observation>`, "Observation.value", "no such element"},
	{"two of a choice", open + `<deceasedBoolean value="true"/><deceasedDateTime value="2000"/></Patient>`, "Patient.deceasedDateTime", "does not repeat"},
	{"one element twice", open + `<active value="true"/><active value="true"/></Patient>`, "Patient.active[1]", "does not repeat"},
	{"no boolean", open + `<active value="1"/></Patient>`, "Patient.active", "true or false"},
	{"no number", open + `<multipleBirthInteger value="two"/></Patient>`, "Patient.multipleBirthInteger", "number"},
	{"a number with a plus", open + `<multipleBirthInteger value="+2"/></Patient>`, "Patient.multipleBirthInteger", "number"},
	{"a number that ends JSON", open + `<multipleBirthInteger value="2,&quot;x&quot;:3"/></Patient>`, "Patient.multipleBirthInteger", "number"},
	{"an empty primitive", open + `<active/></Patient>`, "Patient.active", "neither"},
	{"a value of a complex element", open + `<name value="x"/></Patient>`, "Patient.name", "no value"},
	{"a url of no extension", open + `<name url="x"/></Patient>`, "Patient.name", "url"},
	{"url as an element", open + `<extension><url value="u"/></extension></Patient>`, "Patient.extension.url", "no such element"},
	{"two resources in one", open + `<contained><Basic/><Basic/></contained></Patient>`, "Patient.contained", "one resource"},
	{"none in contained", open + `<contained/></Patient>`, "Patient.contained", "one resource"},
	{"a div of FHIR", open + `<text><div/></text></Patient>`, "Patient.text.div", "xhtml"},
	{"a div elsewhere", open + `<name><div xmlns="http://www.w3.org/1999/xhtml"/></name></Patient>`, "Patient.name.div", "no such element"},
	{"a div as a primitive", open + `<active xmlns="http://www.w3.org/1999/xhtml"/></Patient>`, "Patient.active", "neither"},
	{"a div as the root", `<Patient xmlns="http://www.w3.org/1999/xhtml"/>`, "Patient", "resource type"},
	{"FHIR in a div", open + `<text><div xmlns="http://www.w3.org/1999/xhtml"><p xmlns="http://hl7.org/fhir"/></div></text></Patient>`, "", "XHTML"},
	{"text that ends CDATA", open + `<text><div xmlns="http://www.w3.org/1999/xhtml">]]></div></text></Patient>`, "", "]]&gt;"},
	{"deep", open + strings.Repeat("<extension>", 1<<16), "", "nested deeper"},
	{"a deep narrative", open + `<text><div xmlns="http://www.w3.org/1999/xhtml">` + strings.Repeat("<p>", 1<<16), "", "nested deeper"},
}

var manyAttributes = func() string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "a%d='' ", i)
	}
	return b.String()
}()

func TestWrongDocuments(t *testing.T) {
	for _, c := range wrong {
		got, err := xml.ToJSON([]byte(c.xml))
		var e *xml.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: read as %.300s (%v)", c.name, got, err)
			continue
		}
		if e.Expression != c.where || !strings.Contains(e.Reason, c.reason) || e.Line < 1 {
			t.Errorf("%s: line %d, %q: %s; want %q: …%s…", c.name, e.Line, e.Expression, e.Reason, c.where, c.reason)
		}
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	_, err := xml.ToJSON([]byte(open + "\n  <active\n value='x'/></Patient>"))
	if want := "true or false is expected (line 2, byte 41)"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// unsayable is JSON that XML cannot hold.
var unsayable = []struct{ name, json, where string }{
	{"a control character", `{"resourceType":"Patient","name":[{"text":"a"},{"text":"\u0001"}]}`, "Patient.name[1].text"},
	{"no character", `{"resourceType":"Patient","language":"a\uffff"}`, "Patient.language"},
	{"the id of an id", `{"resourceType":"Patient","name":[{"_id":{"id":"x"}}]}`, "Patient.name[0]._id"},
	{"the extension of a url", `{"resourceType":"Patient","extension":[{"url":"u","_url":{"id":"x"}}]}`, "Patient.extension[0]._url"},
	{"no resource", `{"resourceType":"Nonsense"}`, "Nonsense"},
	{"a list", `[]`, "$this"},
	{"an unknown member", `{"resourceType":"Patient","nonsense":1}`, "Patient.nonsense"},
	{"a text for an object", `{"resourceType":"Patient","name":"x"}`, "Patient.name"},
	{"an object for a text", `{"resourceType":"Patient","language":{}}`, "Patient.language"},
	{"a narrative that does not end", `{"resourceType":"Patient","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p></div>"}}`, "Patient.text.div"},
	{"a narrative that ends early", `{"resourceType":"Patient","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"></div></text><active value=\"true\"/>"}}`, "Patient.text.div"},
	{"a narrative of no namespace", `{"resourceType":"Patient","text":{"div":"<div>x</div>"}}`, "Patient.text.div"},
	{"a text as a narrative", `{"resourceType":"Patient","text":{"div":"x"}}`, "Patient.text.div"},
}

func TestUnsayable(t *testing.T) {
	for _, c := range unsayable {
		got, err := xml.FromJSON(parsed(t, []byte(c.json)), "")
		var e *xml.Error
		if !errors.As(err, &e) || e.Expression != c.where {
			t.Errorf("%s: %v, want an error at %q: %s", c.name, e, c.where, got)
		}
	}
}

func TestEntitiesOfHTMLBecomeNumbers(t *testing.T) {
	src := `{"resourceType":"Patient","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" title='&eacute;'>&nbsp;&lt;&#8217;</div>"}}`
	got, err := xml.FromJSON(parsed(t, []byte(src)), "")
	if want := `<div xmlns="http://www.w3.org/1999/xhtml" title='&#233;'>&#160;&lt;&#8217;</div>`; err != nil || !strings.Contains(string(got), want) {
		t.Errorf("%s (%v)", got, err)
	}
}
