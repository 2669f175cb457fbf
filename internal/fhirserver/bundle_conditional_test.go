package fhirserver

import (
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func identified(id, value string) []byte {
	return []byte(`{"resourceType":"Practitioner",` + id + `"identifier":[{"system":"urn:npi","value":"` + value + `"}]}`)
}

// A conditional reference is resolved after everything else (R4, section 3.1.0.11.2):
// it finds what the transaction makes, as it leaves it, and not what was before.
func TestConditionalReferencesToWhatTheTransactionWrites(t *testing.T) {
	reference := func(query string) fhirtest.Entry {
		return fhirtest.Post("", fhirtest.Observation(fhirtest.With("performer", []any{map[string]any{"reference": query}})))
	}
	renumber := fhirtest.Entry{
		Resource: []byte(`{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},
			{"name":"path","valueString":"Practitioner.identifier[0].value"},{"name":"value","valueString":"9"}]}]}`),
		Request: &fhirtest.Request{Method: "PATCH", URL: "Practitioner/d1"},
	}
	named := fhirtest.Put("Practitioner/n", identified(`"id":"n",`, "8"))
	named.FullURL = fhirtest.UUID(4)
	created, updated := fhirtest.Post("", identified("", "7")), fhirtest.Put("Practitioner/d1", identified(`"id":"d1",`, "7"))
	for name, c := range map[string]struct {
		entries []fhirtest.Entry
		query   string
		status  int
		want    string // what the reference becomes; "new" is the resource of the first entry
	}{
		"of a create":                {[]fhirtest.Entry{created}, "Practitioner?identifier=urn:npi|7", 200, "new"},
		"of an update":               {[]fhirtest.Entry{updated}, "Practitioner?identifier=urn:npi|7", 200, "Practitioner/d1"},
		"of an update by its id":     {[]fhirtest.Entry{fhirtest.Put("Practitioner/n", identified(`"id":"n",`, "8"))}, "Practitioner?_id=n", 200, "Practitioner/n"},
		"of a conditional create":    {[]fhirtest.Entry{fhirtest.PostIfNone("", identified("", "8"), "identifier=urn:npi|8")}, "Practitioner?identifier=urn:npi|8", 200, "new"},
		"of one that is there":       {[]fhirtest.Entry{fhirtest.PostIfNone("", identified("", "5"), "identifier=urn:npi|5")}, "Practitioner?identifier=urn:npi|5", 200, "Practitioner/d1"},
		"beside one that is created": {[]fhirtest.Entry{created}, "Practitioner?identifier=urn:npi|5", 200, "Practitioner/d1"},
		"of what an update takes":    {[]fhirtest.Entry{updated}, "Practitioner?identifier=urn:npi|5", 412, ""},
		"of a patch":                 {[]fhirtest.Entry{renumber}, "Practitioner?identifier=urn:npi|9", 200, "Practitioner/d1"},
		"of what a patch takes":      {[]fhirtest.Entry{renumber}, "Practitioner?identifier=urn:npi|5", 412, ""},
		"of what is deleted":         {[]fhirtest.Entry{fhirtest.Delete("Practitioner/d1")}, "Practitioner?identifier=urn:npi|5", 412, ""},
		"of two that are made":       {[]fhirtest.Entry{created, created}, "Practitioner?identifier=urn:npi|7", 412, ""},
		"of one stored and one made": {[]fhirtest.Entry{fhirtest.Post("", identified("", "5"))}, "Practitioner?identifier=urn:npi|5", 412, ""},
		"of none":                    {[]fhirtest.Entry{created}, "Practitioner?identifier=urn:npi|6", 412, ""},
		"by a reference within": {[]fhirtest.Entry{
			fhirtest.Post("", []byte(`{"resourceType":"PractitionerRole","code":[{"text":"x"}],"practitioner":{"reference":"`+fhirtest.UUID(4)+`"}}`)),
			named,
		}, "PractitionerRole?practitioner=Practitioner/n", 200, "new"},
		"by a chain": {[]fhirtest.Entry{
			fhirtest.Post("", []byte(`{"resourceType":"PractitionerRole","practitioner":{"reference":"Practitioner/d1"}}`)),
		}, "PractitionerRole?practitioner.identifier=urn:npi|5", 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db store.Store) {
				s := start(t, db)
				s.call("all", "PUT /Practitioner/d1", string(identified(`"id":"d1",`, "5"))).is(201)
				r := s.call("all", "POST /", string(fhirtest.Transaction(append(c.entries, reference(c.query))...)), "Prefer", "return=representation").is(c.status)
				n := len(c.entries)
				switch want := c.want; {
				case c.status != 200:
					if where := r.text("issue", 0, "expression", 0); !strings.HasPrefix(where, "Bundle.entry["+string(rune('0'+n))+"].resource.performer[0].reference") {
						t.Errorf("the place is %q: %s", where, r.body)
					}
				default:
					if want == "new" {
						want, _, _ = strings.Cut(r.text("entry", 0, "response", "location"), "/_history")
					}
					if got := r.text("entry", n, "resource", "performer", 0, "reference"); got != want {
						t.Errorf("%s, want %s", got, want)
					}
				}
			})
		})
	}
}

// Only what one may find by a search is referred to by a condition.
func TestConditionalReferencesAndWhatIsSeen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.tokens["p1"] = access.Actor{Role: access.Participant, ID: "account", Client: "app", Patient: "p1", Scopes: scopes(t, "patient/*.cruds")}
		s.call("all", "PUT /Patient/p1", `{"resourceType":"Patient","id":"p1"}`).is(201)
		s.call("all", "PUT /Patient/p2", `{"resourceType":"Patient","id":"p2","identifier":[{"system":"urn:mrn","value":"2"}]}`).is(201)
		observation := fhirtest.Post("", fhirtest.Observation(fhirtest.Subject("Patient/p1"), fhirtest.With("focus", []any{map[string]any{"reference": "Patient?identifier=urn:mrn|2"}})))
		s.call("p1", "POST /", string(fhirtest.Transaction(observation))).is(412)
		s.call("all", "POST /", string(fhirtest.Transaction(observation))).is(200)
	})
}
