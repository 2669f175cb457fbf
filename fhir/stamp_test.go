package fhir_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"tributary/fhir"
	"tributary/fhir/tree"
)

var full = fhir.Stamp{
	ID: "n1", VersionID: 3, LastUpdated: time.Date(2024, 5, 6, 9, 8, 9, 120e6, time.FixedZone("", 7200)),
	Source: "https://ehr.example/1", Tags: []fhir.Coding{{System: "s:own", Code: "a"}},
	OwnedSystems: []string{"s:own"},
}

func TestStamp(t *testing.T) {
	const at = `"versionId":"3","lastUpdated":"2024-05-06T07:08:09.120Z"`
	const tag = `{"system":"s:own","code":"a"}`
	for _, c := range []struct {
		name, src, want string
		stamp           fhir.Stamp
	}{
		{"nothing", `{"resourceType":"Patient", "active" : true}`, `{"resourceType":"Patient", "active" : true}`, fhir.Stamp{}},
		{
			"bare", `{ "resourceType" : "Patient" }`,
			`{ "resourceType" : "Patient","id":"n1","meta":{` + at + `,"source":"https://ehr.example/1","tag":[` + tag + `]} }`, full,
		},
		{
			"id and meta there", `{"id": "old","active":true,"meta":{"profile":["http://x.y"], "versionId":"1"},"resourceType":"Patient"}`,
			`{"id": "n1","active":true,"meta":{"lastUpdated":"2024-05-06T07:08:09.120Z","profile":["http://x.y"], "versionId":"3"},"resourceType":"Patient"}`,
			fhir.Stamp{ID: "n1", VersionID: 3, LastUpdated: full.LastUpdated},
		},
		{
			"id there, meta not", `{"active":true,"id":"old","resourceType":"Patient"}`,
			`{"active":true,"id":"n1","meta":{"versionId":"3"},"resourceType":"Patient"}`, fhir.Stamp{ID: "n1", VersionID: 3},
		},
		{
			"the client's labels stay but for owned ones",
			`{"resourceType":"Patient","meta":{"tag":[{"system":"s:own","code":"forged"}, {"system":"s:c","code":"b" }],"security":[{"system":"s:own","code":"R"}]}}`,
			`{"resourceType":"Patient","meta":{"tag":[{"system":"s:c","code":"b" },` + tag + `]}}`,
			fhir.Stamp{Tags: full.Tags, OwnedSystems: full.OwnedSystems},
		},
		{
			"all labels go, and with them meta",
			`{"resourceType":"Patient","meta":{"security":[{"system":"s:own","code":"R"}],"tag":[{"system":"s:own","code":"forged"}]},"active":true}`,
			`{"resourceType":"Patient","active":true}`, fhir.Stamp{OwnedSystems: full.OwnedSystems},
		},
		{
			"all labels go, versionId comes",
			`{"resourceType":"Patient","meta":{"security":[{"system":"s:own","code":"R"}],"tag":[{"system":"s:own","code":"forged"}]},"active":true}`,
			`{"resourceType":"Patient","meta":{"versionId":"3"},"active":true}`, fhir.Stamp{VersionID: 3, OwnedSystems: full.OwnedSystems},
		},
		{
			"labels go from the middle and the end",
			`{"resourceType":"Patient","meta":{"security":[{"system":"s:own","code":"R"}], "source":"a:b" , "tag":[{"system":"s:own","code":"forged"}] }}`,
			`{"resourceType":"Patient","meta":{"source":"a:b" }}`, fhir.Stamp{OwnedSystems: full.OwnedSystems},
		},
		{
			"security", `{"resourceType":"Patient"}`, `{"resourceType":"Patient","meta":{"security":[{"system":"s","code":"R","display":"<é\"&>"}]}}`,
			fhir.Stamp{Security: []fhir.Coding{{System: "s", Code: "R", Display: `<é"&>`}}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := parse(t, c.src).Stamp(c.stamp)
			if string(got) != c.want {
				t.Fatalf("got  %s\nwant %s", got, c.want)
			}
			if again := parse(t, string(got)).Stamp(c.stamp); !bytes.Equal(again, got) {
				t.Errorf("stamped twice: %s", again)
			}
		})
	}
}

func TestStampMakesFurtherEdits(t *testing.T) {
	r := parse(t, `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:0d7e54b2-5b6a-4f5e-9a51-1c4f2a0b6f11"},"valueQuantity":{"value":6.50}}`)
	edit := tree.Replace(r.References()[0].Value, []byte(`"Patient/1"`))
	got := string(r.Stamp(fhir.Stamp{ID: "o", Edits: []tree.Edit{edit}}))
	want := `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/1"},"valueQuantity":{"value":6.50}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// checkStamp holds what Stamp promises of any resource: valid again, the same
// but for id and meta, and stamped once and for all.
func checkStamp(t *testing.T, r *fhir.Resource) {
	t.Helper()
	got := r.Stamp(full)
	back, err := fhir.Parse(got)
	if err != nil {
		t.Fatalf("a stamped resource is invalid: %v", err)
	}
	if again := back.Stamp(full); !bytes.Equal(again, got) {
		t.Errorf("stamping twice differs:\n%s\n%s", got, again)
	}
	before, after := decode(t, r.Source()), decode(t, got)
	if after["id"] != "n1" || after["meta"].(map[string]any)["versionId"] != "3" {
		t.Errorf("got id %v, meta %v", after["id"], after["meta"])
	}
	for _, name := range []string{"id", "meta"} {
		delete(before, name)
		delete(after, name)
	}
	if !reflect.DeepEqual(before, after) {
		t.Error("Stamp changed more than id and meta")
	}
}

func decode(t *testing.T, src []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	m := map[string]any{}
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}
