package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// announced are the operations of a CapabilityStatement by where they are called:
// on the system (""), or on a type.
func announced(t *testing.T, metadata []byte) map[string][]string {
	t.Helper()
	type operations []struct{ Name string }
	var statement struct {
		Rest []struct {
			Operation operations
			Resource  []struct {
				Type      string
				Operation operations
			}
		}
	}
	if err := json.Unmarshal(metadata, &statement); err != nil || len(statement.Rest) != 1 {
		t.Fatal(err)
	}
	at := map[string][]string{}
	for _, o := range statement.Rest[0].Operation {
		at[""] = append(at[""], o.Name)
	}
	for _, r := range statement.Rest[0].Resource {
		for _, o := range r.Operation {
			at[r.Type] = append(at[r.Type], o.Name)
		}
	}
	return at
}

// refused tells whether nobody is there to answer, or not this client.
func refused(code int, answer []byte) bool {
	return code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusMethodNotAllowed ||
		code == http.StatusNotFound && strings.Contains(string(answer), "there is no such operation here")
}

// caller asks the service's API with the token.
type caller struct {
	*Service
	token string
}

func (c caller) call(method, path, body string) (int, []byte) {
	r := httptest.NewRequest(method, c.fhirBase()+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/fhir+json")
	r.Header.Set("Accept", "application/fhir+json")
	if strings.HasSuffix(path, "$export") {
		r.Header.Set("Prefer", "respond-async")
	}
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// reaches calls an operation of the type, "" for the system, wherever it may be:
// on the type or on a resource of it, by GET or by POST.
func (c caller) reaches(typ, name string) (told string) {
	places := []string{"/$" + name}
	if typ != "" {
		id := "probe"
		if typ == "Group" {
			id = c.study.Cohort
		}
		places = []string{"/" + typ + "/$" + name, "/" + typ + "/" + id + "/$" + name}
	}
	for _, place := range places {
		for method, body := range map[string]string{http.MethodGet: "", http.MethodPost: `{"resourceType":"Parameters"}`} {
			code, answer := c.call(method, place, body)
			if !refused(code, answer) {
				return ""
			}
			told += string(answer)
		}
	}
	return told
}

// Every operation that is announced can be called by some client.
func TestAnnouncedOperationsAreReached(t *testing.T) {
	s := service(t, t.TempDir())
	token, err := s.Token(t.Context(), "system/*.cruds", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	c := caller{s, token}
	_, metadata := c.call(http.MethodGet, "/metadata", "")
	at := announced(t, metadata)
	if len(at[""]) == 0 || len(at["Patient"]) == 0 || len(at["Group"]) == 0 {
		t.Fatalf("announced: %v", at)
	}
	for typ, names := range at {
		for _, name := range names {
			if told := c.reaches(typ, name); told != "" {
				t.Errorf("%s of %q: %s", name, typ, told)
			}
		}
	}
	if c.reaches("Patient", "nosuch") == "" {
		t.Error("an operation that is not there is reached")
	}
}
