package app

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var queryOf = regexp.MustCompile(`"query":"([^"]*)"`)

// What others searched by may name further people: who reads of it learns only that
// there was a search, and what of their own it found.
func TestAuditEventsNameNobodyElse(t *testing.T) {
	w := newLeakWorld(t)
	w.must(http.MethodGet, "/Observation?patient="+reached+"patient,"+hidden+"patient", "")
	w.send("participant", ask{method: http.MethodGet, path: "/Observation?code=ofmine"})
	w.ok(w.audit.Flush(t.Context()))
	text := w.send("participant", ask{method: http.MethodGet, path: "/AuditEvent?_count=1000"}).Body.String()
	var queries string
	for _, q := range queryOf.FindAllStringSubmatch(text, -1) {
		decoded, err := base64.StdEncoding.DecodeString(q[1])
		w.ok(err)
		queries += string(decoded) + "\n"
	}
	if strings.Contains(text+queries, hidden+"patient") || strings.Contains(text+queries, hidden+"observation") || !strings.Contains(queries, "Observation?\n") {
		t.Errorf("the trail of one names another: %s\n%s", around(text, hidden+"patient"), queries)
	}
	whole := w.send("maintenance", ask{method: http.MethodGet, path: "/AuditEvent?patient=" + reached + "patient&_count=1000"}).Body.String()
	if !strings.Contains(whole, base64.StdEncoding.EncodeToString([]byte("Observation?patient="+reached+"patient%2C"+hidden+"patient"))) {
		t.Error("maintenance does not see what was searched by")
	}
}
