package app

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// What one person's resources refer to of another's, and what of another's refers to
// theirs, does not come along: not by an include, not by GraphQL, and no chain tells
// of it. The lines: visible in admit, and d.Narrow in referring, include.go; narrow of
// a chain's query in find.go.
func TestAttackOverReferences(t *testing.T) {
	w := newLeakWorld(t)
	refers := func(id, patient, to, word string) {
		w.must(http.MethodPut, "/Observation/"+id, `{"resourceType":"Observation","id":"`+id+`","status":"final","code":{"coding":[{"system":"urn:x","code":"`+word+`"}],"text":"`+word+
			`"},"subject":{"reference":"Patient/`+patient+`"},"derivedFrom":[{"reference":"Observation/`+to+`"}]}`)
	}
	refers("qb-secret", "qb-patient", "qb-observation", "Zyxw")
	refers("out", "qa-patient", "qb-secret", "plain")
	refers("base", "qa-patient", "qa-observation", "plain")
	refers("qb-into", "qb-patient", "base", "Zyxw")
	for _, who := range []string{"participant", "delegate", "ehr"} {
		for query, want := range map[string][]string{
			"_id=out": {"out"}, "_id=base": {"base"},
			"_id=out&_include=Observation:derived-from": {"out"}, "_id=out&_include:iterate=Observation:derived-from": {"out"},
			"_id=base&_revinclude=Observation:derived-from": {"base"}, "_id=base&_revinclude:iterate=Observation:derived-from": {"base"},
			"_id=base&_include=Observation:derived-from":                 {"base", "qa-observation"},
			"_id=out&derived-from:Observation.code=urn:x|Zyxw":           nil,
			"_id=out&derived-from:Observation.subject:Patient.name=Zyxw": nil,
			"_id=base&_has:Observation:derived-from:code=urn:x|Zyxw":     nil,
			"_id=base&_has:Observation:derived-from:_id=qb-into":         nil,
			"_id=out&derived-from:Observation.code:not=urn:x|none":       nil,
			"_filter=derived-from.code eq \"urn:x|Zyxw\"":                nil,
		} {
			answer := w.send(who, ask{method: http.MethodGet, path: "/Observation?" + strings.NewReplacer(" ", "%20", `"`, "%22", "|", "%7C").Replace(query)})
			if answer.Code != http.StatusOK && want == nil {
				continue // refused for everybody
			}
			if got := entriesOf(t, answer.Body.Bytes()); answer.Code != http.StatusOK || !slices.Equal(got, want) {
				t.Errorf("%s: %s: %d %v, want %v", who, query, answer.Code, got, want)
			}
		}
		newest := w.send(who, ask{method: http.MethodGet, path: "/Observation/$lastn?patient=Patient/qb-patient&code=urn:x%7CZyxw"})
		if got := entriesOf(t, newest.Body.Bytes()); newest.Code != http.StatusOK || got != nil {
			t.Errorf("%s: the newest of another: %d %v", who, newest.Code, got)
		}
		for _, query := range []string{`{Observation(id:"out"){id,derivedFrom{resource(type:Observation){id,code{text}}}}}`, `{Observation(id:"base"){id,ObservationList(_reference:derived_from){id,code{text}}}}`} {
			answer := w.send(who, ask{method: http.MethodGet, path: "/$graphql?query=" + strings.NewReplacer("{", "%7B", "}", "%7D", `"`, "%22").Replace(query)})
			if text := answer.Body.String(); strings.Contains(text, "Zyxw") || strings.Contains(text, "qb-") {
				t.Errorf("%s: %s: %s", who, query, text)
			}
		}
	}
}

// entriesOf are the ids of a Bundle's resources.
func entriesOf(t *testing.T, body []byte) (ids []string) {
	t.Helper()
	var b struct {
		Entry []struct {
			Resource struct {
				ID string `json:"id"`
			} `json:"resource"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(body, &b); err != nil {
		t.Fatalf("%v: %.300s", err, body)
	}
	for _, e := range b.Entry {
		ids = append(ids, e.Resource.ID)
	}
	return ids
}
