package conformance

import (
	"bytes"
	"compress/gzip"
	stdxml "encoding/xml"
	"io"
	"net/http"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const fhirXML = "application/fhir+xml"

// inXML are the headers of a client that knows XML only.
var inXML = []string{"Content-Type", fhirXML, "Accept", fhirXML}

// element is XML as the standard library sees it.
type element struct {
	XMLName  stdxml.Name
	Value    string    `xml:"value,attr"`
	URL      string    `xml:"url,attr"`
	ID       string    `xml:"id,attr"`
	Children []element `xml:",any"`
	Inner    string    `xml:",innerxml"`
}

// xml reads an answer in XML.
func (r reply) xml(t testing.TB) element {
	t.Helper()
	var e element
	if err := stdxml.Unmarshal(r.body, &e); err != nil {
		t.Fatalf("%.200s: no XML: %v: %.500s", r.line, err, r.body)
	}
	if got := r.header.Get("Content-Type"); got != fhirXML+"; charset=utf-8" || e.XMLName.Space != "http://hl7.org/fhir" {
		t.Errorf("%.200s: the answer is of %q, its root of %q", r.line, got, e.XMLName.Space)
	}
	return e
}

// all are the elements at a path below; names are apart by spaces.
func (e element) all(path string) (list []element) {
	step, rest, more := strings.Cut(path, " ")
	for _, c := range e.Children {
		switch {
		case c.XMLName.Local != step:
		case more:
			list = append(list, c.all(rest)...)
		default:
			list = append(list, c)
		}
	}
	return list
}

// values are the values of the elements at a path, apart by commas.
func (e element) values(path string) string {
	var list []string
	for _, c := range e.all(path) {
		list = append(list, c.Value)
	}
	return strings.Join(list, ",")
}

const patientXML = `<?xml version="1.0" encoding="UTF-8"?>
<!-- of a client that has never seen JSON -->
<Patient xmlns="http://hl7.org/fhir">
  <text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>Ann &amp; <b>family</b></p></div></text>
  <extension url="http://example.org/weight"><valueDecimal value="6.50"/></extension>
  <identifier><system value="urn:mrn"/><value value="x1"/></identifier>
  <active value="true"/>
  <name><given id="g1" value="Ann"/><given><extension url="http://example.org/unknown"><valueBoolean value="true"/></extension></given></name>
  <birthDate value="1970-05-01"/>
  <multipleBirthInteger value="2"/>
</Patient>`

func TestClientInXML(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		created := s.call(t, "POST /Patient", patientXML, inXML...).is(t, 201)
		id := created.xml(t).values("id")
		if where := created.header.Get("Location"); where != s.url+"/Patient/"+id+"/_history/1" || created.header.Get("Etag") != `W/"1"` {
			t.Errorf("Location %q, %v", where, created.header)
		}
		read := s.call(t, "GET /Patient/"+id, "", inXML...).is(t, 200)
		p := read.xml(t)
		for path, want := range map[string]string{
			"active": "true", "birthDate": "1970-05-01", "extension valueDecimal": "6.50", "name given": "Ann,", "multipleBirthInteger": "2",
			"name given extension valueBoolean": "true", "meta versionId": "1",
		} {
			if got := p.values(path); got != want {
				t.Errorf("%s is %q, want %q", path, got, want)
			}
		}
		if !bytes.Contains(read.body, []byte(`<div xmlns="http://www.w3.org/1999/xhtml"><p>Ann &amp; <b>family</b></p></div>`)) {
			t.Errorf("the narrative has changed: %s", read.body)
		}
		if json := s.call(t, "GET /Patient/"+id, ""); !bytes.Contains(json.body, []byte(`"valueDecimal":6.50`)) || !bytes.Contains(json.body, []byte(`"given":["Ann",null],"_given":[{"id":"g1"},{"extension"`)) {
			t.Errorf("stored as %s", json.body)
		}
		s.changesInXML(t, id)
	})
}

func (s *site) changesInXML(t *testing.T, id string) {
	body := `<Patient xmlns="http://hl7.org/fhir"><id value="` + id + `"/><gender value="female"/></Patient>`
	updated := s.call(t, "PUT /Patient/"+id, body, append(inXML, "If-Match", `W/"1"`)...).is(t, 200)
	if p := updated.xml(t); p.values("gender") != "female" || p.values("meta versionId") != "2" {
		t.Errorf("after the update: %s", updated.body)
	}
	s.call(t, "PUT /Patient/"+id, body, append(inXML, "If-Match", `W/"1"`)...).refusedInXML(t, 412, "conflict")
	patched := s.call(t, "PATCH /Patient/"+id, `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>
		<part><name value="type"/><valueCode value="add"/></part><part><name value="path"/><valueString value="Patient"/></part>
		<part><name value="name"/><valueString value="birthDate"/></part><part><name value="value"/><valueDate value="1971-01-01"/></part>
		</parameter></Parameters>`, inXML...).is(t, 200)
	if p := patched.xml(t); p.values("birthDate") != "1971-01-01" || p.values("gender") != "female" {
		t.Errorf("after the patch: %s", patched.body)
	}
	if history := s.call(t, "GET /Patient/"+id+"/_history", "", inXML...).is(t, 200).xml(t); history.values("entry resource Patient meta versionId") != "3,2,1" ||
		history.values("entry request method") != "PATCH,PUT,POST" {
		t.Errorf("the history is %s", history.Inner)
	}
	s.call(t, "GET /Patient/"+id+"/_history/2", "", inXML...).is(t, 200).xml(t)
	if r := s.call(t, "GET /Patient/"+id, "", append(inXML, "If-None-Match", `W/"3"`)...).is(t, 304); len(r.body) != 0 {
		t.Errorf("304 with a body: %s", r.body)
	}
	s.call(t, "DELETE /Patient/"+id, "", inXML...).is(t, 204)
	s.call(t, "GET /Patient/"+id, "", inXML...).refusedInXML(t, 410, "deleted")
}

// refusedInXML holds that a refusal says what and why in XML.
func (r reply) refusedInXML(t testing.TB, status int, code string) element {
	t.Helper()
	e := r.is(t, status).xml(t)
	if e.XMLName.Local != "OperationOutcome" || e.values("issue code") != code || e.values("issue diagnostics") == "" {
		t.Errorf("%.200s: want the code %q of %s", r.line, code, r.body)
	}
	return e
}

func TestSearchInXML(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for range 3 {
			s.call(t, "POST /Patient", patientXML, "Content-Type", "text/xml; charset=utf-8", "Prefer", "return=minimal").is(t, 201)
		}
		first := s.call(t, "GET /Patient?identifier=urn:mrn%7Cx1&_count=2&_total=accurate&_format=xml", "").is(t, 200).xml(t)
		if first.values("total") != "3" || len(first.all("entry resource Patient")) != 2 || first.values("entry search mode") != "match,match" {
			t.Errorf("%s", first.Inner)
		}
		next := ""
		for _, l := range first.all("link") {
			if l.values("relation") == "next" {
				next = l.values("url")
			}
		}
		if second := s.call(t, "GET "+next, "").is(t, 200).xml(t); len(second.all("entry resource Patient")) != 1 {
			t.Errorf("the next page, of %q: %s", next, second.Inner)
		}
		for _, form := range []string{"identifier=urn:mrn%7Cx1&_format=application/fhir%2Bxml", "identifier=urn:mrn%7Cx1"} {
			posted := s.call(t, "POST /Patient/_search", form, "Content-Type", "application/x-www-form-urlencoded", "Accept", map[bool]string{true: fhirJSON, false: fhirXML}[strings.Contains(form, "_format")])
			if found := posted.is(t, 200).xml(t); len(found.all("entry")) != 3 {
				t.Errorf("posted: %s", found.Inner)
			}
		}
		s.call(t, "GET /Patient?nonsense=1", "", inXML...).refusedInXML(t, 400, "invalid")
	})
}

const transactionXML = `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/>
	<entry><fullUrl value="urn:uuid:5c2a2f0e-0d1b-4c6e-8a5e-0f6b6a4f1a01"/><resource><Patient><identifier><system value="urn:mrn"/><value value="t1"/></identifier></Patient></resource>
		<request><method value="POST"/><url value="Patient"/><ifNoneExist value="identifier=urn:mrn|t1"/></request></entry>
	<entry><resource><Observation><status value="final"/><code><text value="weight"/></code>
		<subject><reference value="urn:uuid:5c2a2f0e-0d1b-4c6e-8a5e-0f6b6a4f1a01"/></subject><valueQuantity><value value="70.0"/><unit value="kg"/></valueQuantity></Observation></resource>
		<request><method value="POST"/><url value="Observation"/></request></entry>
	<entry><request><method value="GET"/><url value="Patient?identifier=urn:mrn|t1"/></request></entry></Bundle>`

func TestTransactionInXML(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		b := s.call(t, "POST /", transactionXML, inXML...).is(t, 200).xml(t)
		if b.values("type") != "transaction-response" || b.values("entry response status") != "201 Created,201 Created,200 OK" {
			t.Fatalf("%s", b.Inner)
		}
		patient, _, _ := strings.Cut(b.values("entry response location"), "/_history")
		found := s.call(t, "GET /Observation?subject="+patient, "", inXML...).xml(t)
		if found.values("entry resource Observation subject reference") != patient || found.values("entry resource Observation valueQuantity value") != "70.0" {
			t.Errorf("%s", found.Inner)
		}
		if inside := b.values("entry resource Bundle entry resource Patient identifier value"); inside != "t1" {
			t.Errorf("the search in the transaction found %q", inside)
		}
		wrong := s.call(t, "POST /", strings.Replace(transactionXML, "final", "finished", 1), inXML...).refusedInXML(t, 400, "code-invalid")
		if where := wrong.values("issue expression"); where != "Bundle.entry[1].resource.status" {
			t.Errorf("the fault is at %q", where)
		}
	})
}

func TestOperationsInXML(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	id := s.call(t, "POST /Patient", patientXML, inXML...).is(t, 201).xml(t).values("id")
	added := s.call(t, "POST /Patient/"+id+"/$meta-add", `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="meta"/>
		<valueMeta><tag><system value="urn:tags"/><code value="seen"/></tag></valueMeta></parameter></Parameters>`, inXML...).is(t, 200).xml(t)
	if added.XMLName.Local != "Parameters" || !strings.Contains(added.Inner, `<code value="seen"/>`) {
		t.Errorf("%s", added.Inner)
	}
	all := s.call(t, "GET /Patient/"+id+"/$everything", "", inXML...).is(t, 200).xml(t)
	if all.values("entry resource Patient id") != id {
		t.Errorf("%s", all.Inner)
	}
	statement := s.call(t, "GET /metadata", "", "Authorization", "", "Accept", fhirXML).is(t, 200).xml(t)
	if statement.values("format") != "json,xml,"+fhirJSON+","+fhirXML || !strings.Contains(statement.values("patchFormat"), fhirXML) {
		t.Errorf("formats %s; of patches %s", statement.values("format"), statement.values("patchFormat"))
	}
}

// askedForms are what clients say of the form of the answer, and what they get.
var askedForms = []struct {
	query   string
	accept  string
	xml     bool
	refused bool
}{
	{"", "", false, false},
	{"", "*/*", false, false},
	{"", "*", false, false},
	{"", "application/*", false, false},
	{"", fhirXML, true, false},
	{"", "application/xml", true, false},
	{"", "TEXT/XML; charset=utf-8", true, false},
	{"", "application/xml+fhir", true, false},
	{"", fhirJSON + "; fhirVersion=4.0", false, false},
	{"", fhirXML + `;fhirVersion="4.0"`, true, false},
	{"", fhirJSON + "; fhirVersion=3.0, " + fhirXML + "; fhirVersion=4.0.1", true, false},
	{"", fhirXML + ";q=0.5, " + fhirJSON, false, false},
	{"", fhirJSON + ";q=0.5, " + fhirXML + ";q=0.8", true, false},
	{"", fhirJSON + ", " + fhirXML, false, false},
	{"", fhirXML + ", " + fhirJSON, true, false},
	{"", "application/xml, */*", true, false},
	{"", fhirXML + ";q=0.1, */*;q=0.5", false, false},
	{"", fhirXML + ";q=0, */*", false, false},
	{"", "application/json;q=0, */*", true, false},
	{"", "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", true, false},
	{"", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", false, false},
	{"", fhirXML + ";q=nonsense", true, false},
	{"", " , ", false, false},
	{"", "text/html", false, true},
	{"", fhirXML + "; fhirVersion=5.0", false, true},
	{"", fhirXML + ";q=0", false, true},
	{"?_format=xml", fhirJSON, true, false},
	{"?_format=text/xml", "", true, false},
	{"?_format=application/fhir+xml", "", true, false},
	{"?_format=application%2Ffhir%2Bxml", "text/html", true, false},
	{"?_format=json", fhirXML, false, false},
	{"?_format=", fhirXML, true, false},
	{"?_format=html", fhirXML, false, true},
}

func TestForms(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.call(t, "PUT /Patient/a", `<Patient xmlns="http://hl7.org/fhir"><id value="a"/></Patient>`, inXML...).is(t, 201)
	for _, c := range askedForms {
		for _, path := range []string{"/Patient/a", "/Patient", "/Patient/a/_history", "/metadata", "/Patient/none"} {
			r := s.call(t, "GET "+path+c.query, "", "Accept", c.accept)
			switch {
			case c.refused && path != "/Patient/none":
				r.refused(t, 406)
			case c.refused:
				r.refused(t, 406, 404)
			case c.xml:
				r.xml(t)
			default:
				r.bundle(t)
			}
		}
	}
}

func TestPretty(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.call(t, "PUT /Patient/a", strings.Replace(patientXML, "<text>", `<id value="a"/><text>`, 1), inXML...).is(t, 201)
	for query, want := range map[string]string{
		"?_pretty=true":             "{\n  \"resourceType\": \"Patient\",\n",
		"?_pretty=true&_format=xml": "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Patient xmlns=\"http://hl7.org/fhir\">\n  <id value=\"a\"/>\n",
		"?_format=xml":              `<?xml version="1.0" encoding="UTF-8"?><Patient xmlns="http://hl7.org/fhir"><id value="a"/>`,
		"?_pretty=false":            `{"resourceType":"Patient","id":"a"`,
	} {
		r := s.call(t, "GET /Patient/a"+query, "").is(t, 200)
		if !bytes.HasPrefix(r.body, []byte(want)) || !bytes.Contains(r.body, []byte("6.50")) {
			t.Errorf("%s: %.200q", query, r.body)
		}
		head := s.call(t, "HEAD /Patient/a"+query, "").is(t, 200)
		for _, name := range []string{"Content-Type", "Content-Length", "Etag", "Last-Modified"} {
			if got, want := head.header.Get(name), r.header.Get(name); got != want {
				t.Errorf("%s: HEAD has %s %q, GET %q", query, name, got, want)
			}
		}
	}
	if r := s.call(t, "GET /Patient?_pretty=true&nonsense=1", "").is(t, 400); !bytes.Contains(r.body, []byte("\n  \"issue\": [")) {
		t.Errorf("an outcome: %s", r.body)
	}
}

func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCompressedBodies(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	for typ, body := range map[string]string{fhirJSON: aPatient, fhirXML: patientXML} {
		s.call(t, "POST /Patient", zipped(t, body), "Content-Type", typ, "Content-Encoding", "gzip").is(t, 201)
		s.call(t, "POST /Patient", body, "Content-Type", typ, "Content-Encoding", "identity").is(t, 201)
		s.call(t, "POST /Patient", zipped(t, body)[:30], "Content-Type", typ, "Content-Encoding", "gzip").refused(t, 400)
		s.call(t, "POST /Patient", zipped(t, body+strings.Repeat(" ", 9<<20)), "Content-Type", typ, "Content-Encoding", "gzip").refused(t, 413)
		if r := s.call(t, "POST /Patient", body, "Content-Type", typ, "Content-Encoding", "br"); r.header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("the refusal does not say what is read: %v", r.header)
		} else {
			r.refused(t, 415)
		}
	}
	s.call(t, "POST /Patient/_search", zipped(t, "active=true"), "Content-Type", "application/x-www-form-urlencoded", "Content-Encoding", "gzip").is(t, 200)
	if r := s.call(t, "POST /Patient", "", "Content-Type", fhirXML); r.status != http.StatusBadRequest {
		t.Errorf("an empty body: %d %s", r.status, r.body)
	}
}

// What Prefer asks for is kept everywhere, in both formats.
func TestPreferences(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	patch := `[{"op":"add","path":"/active","value":true}]`
	for prefer, want := range map[string]string{
		"return=minimal": "", "return=representation": "Patient", `Return="OperationOutcome"`: "OperationOutcome", "return=nonsense": "Patient", "respond-async, return=minimal; x=y": "",
	} {
		for _, accept := range []string{fhirJSON, fhirXML} {
			for _, c := range []struct {
				line, body, typ string
			}{
				{"POST /Patient", aPatient, fhirJSON}, {"PUT /Patient/p", `{"resourceType":"Patient","id":"p"}`, fhirJSON}, {"PATCH /Patient/p", patch, "application/json-patch+json"},
			} {
				r := s.call(t, c.line, c.body, "Prefer", prefer, "Accept", accept, "Content-Type", c.typ)
				if r.status/100 != 2 || r.header.Get("Etag") == "" || r.header.Get("Last-Modified") == "" {
					t.Fatalf("%s: %d %v", c.line, r.status, r.header)
				}
				switch {
				case want == "" && len(r.body) > 0:
					t.Errorf("%s with %s: %s", c.line, prefer, r.body)
				case want == "":
				case accept == fhirXML && r.xml(t).XMLName.Local != want, accept == fhirJSON && r.bundle(t).ResourceType != want:
					t.Errorf("%s with %s and %s: %s", c.line, prefer, accept, r.body)
				}
				if applied := r.header.Get("Preference-Applied"); (applied == "") != (prefer == "return=nonsense") {
					t.Errorf("%s with %s: applied %q", c.line, prefer, applied)
				}
			}
		}
	}
	if r := s.call(t, "DELETE /Patient/p", "", "Prefer", "return=OperationOutcome").is(t, 200); r.bundle(t).ResourceType != "OperationOutcome" {
		t.Errorf("%s", r.body)
	}
	b := s.call(t, "POST /", `{"resourceType":"Bundle","type":"batch","entry":[{"resource":`+aPatient+`,"request":{"method":"POST","url":"Patient"}}]}`, "Prefer", "return=OperationOutcome").is(t, 200).bundle(t)
	if e := b.Entry[0]; e.Resource != nil || !bytes.Contains(e.Response.Outcome, []byte("OperationOutcome")) {
		t.Errorf("%+v", e)
	}
}

func TestPreflight(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	for _, path := range []string{"/Patient/1", "/Patient", "/metadata", "/"} {
		r := s.call(t, "OPTIONS "+path, "", "Authorization", "", "Content-Type", "", "Origin", "https://app.example", "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization,content-type,prefer")
		r.is(t, 204)
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "PATCH", "Access-Control-Allow-Headers": "Content-Encoding", "Access-Control-Expose-Headers": "ETag", "Access-Control-Max-Age": "3600",
		} {
			if got := r.header.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	if r := s.call(t, "GET /metadata", "", "X-Request-Id", "mine-1", "Accept", fhirXML); r.header.Get("X-Request-Id") != "mine-1" || r.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%v", r.header)
	}
}
