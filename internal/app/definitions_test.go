package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tributary/fhir"
)

// definitionsOf are the canonicals of all operations in a CapabilityStatement.
func definitionsOf(t *testing.T, metadata []byte) map[string]bool {
	t.Helper()
	type operations []struct{ Definition string }
	var statement struct {
		Rest []struct {
			Operation operations
			Resource  []struct{ Operation operations }
		}
	}
	if err := json.Unmarshal(metadata, &statement); err != nil || len(statement.Rest) != 1 {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, o := range statement.Rest[0].Operation {
		all[o.Definition] = true
	}
	for _, r := range statement.Rest[0].Resource {
		for _, o := range r.Operation {
			all[o.Definition] = true
		}
	}
	return all
}

// Each operation of the CapabilityStatement has its definition here: found by its url,
// once, and valid. Another start finds all as it is.
func TestEveryOperationIsDefined(t *testing.T) {
	s := service(t, t.TempDir())
	token, err := s.Token(t.Context(), "system/*.rs", 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	metadata := httptest.NewRecorder()
	s.Handler().ServeHTTP(metadata, httptest.NewRequest(http.MethodGet, s.fhirBase()+"/metadata", nil))
	versions := map[string]string{}
	ask := func() {
		t.Helper()
		for canonical := range definitionsOf(t, metadata.Body.Bytes()) {
			code, body := caller{s, token}.call(http.MethodGet, "/OperationDefinition?url="+url.QueryEscape(canonical), "")
			var found struct {
				Entry []struct{ Resource json.RawMessage }
			}
			if err := json.Unmarshal(body, &found); err != nil || code != http.StatusOK || len(found.Entry) != 1 {
				t.Errorf("%s: status %d, %d definitions", canonical, code, len(found.Entry))
				continue
			}
			checkDefinition(t, canonical, found.Entry[0].Resource, versions)
		}
	}
	ask()
	if len(versions) < 20 {
		t.Errorf("only %d operations", len(versions))
	}
	if err := s.define(t.Context()); err != nil {
		t.Fatal(err)
	}
	ask()
}

// checkDefinition holds that a definition is valid and no other than when it was seen
// before.
func checkDefinition(t *testing.T, canonical string, src json.RawMessage, versions map[string]string) {
	t.Helper()
	parsed, err := fhir.Parse(src)
	if err != nil {
		t.Errorf("%s: %v", canonical, err)
		return
	}
	version := parsed.ID + "/" + parsed.Root.At("meta", "versionId").Text()
	if before, seen := versions[canonical]; seen && before != version {
		t.Errorf("%s was written again without need", canonical)
	}
	versions[canonical] = version
	code := parsed.Root.Get("code").Text()
	if code == "" || strings.HasPrefix(code, "$") || parsed.Root.Get("system").Text()+parsed.Root.Get("type").Text()+parsed.Root.Get("instance").Text() == "falsefalsefalse" {
		t.Errorf("%s says not where it is called: %.300s", canonical, src)
	}
}
