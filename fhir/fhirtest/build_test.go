package fhirtest

import (
	"encoding/json"
	"testing"
)

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		option Option
		want   string
	}{
		{ID("a"), `{"resourceType":"T","a":6.50,"id":"a","list":[{"b":1}]}`},
		{With("a", json.RawMessage(`7.0`)), `{"resourceType":"T","a":7.0,"list":[{"b":1}]}`},
		{With("list.0.b", 2), `{"resourceType":"T","a":6.50,"list":[{"b":2}]}`},
		{With("list.1.c.d", true), `{"resourceType":"T","a":6.50,"list":[{"b":1},{"c":{"d":true}}]}`},
		{With("x.y", "z"), `{"resourceType":"T","a":6.50,"list":[{"b":1}],"x":{"y":"z"}}`},
		{Without("list"), `{"resourceType":"T","a":6.50}`},
		{Tag("s", "c"), `{"resourceType":"T","a":6.50,"list":[{"b":1}],"meta":{"tag":[{"code":"c","system":"s"}]}}`},
		{Identifier("s", "v"), `{"resourceType":"T","a":6.50,"identifier":[{"system":"s","value":"v"}],"list":[{"b":1}]}`},
		{Subject("Patient/1"), `{"resourceType":"T","a":6.50,"list":[{"b":1}],"subject":{"reference":"Patient/1"}}`},
	} {
		if got := string(Resource("T", `{"a":6.50,"list":[{"b":1}]}`, c.option)); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	if got := string(Resource("T", `{"patient":{}}`, Subject("Patient/1"))); got != `{"resourceType":"T","patient":{"reference":"Patient/1"}}` {
		t.Errorf("a type with patient: got %s", got)
	}
	if got := string(Resource("T", `{}`)); got != `{"resourceType":"T"}` {
		t.Errorf("an empty resource: got %s", got)
	}
}

func TestBundleIsJSON(t *testing.T) {
	got := string(Transaction(PostIfNone(UUID(10), Resource("Patient", `{}`), "a=b"), Get("Patient")))
	want := `{"resourceType":"Bundle","type":"transaction","entry":[` +
		`{"fullUrl":"urn:uuid:00000000-0000-4000-8000-00000000000a","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient","ifNoneExist":"a=b"}},` +
		`{"request":{"method":"GET","url":"Patient"}}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
