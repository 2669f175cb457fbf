package operation_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/tree"
	"tributary/internal/errs"
	"tributary/internal/operation"
)

func read(t *testing.T, method, target, contentType, body string) (operation.Input, error) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return operation.Read(httptest.NewRecorder(), r, 1<<10)
}

func TestParametersComeFromEverywhere(t *testing.T) {
	for _, c := range []struct{ method, target, typ, body string }{
		{"GET", "/x?code=a&code=b", "", ""},
		{"POST", "/x?code=a", "application/x-www-form-urlencoded", "code=b"},
		{"POST", "/x?code=a", "application/fhir+json", `{"resourceType":"Parameters","parameter":[{"name":"code","valueCode":"b"}]}`},
	} {
		in, err := read(t, c.method, c.target, c.typ, c.body)
		if err != nil {
			t.Fatal(err)
		}
		if got := in.All("code"); !slices.Equal(got, []string{"a", "b"}) || in.Text("code") != "a" {
			t.Errorf("%s %s: %q", c.method, c.target, got)
		}
	}
}

func TestAResourceIsAParameterOrTheBody(t *testing.T) {
	for _, body := range []string{
		`{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","id":"a"}}]}`,
		`{"resourceType":"Patient","id":"a"}`,
	} {
		in, err := read(t, "POST", "/x", "application/fhir+json", body)
		if err != nil {
			t.Fatal(err)
		}
		if got := in.Resource("resource").Get("id").Text(); got != "a" {
			t.Errorf("%s: %q", body, got)
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	for body, kind := range map[string]errs.Kind{
		"{":                       errs.Invalid,
		`{"resourceType":"Nope"}`: errs.Invalid,
		`{"resourceType":"Basic"` + strings.Repeat(" ", 2<<10) + "}": errs.TooLarge,
	} {
		if _, err := read(t, "POST", "/x", "application/fhir+json", body); !errs.Is(err, kind) {
			t.Errorf("%.30q: %v", body, err)
		}
	}
	if _, err := read(t, "POST", "/x", "text/plain", "x"); !errs.Is(err, errs.Unsupported) || !strings.Contains(err.Error(), "application/fhir+xml") {
		t.Error("a text was taken for parameters")
	}
	in, err := read(t, "GET", "/x?cod=a&_format=json", "", "")
	if err != nil {
		t.Fatal(err)
	}
	if in.Only("cod") != nil || in.Only("code") == nil {
		t.Error("Only does not tell known from unknown")
	}
}

func TestPairsTakesPrimitivesOnly(t *testing.T) {
	in, err := read(t, "POST", "/x?a=1", "application/fhir+json", `{"resourceType":"Parameters","parameter":[{"name":"b","valueInteger":2}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if pairs, err := in.Pairs(); err != nil || len(pairs) != 2 || pairs[1].Value != "2" {
		t.Errorf("%v, %v", pairs, err)
	}
	in, err = read(t, "POST", "/x", "application/fhir+json", `{"resourceType":"Parameters","parameter":[{"name":"b","valueCoding":{"code":"x"}}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Pairs(); !errs.Is(err, errs.Invalid) {
		t.Errorf("a Coding was taken for a text: %v", err)
	}
	if in.Value("b").Key() != "valueCoding" {
		t.Error("the value does not tell its type")
	}
}

func TestWhatIsNotCheckedIsRead(t *testing.T) {
	unchecked := func(body string) (operation.Input, error) {
		r := httptest.NewRequest("POST", "/x", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/fhir+json")
		return operation.ReadUnchecked(httptest.NewRecorder(), r, 1<<10)
	}
	in, err := unchecked(`{"resourceType":"Observation","nonsense":[]}`)
	if err != nil || in.Resource("resource").Get("nonsense").Kind() != tree.Array {
		t.Errorf("an invalid resource was refused: %v", err)
	}
	for _, body := range []string{"{", "[]", "7"} {
		if _, err := unchecked(body); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", body, err)
		}
	}
}
