package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store/storetest"
)

// attempts are how many changed requests each ordinary test run makes: about two
// seconds of them, the same ones each time.
const attempts = 5000

var fuzzMethods = []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"}

// request is what is fuzzed: everything that a client can choose.
type request struct {
	method                uint8
	target, header, value string
	body                  []byte
}

var fuzzHeaders = []string{
	"Content-Type", "Accept", "If-Match", "If-None-Match", "If-None-Exist", "Prefer", "If-Modified-Since", "Content-Encoding", "X-Request-Id",
}

// fuzzSeeds are the requests of the tables of this package, and good ones.
func fuzzSeeds() (seeds []request) {
	add := func(line string, headers []string, body []byte) {
		method, target, _ := strings.Cut(line, " ")
		r := request{target: target, header: "Prefer", value: "return=minimal", body: body}
		for i, m := range fuzzMethods {
			if m == method {
				r.method = uint8(i)
			}
		}
		if len(headers) > 1 {
			r.header, r.value = headers[0], headers[1]
		}
		if len(target) < 1000 && len(body) < 10000 {
			seeds = append(seeds, r)
		}
	}
	for _, c := range wrongRequests {
		add(c.line, c.headers, []byte(aPatient))
	}
	for _, c := range wrongBodies {
		add("POST /Patient", nil, []byte(c.body))
		add("POST /", nil, []byte(c.body))
	}
	for _, resource := range fhirtest.All() {
		add("POST /Patient", nil, resource)
		add("POST /", nil, fhirtest.Transaction(fhirtest.Post(fhirtest.UUID(1), resource), fhirtest.Get("Patient?name=a")))
		add("POST /", nil, fhirtest.Batch(fhirtest.PostIfNone("", resource, "identifier=a|b"), fhirtest.Delete("Patient/1")))
	}
	for _, accept := range []string{fhirXML, fhirXML + ";q=0.9, */*;q=0.1", fhirJSON + "; fhirVersion=4.0"} {
		add("GET /Patient?_count=1&_pretty=true", []string{"Accept", accept}, nil)
		add("GET /Nonsense?_format=xml", []string{"Accept", accept}, nil)
	}
	for _, body := range []string{patientXML, transactionXML, strings.Replace(patientXML, "<?xml", "<!DOCTYPE x [<!ENTITY y 'z'>]><?xml", 1)} {
		add("POST /Patient", []string{"Content-Type", fhirXML}, []byte(body))
		add("POST /?_format=xml", []string{"Content-Type", "application/xml; charset=utf-8"}, []byte(body))
		add("PATCH /Patient/1", []string{"Content-Type", "text/xml"}, []byte(body))
	}
	for _, query := range []string{
		"/Observation?code-value-quantity=a|b$gt5.0|c|kg&_sort=-date&_count=3", "/Patient?_has:Observation:patient:code=1,2",
		"/Observation?subject:Patient.name:contains=a%5C,b&date=sa2020-01-01T00:00:00Z&_total=accurate",
		"/Patient?identifier:of-type=a|b|c&birthdate:missing=true&gender:not=male", "/Patient/1/_history?_count=1",
		"/ValueSet?url:below=http://a/b&_lastUpdated=ap2020", "/RiskAssessment?probability=ne0.5e-3",
	} {
		add("GET "+query, nil, nil)
	}
	return seeds
}

// try sends a request; whatever it is, it is not the server's fault.
func (s *site) try(t testing.TB, q request) {
	method := fuzzMethods[int(q.method)%len(fuzzMethods)]
	if !strings.HasPrefix(q.target, "/") {
		q.target = "/" + q.target
	}
	if _, err := url.ParseRequestURI("/fhir/R4" + q.target); err != nil || clean(q.target) != q.target || strings.Contains(q.target, " ") {
		return // no request line: net/http refuses it
	}
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, s.url, bytes.NewReader(q.body))
	if err != nil {
		return
	}
	base, _ := url.Parse(s.url)
	path, query, _ := strings.Cut(q.target, "?")
	r.URL = &url.URL{Scheme: base.Scheme, Host: base.Host, Opaque: "//" + base.Host + base.Path + path, RawQuery: query}
	r.Header.Set("Authorization", "Bearer all")
	r.Header.Set("Content-Type", fhirJSON)
	r.Header.Set(headerOf(q.header), clean(q.value))
	answer := s.do(t, method+" "+q.target, r)
	s.judge(t, q, method, answer)
}

func headerOf(name string) string {
	for _, known := range fuzzHeaders {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	return "X-Other"
}

// clean makes a value one that a client can send at all.
func clean(value string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, value)
}

func (s *site) judge(t testing.TB, q request, method string, r reply) {
	if r.status >= 500 || r.status < 200 {
		t.Errorf("status %d for %q: %.300s", r.status, q, r.body)
	}
	if method == "HEAD" || len(r.body) == 0 && r.status < 400 {
		return
	}
	if r.status == 200 && r.header.Get("Content-Security-Policy") != "" {
		return // what a Binary holds
	}
	var body struct {
		ResourceType string
		Issue        []issue
	}
	if strings.HasPrefix(r.header.Get("Content-Type"), fhirXML) {
		e := r.xml(t)
		body.ResourceType = e.XMLName.Local
		for _, i := range e.all("issue") {
			body.Issue = append(body.Issue, issue{Code: i.values("code")})
		}
	} else if err := json.Unmarshal(r.body, &body); err != nil || body.ResourceType == "" {
		t.Errorf("no resource for %q: %v: %.300s", q, err, r.body)
	}
	if r.status >= 400 && (body.ResourceType != "OperationOutcome" || len(body.Issue) == 0 || body.Issue[0].Code == "") {
		t.Errorf("no outcome that says why for %q: %.300s", q, r.body)
	}
}

// FuzzRequest looks for a request that makes the server fail.
func FuzzRequest(f *testing.F) {
	for _, q := range fuzzSeeds() {
		f.Add(q.method, q.target, q.header, q.value, q.body)
	}
	s := start(f, storetest.SQLite(f, storetest.Options{}))
	f.Fuzz(func(t *testing.T, method uint8, target, header, value string, body []byte) {
		s.try(t, request{method, target, header, value, body})
	})
}

// The same in short, in every test run: seeds that are cut, doubled and mixed, by
// a fixed row of random numbers.
func TestChangedRequests(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	random, seeds := rand.New(rand.NewPCG(1, 2)), fuzzSeeds()
	for range attempts {
		q, other := seeds[random.IntN(len(seeds))], seeds[random.IntN(len(seeds))]
		switch random.IntN(4) {
		case 0:
			q.body = changed(random, q.body, other.body)
		case 1:
			q.target = string(changed(random, []byte(q.target), []byte(other.target)))
		case 2:
			q.header, q.value = fuzzHeaders[random.IntN(len(fuzzHeaders))], string(changed(random, []byte(q.value), []byte(other.value)))
		case 3:
			q.method, q.body = uint8(random.IntN(len(fuzzMethods))), changed(random, other.body, q.body)
		}
		s.try(t, q)
	}
}

// changed is a text with a byte changed, a piece dropped or doubled, or a piece of
// another one in it.
func changed(random *rand.Rand, text, other []byte) []byte {
	if len(text) == 0 {
		return other
	}
	out := bytes.Clone(text)
	for range 1 + random.IntN(3) {
		if len(out) == 0 {
			return out
		}
		from := random.IntN(len(out))
		to := min(len(out), from+1+random.IntN(12))
		switch random.IntN(4) {
		case 0:
			out[from] = byte(random.IntN(256))
		case 1:
			out = append(out[:from:from], out[to:]...)
		case 2:
			out = append(out[:to:to], out[from:]...)
		case 3:
			if n := len(other); n > 0 {
				at := random.IntN(n)
				out = append(append(out[:from:from], other[at:min(n, at+20)]...), out[to:]...)
			}
		}
	}
	return out
}
