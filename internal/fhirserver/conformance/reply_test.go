package conformance

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// reply is an answer, read to its end.
type reply struct {
	line   string // what was asked
	status int
	header http.Header
	body   []byte
}

// is holds the status, and ends the test when it is another.
func (r reply) is(t testing.TB, status int) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("%.300s: status %d, want %d: %.1500s", r.line, r.status, status, r.body)
	}
	return r
}

// bundle is what the tests read of a Bundle, or of an OperationOutcome.
type bundle struct {
	ResourceType string
	Type         string
	Total        *int
	Link         []struct{ Relation, URL string }
	Entry        []struct {
		FullURL  string
		Resource json.RawMessage
		Search   struct{ Mode string }
		Response struct {
			Status, Location, Etag, LastModified string
			Outcome                              json.RawMessage
		}
	}
	Issue []issue
}

type issue struct {
	Severity, Code, Diagnostics string
	Expression                  []string
}

func (r reply) bundle(t testing.TB) bundle {
	t.Helper()
	var b bundle
	if err := json.Unmarshal(r.body, &b); err != nil {
		t.Fatalf("%.300s: no JSON: %v: %.500s", r.line, err, r.body)
	}
	return b
}

// ids are the ids of a searchset's matches, in order.
func (b bundle) ids(t testing.TB) []string {
	t.Helper()
	var ids []string
	for _, e := range b.Entry {
		ids = append(ids, idOf(t, e.Resource))
	}
	return ids
}

func (b bundle) link(relation string) string {
	for _, l := range b.Link {
		if l.Relation == relation {
			return l.URL
		}
	}
	return ""
}

func idOf(t testing.TB, resource []byte) string {
	t.Helper()
	var r struct{ ID string }
	if err := json.Unmarshal(resource, &r); err != nil {
		t.Fatal(err)
	}
	return r.ID
}

// refused holds that a request was refused as the API promises: a 4xx, an
// OperationOutcome with a severity and a code, and nothing from inside.
func (r reply) refused(t testing.TB, statuses ...int) []issue {
	t.Helper()
	ok := len(statuses) == 0 && r.status >= 400 && r.status < 500
	for _, s := range statuses {
		ok = ok || r.status == s
	}
	if !ok {
		t.Errorf("%.300s: status %d, want %v: %.500s", r.line, r.status, statuses, r.body)
		return nil
	}
	b := r.bundle(t)
	if b.ResourceType != "OperationOutcome" || len(b.Issue) == 0 || b.Issue[0].Severity != "error" && b.Issue[0].Severity != "fatal" || b.Issue[0].Code == "" {
		t.Errorf("%.300s: no OperationOutcome that says why: %.500s", r.line, r.body)
	}
	if got := r.header.Get("Content-Type"); !strings.HasPrefix(got, fhirJSON) {
		t.Errorf("%.300s: the outcome comes as %q", r.line, got)
	}
	return b.Issue
}
