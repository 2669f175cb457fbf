package match_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tributary/fhir/fhirtest"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/match"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

type bundle struct {
	Total int
	Entry []struct {
		FullURL  string
		Resource struct{ ID string }
		Search   struct {
			Mode      string
			Score     float64
			Extension []struct{ URL, ValueCode string }
		}
	}
}

// site is the operation over a store with a few people.
type site struct {
	handle func(http.ResponseWriter, *http.Request, access.Actor) error
	actor  access.Actor
}

func open(t *testing.T, db store.Store) *site {
	t.Helper()
	scopes, err := access.ParseScopes("system/*.cruds")
	if err != nil {
		t.Fatal(err)
	}
	ids := search.NewIDs(1, time.Now)
	events := audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
	t.Cleanup(func() { events.Close(t.Context()) }) //nolint:errcheck // the store's test ends
	service := records.New(records.Config{Store: db, Audit: events, IDs: ids, BaseURL: "http://x/fhir", Policy: &access.Policy{Registry: search.Base()}})
	s := &site{match.New(service, "http://x/fhir").Routes()[0].Handle, access.Actor{Role: access.Maintenance, ID: "m", Client: "m", Scopes: scopes}}
	for id, p := range map[string]string{
		"ann":   `{"resourceType":"Patient","id":"ann","identifier":[{"system":"urn:mrn","value":"7,8"}],"name":[{"family":"O'Neil","given":["Ann"]}],"birthDate":"1980-03-04","telecom":[{"system":"phone","value":"555-010-2233"}]}`,
		"anne":  `{"resourceType":"Patient","id":"anne","name":[{"family":"O'Neil","given":["Anne"]}],"birthDate":"1980-03-04"}`,
		"other": `{"resourceType":"Patient","id":"other","name":[{"family":"Zhu","given":["Li"]}],"birthDate":"1980-03-04"}`,
	} {
		if _, err := service.Update(t.Context(), s.actor, records.Op{Type: "Patient", ID: id, JSON: []byte(p)}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *site) ask(t *testing.T, body string) (bundle, error) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/Patient/$match", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/fhir+json")
	w := httptest.NewRecorder()
	err := s.handle(w, r, s.actor)
	var b bundle
	if err == nil {
		if err := json.Unmarshal(w.Body.Bytes(), &b); err != nil {
			t.Fatalf("%s: %v", w.Body, err)
		}
	}
	return b, err
}

func (b bundle) String() string {
	var list []string
	for _, e := range b.Entry {
		list = append(list, fmt.Sprint(e.Resource.ID, ":", e.Search.Extension[0].ValueCode))
	}
	return strings.Join(list, " ")
}

func TestMatch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := open(t, db)
		describe := func(patient, more string) string {
			return `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":` + patient + `}` + more + `]}`
		}
		ann := `{"resourceType":"Patient","name":[{"family":"O'NEIL","given":["Ann"]}],"birthDate":"1980-03-04","telecom":[{"system":"phone","value":"(555) 010-2233"}]}`
		for _, c := range []struct{ name, body, want string }{
			{"graded, the likeliest first", describe(ann, ""), "ann:certain anne:probable"},
			{"the bare resource", ann, "ann:certain anne:probable"},
			{"at most as many as asked", describe(ann, `,{"name":"count","valueInteger":1}`), "ann:certain"},
			{"no certain match while there is another probable one", describe(ann, `,{"name":"onlyCertainMatches","valueBoolean":true}`), ""},
			{"an identifier with a comma", `{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"7,8"}],"birthDate":"1980-03-04"}`, "ann:certain"},
			{"nobody", `{"resourceType":"Patient","name":[{"family":"Nobody","given":["At","All"]}]}`, ""},
		} {
			b, err := s.ask(t, c.body)
			if err != nil || b.String() != c.want || b.Total != len(b.Entry) {
				t.Errorf("%s: %s, %v; want %s", c.name, b, err, c.want)
			}
			for _, e := range b.Entry {
				if e.Search.Mode != "match" || e.Search.Score <= 0 || e.Search.Score > 1 || e.FullURL != "http://x/fhir/Patient/"+e.Resource.ID {
					t.Errorf("%s: %+v", c.name, e)
				}
			}
		}
	})
}

func TestWhatCannotBeMatchedIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := open(t, db)
		for body, kind := range map[string]errs.Kind{
			`{"resourceType":"Patient","gender":"male"}`:                                    errs.Unprocessable,
			string(fhirtest.Observation()):                                                  errs.Invalid,
			`{"resourceType":"Parameters","parameter":[{"name":"what","valueString":"x"}]}`: errs.Invalid,
			`{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient"}},{"name":"count","valueInteger":0}]}`: errs.Invalid,
		} {
			if _, err := s.ask(t, body); !errs.Is(err, kind) {
				t.Errorf("%s: %v", body, err)
			}
		}
		// somebody who may not search people finds nobody
		s.actor.Scopes = access.Scopes{}
		if _, err := s.ask(t, `{"resourceType":"Patient","identifier":[{"value":"7"}]}`); !errs.Is(err, errs.Forbidden) {
			t.Errorf("without a scope: %v", err)
		}
	})
}
