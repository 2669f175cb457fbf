package fhirserver

import (
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// A Provenance is created, and by whoever may deleted, but never edited: only its labels change.
func TestAProvenanceIsNotEdited(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db) // with the Provenance v1
		said := s.call("all", "GET /Provenance/v1", "").is(200).body
		other := strings.Replace(string(said), "2020-01-05", "2020-01-06", 1)
		const patch = `[{"op":"replace","path":"/recorded","value":"2020-01-06T00:00:00Z"}]`
		for line, body := range map[string]string{
			"PUT /Provenance/v1": other, "PUT /Provenance?_id=v1": other, "PATCH /Provenance/v1": patch,
			"POST /": `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":` + other + `,"request":{"method":"PUT","url":"Provenance/v1"}}]}`,
		} {
			media := "application/fhir+json"
			if body == patch {
				media = "application/json-patch+json"
			}
			if r := s.call("all", line, body, "Content-Type", media).is(422); !strings.Contains(string(r.body), "is not edited") {
				t.Errorf("%s: %s", line, r.body)
			}
		}
		s.call("all", "PUT /Provenance/v1", string(said)).is(200)
		s.call("all", "POST /Provenance/v1/$meta-add", labelled).is(200)
		if now := s.call("all", "GET /Provenance/v1", "").is(200); now.text("recorded") != "2020-01-05T00:00:00Z" || now.text("meta", "tag", 0, "code") != "a" {
			t.Errorf("%s", now.body)
		}
		s.call("all", "DELETE /Provenance/v1", "").is(204)
	})
}
