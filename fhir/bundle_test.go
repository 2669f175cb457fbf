package fhir_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
)

func TestParseBundleTakesEntriesApart(t *testing.T) {
	src := fhirtest.Transaction(
		fhirtest.PostIfNone(fhirtest.UUID(1), fhirtest.Patient(), "identifier=a|b"),
		fhirtest.Put("Observation/o1", fhirtest.Observation(fhirtest.ID("o1"), fhirtest.Subject(fhirtest.UUID(1)))),
		fhirtest.Get("Patient?name=x"),
		fhirtest.Delete("Encounter/2"),
	)
	b, err := fhir.ParseBundle(src)
	if err != nil {
		t.Fatal(err)
	}
	if b.Type != "transaction" || len(b.Entries) != 4 {
		t.Fatalf("got a %s of %d entries", b.Type, len(b.Entries))
	}
	first, second := b.Entries[0], b.Entries[1]
	if first.FullURL != fhirtest.UUID(1) || first.Method != "POST" || first.URL != "Patient" || first.IfNoneExist != "identifier=a|b" {
		t.Errorf("first entry: got %+v", first)
	}
	if string(first.Resource.Source()) != string(fhirtest.Patient()) {
		t.Errorf("first entry's source: got %s", first.Resource.Source())
	}
	if second.Resource.ID != "o1" || second.Resource.References()[0].Value.Expression() != "Observation.subject.reference" {
		t.Errorf("second entry's resource: got %+v", second.Resource)
	}
	if b.Entries[2].Resource != nil || b.Entries[3].Resource != nil {
		t.Error("an entry without a resource got one")
	}
}

var badBundles = []struct {
	name, src string
	want      []string
}{
	{"another type", `{"resourceType":"Patient"}`, []string{"a Bundle is expected"}},
	{"no type", `{"resourceType":"Bundle"}`, []string{`Bundle: missing required field "type"`}},
	{"around the entries", `{"resourceType":"Bundle","type":"collection","total":-1,"x":1,"entry":{}}`, []string{
		"Bundle.total: invalid non-negative integer", "Bundle.x: unknown element",
		"Bundle.entry: an array is expected here", "Bundle.entry: an object must not be empty",
	}},
	{"requests", `{"resourceType":"Bundle","type":"transaction","entry":[
		{"fullUrl":"Patient/1","resource":{"resourceType":"Patient"}},
		{"resource":{"resourceType":"Patient"},"request":{"method":"FETCH","url":"Patient"}},
		{"resource":{"resourceType":"Patient","id":"2"},"request":{"method":"PUT","url":"Patient/1"}},
		{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Observation"}},
		{"resource":{"resourceType":"Patient"},"request":{"method":"DELETE","url":"Patient/1","ifModifiedSince":"now"}},
		{"request":{"method":"PUT","url":"Patient/1"}},
		{"resource":{"resourceType":"Patient"},"request":{"url":"Patient"}},
		{"resource":{"resourceType":"Patient"},"request":{"method":"POST"}},
		{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient","body":"x"}}]}`, []string{
		"Bundle.entry[0]: an entry of a batch or transaction must have a request (bdl-3)",
		"Bundle.entry[0].fullUrl: a fullUrl must be an absolute URL, or a urn:uuid or urn:oid",
		"Bundle.entry[1].request.method: not a code of the required value set",
		"Bundle.entry[2].request.url: the request's url and the resource must have the same id",
		"Bundle.entry[3].request.url: the request's url must begin with the resource's type",
		"Bundle.entry[4]: an entry with this method must not have a resource",
		"Bundle.entry[4].request.ifModifiedSince: expected instant",
		"Bundle.entry[5]: an entry with this method must have a resource",
		`Bundle.entry[6].request: missing required field "method"`,
		`Bundle.entry[7].request: missing required field "url"`,
		"Bundle.entry[8].request.body: unknown element",
	}},
	{"the same fullUrl", `{"resourceType":"Bundle","type":"transaction","entry":[
		{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}},
		{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}]}`, []string{
		"Bundle.entry[1].fullUrl: two entries of a transaction must not have the same fullUrl (bdl-7)",
	}},
	{"resources", `{"resourceType":"Bundle","type":"transaction","entry":[
		{"resource":{"resourceType":"Patient","gender":"x","contained":[{"resourceType":"Patient","id":"a","b":1}]},"request":{"method":"POST","url":"Patient"}},
		{"resource":{"id":"x"},"request":{"method":"POST","url":"Patient"}},
		{"resource":{"resourceType":"Observation"},"request":{"method":"POST","url":"Observation"},"search":{"score":1}}]}`, []string{
		"Bundle.entry[0].resource.gender: not a code of the required value set",
		"Bundle.entry[0].resource.contained[0].b: unknown element",
		"Bundle.entry[1].resource: a resource must have a resourceType",
		`Bundle.entry[2].resource: missing required field "code"`,
		`Bundle.entry[2].resource: missing required field "status"`,
	}},
}

// Parse and ParseBundle say the same of a Bundle.
// A POST that searches, or runs an operation, creates nothing: it has Parameters or no
// resource at all. One whose path only looks like it is a creation.
func TestParseBundleTakesSearchesAndOperations(t *testing.T) {
	for _, entry := range []string{
		`{"request":{"method":"POST","url":"Patient/_search?name=x"}}`, `{"request":{"method":"POST","url":"_search"}}`,
		`{"request":{"method":"POST","url":"Patient/1/$everything"}}`, `{"request":{"method":"POST","url":"https://a.org/fhir/$reindex"}}`,
		`{"request":{"method":"POST","url":"Patient/_search"},"resource":{"resourceType":"Parameters"}}`,
	} {
		if _, err := fhir.ParseBundle([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[` + entry + `]}`)); err != nil {
			t.Errorf("%s: %v", entry, err)
		}
	}
	for _, entry := range []string{
		`{"request":{"method":"POST","url":"Patient?name=_search"}}`, `{"request":{"method":"POST","url":"Patient"},"resource":{"resourceType":"Parameters"}}`,
		`{"request":{"method":"PUT","url":"Patient/$everything"}}`, `{"request":{"method":"POST","url":"Patient?x=/$y"},"resource":{"resourceType":"Group"}}`,
	} {
		if _, err := fhir.ParseBundle([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[` + entry + `]}`)); err == nil {
			t.Errorf("%s is taken", entry)
		}
	}
}

func TestParseBundleNamesEverythingThatIsWrong(t *testing.T) {
	for _, c := range badBundles {
		t.Run(c.name, func(t *testing.T) {
			want := slices.Sorted(slices.Values(c.want))
			_, err := fhir.ParseBundle([]byte(c.src))
			got := slices.Sorted(slices.Values(lines(err)))
			if !slices.Equal(got, want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
			if !strings.Contains(c.src, `"Bundle"`) {
				return
			}
			_, err = fhir.Parse([]byte(c.src))
			if got := slices.Sorted(slices.Values(lines(err))); !slices.Equal(got, want) {
				t.Errorf("Parse: got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
		})
	}
}

func TestParseBundleLeavesABatchsFaultsToItsEntries(t *testing.T) {
	b, err := fhir.ParseBundle(fhirtest.Batch(
		fhirtest.Post("", fhirtest.Patient()),
		fhirtest.Post("", fhirtest.Patient(fhirtest.With("gender", "x"))),
		fhirtest.Post("", fhirtest.Patient()),
		fhirtest.Put("Patient/7", fhirtest.Observation()),
	))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "Bundle.entry[1].resource.gender", "", "Bundle.entry[3].request.url"} {
		e := b.Entries[i]
		if want == "" {
			if len(e.Issues) != 0 || e.Resource == nil {
				t.Errorf("entry %d: got %+v", i, e.Issues)
			}
			continue
		}
		if len(e.Issues) != 1 || e.Issues[0].Expression != want || e.Resource != nil {
			t.Errorf("entry %d: got %+v, want an issue at %s", i, e.Issues, want)
		}
	}
	_, err = fhir.ParseBundle([]byte(`{"resourceType":"Bundle","type":"batch","x":1}`))
	var bad *fhir.Invalid
	if !errors.As(err, &bad) || bad.Issues[0].Expression != "Bundle.x" {
		t.Errorf("a fault around the entries: got %v", err)
	}
}

func TestParseEntriesKeepsWhatIsInvalid(t *testing.T) {
	bad := fhirtest.Patient(fhirtest.With("birthDate", "1970-13"))
	b, err := fhir.ParseEntries([]byte(`{"resourceType":"Bundle","type":"searchset","total":2,"link":[{"relation":"next","url":"https://a.org/2"}],"entry":[
		{"fullUrl":"https://a.org/Patient/1","resource":` + string(bad) + `,"search":{"mode":"match"}},
		{"fullUrl":"https://a.org/Patient/2","resource":` + string(fhirtest.Patient()) + `,"search":{"mode":"march"}},
		{"resource":` + string(fhirtest.Patient()) + `}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"Bundle.entry[0].resource.birthDate", "Bundle.entry[1].search.mode", ""} {
		e := b.Entries[i]
		if want == "" && e.Resource != nil && len(e.Issues) == 0 {
			continue
		}
		if e.Resource != nil || len(e.Issues) != 1 || e.Issues[0].Expression != want {
			t.Errorf("entry %d: got %+v, want an issue at %q", i, e.Issues, want)
		}
	}
	if got := b.Entries[0].Node.Get("resource").Raw(); string(got) != string(bad) {
		t.Errorf("the bytes of an invalid resource: got %s", got)
	}
	if _, err := fhir.ParseEntries([]byte(`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"login"}]}`)); err == nil {
		t.Error("an OperationOutcome passed as a page")
	}
}

func TestBundlesOfTenThousandEntries(t *testing.T) {
	entries := make([]fhirtest.Entry, 10_000)
	patient := fhirtest.Resource("Patient", `{}`)
	for i := range entries {
		entries[i] = fhirtest.Post(fhirtest.UUID(i), patient)
	}
	src := fhirtest.Transaction(entries...)
	if b, err := fhir.ParseBundle(src); err != nil || len(b.Entries) != len(entries) {
		t.Errorf("ParseBundle: %v", err)
	}
	if _, err := fhir.Parse(src); err != nil {
		t.Errorf("Parse: %v", err)
	}
}
