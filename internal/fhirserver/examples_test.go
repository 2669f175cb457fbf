package fhirserver

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// HL7's examples are stored and read back equal but for meta. Those that
// package fhir refuses are its own tests' matter; here a refusal is one that is
// explained, and never a failure of the server.
func TestOfficialExamples(t *testing.T) {
	files := fhirtest.Files(t, "r4-examples")
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		stored := 0
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := fhir.Parse(src)
			if err != nil || parsed.ID == "" || parsed.Type == "AuditEvent" {
				continue
			}
			stored++
			path := parsed.Type + "/" + parsed.ID
			if r := s.call("all", "PUT /"+path, string(src), "Prefer", "return=minimal"); r.status/100 != 2 {
				t.Errorf("%s: %d %.300s", filepath.Base(file), r.status, r.body)
				continue
			}
			if got := s.call("all", "GET /"+path, "").is(200).body; !reflect.DeepEqual(withoutMeta(t, got), withoutMeta(t, src)) {
				t.Errorf("%s is not read back as sent", filepath.Base(file))
			}
		}
		if stored < len(files)*9/10 {
			t.Errorf("only %d of %d examples are stored", stored, len(files))
		}
	})
}

// withoutMeta decodes with numbers as they are written.
func withoutMeta(t *testing.T, src []byte) map[string]json.RawMessage {
	t.Helper()
	var v map[string]json.RawMessage
	if err := json.Unmarshal(src, &v); err != nil {
		t.Fatal(err)
	}
	delete(v, "meta")
	return v
}
