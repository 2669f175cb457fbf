package document_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/document"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const base = "http://x/fhir"

// site is the operation over a store with a visit's documents.
type site struct {
	t       *testing.T
	records *records.Service
	handle  func(http.ResponseWriter, *http.Request, access.Actor) error
	actor   access.Actor
}

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func open(t *testing.T, db store.Store) *site {
	t.Helper()
	s := &site{t: t, actor: access.Actor{Role: access.Maintenance, ID: "m", Client: "m", Scopes: scopes(t, "system/*.cruds")}}
	ids := search.NewIDs(1, time.Now)
	events := audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
	t.Cleanup(func() { events.Close(t.Context()) }) //nolint:errcheck // the store's test ends
	s.records = records.New(records.Config{Store: db, Audit: events, IDs: ids, BaseURL: base, Policy: &access.Policy{Registry: search.Base()}})
	s.handle = document.New(document.Config{Records: s.records, BaseURL: base, Now: func() time.Time { return now }, NewID: ids.New}).Routes()[0].Handle
	for _, r := range []string{
		`{"resourceType":"Patient","id":"ann","link":[{"type":"seealso","other":{"reference":"Patient/bob"}}],"managingOrganization":{"reference":"Organization/o"}}`,
		`{"resourceType":"Patient","id":"bob"}`,
		`{"resourceType":"Organization","id":"o","name":"Harbor <Health>"}`,
		`{"resourceType":"Practitioner","id":"dr"}`,
		`{"resourceType":"Medication","id":"m","code":{"text":"x"}}`,
		`{"resourceType":"MedicationStatement","id":"s","status":"active","subject":{"reference":"Patient/ann"},"medicationReference":{"reference":"Medication/m"},"informationSource":{"reference":"Patient/bob"}}`,
		`{"resourceType":"Observation","id":"unseen","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ann"}}`,
		composition("whole", `"section":[{"entry":[{"reference":"MedicationStatement/s"},{"reference":"https://other.example/fhir/Observation/1"}]}],
			"relatesTo":[{"code":"replaces","targetReference":{"reference":"Composition/before"}}]`),
		composition("before", `"section":[{"entry":[{"reference":"Observation/unseen"}]}]`),
		composition("torn", `"section":[{"entry":[{"reference":"MedicationStatement/s"},{"reference":"Observation/none"}]}]`),
	} {
		s.put(r)
	}
	return s
}

func composition(id, rest string) string {
	return `{"resourceType":"Composition","id":"` + id + `","status":"final","type":{"text":"x"},"title":"Summary","date":"2024-01-01",
		"subject":{"reference":"Patient/ann"},"author":[{"reference":"Practitioner/dr"}],` + rest + `}`
}

func scopes(t *testing.T, text string) access.Scopes {
	t.Helper()
	s, err := access.ParseScopes(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) put(resource string) {
	s.t.Helper()
	r, err := fhir.Parse([]byte(resource))
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.records.Update(s.t.Context(), s.actor, records.Op{Type: r.Type, ID: r.ID, Resource: r}); err != nil {
		s.t.Fatal(err)
	}
}

// ask sends "GET whole?persist=true": the method, the id of the path, the query.
func (s *site) ask(actor access.Actor, line string) (*httptest.ResponseRecorder, error) {
	s.t.Helper()
	method, rest, _ := strings.Cut(line, " ")
	id, query, _ := strings.Cut(rest, "?")
	r := httptest.NewRequestWithContext(s.t.Context(), method, "/?"+query, nil)
	w := httptest.NewRecorder()
	return w, s.handle(w, mux.SetURLVars(r, map[string]string{"id": id}), actor)
}

type bundle struct {
	ID, Type, Timestamp string
	Identifier          struct{ System, Value string }
	Entry               []struct {
		FullURL  string
		Resource struct{ ResourceType, ID string }
	}
}

func read(t *testing.T, w *httptest.ResponseRecorder) (b bundle, names []string) {
	t.Helper()
	if _, err := fhir.Parse(w.Body.Bytes()); err != nil { // R4's rules of documents, too
		t.Fatalf("%v: %s", err, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &b); err != nil {
		t.Fatal(err)
	}
	for _, e := range b.Entry {
		names = append(names, e.Resource.ResourceType+"/"+e.Resource.ID)
		if e.FullURL != base+"/"+names[len(names)-1] {
			t.Errorf("the fullUrl of %s is %s", names[len(names)-1], e.FullURL)
		}
	}
	return b, names
}

// The document has what the Composition refers to and what that needs, and nothing of
// others: not who the patient is linked to, not the document that was replaced.
func TestADocumentIsWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := open(t, db)
		want := []string{"Composition/whole", "Patient/ann", "Practitioner/dr", "MedicationStatement/s", "Organization/o", "Medication/m"}
		for _, line := range []string{"GET whole", "POST whole", "GET whole?id=Composition/whole", "GET ?id=whole", "POST ?id=" + base + "/Composition/whole", "GET whole?persist=false"} {
			w, err := s.ask(s.actor, line)
			if err != nil {
				t.Fatal(line, err)
			}
			b, names := read(t, w)
			if !slices.Equal(names, want) {
				t.Errorf("%s: %v, want %v", line, names, want)
			}
			if b.Type != "document" || b.Timestamp != "2026-03-04T05:06:07.000Z" || b.Identifier.System != "urn:ietf:rfc:3986" || !strings.HasPrefix(b.Identifier.Value, "urn:uuid:") {
				t.Errorf("%s: %+v", line, b)
			}
			if !strings.Contains(w.Body.String(), "Harbor <Health>") {
				t.Error("the resources are not as they are stored")
			}
		}
	})
}

func TestWhatIsNoDocument(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := open(t, db)
		narrow := s.actor
		narrow.Scopes = scopes(t, "system/Composition.rs system/Patient.rs system/Practitioner.rs system/Organization.rs")
		for line, c := range map[string]struct {
			actor access.Actor
			kind  errs.Kind
			place string // of what is missing
		}{
			"GET torn":                  {s.actor, errs.Unprocessable, "Composition.section[0].entry[1]"},
			"GET whole?":                {narrow, errs.Unprocessable, "Composition.section[0].entry[0]"},
			"GET none":                  {s.actor, errs.NotFound, ""},
			"GET ":                      {s.actor, errs.Invalid, ""},
			"GET whole?id=torn":         {s.actor, errs.Invalid, ""},
			"GET whole?graph=x":         {s.actor, errs.Invalid, ""},
			"GET whole?persist=true":    {s.actor, errs.Invalid, ""},
			"POST whole?persist=x":      {s.actor, errs.Invalid, ""},
			"GET ?id=http://y/fhir/C/1": {s.actor, errs.NotFound, ""},
		} {
			_, err := s.ask(c.actor, line)
			if !errs.Is(err, c.kind) {
				t.Errorf("%s: %v", line, err)
			}
			if c.place != "" && places(err) != c.place {
				t.Errorf("%s: what is missing is at %q, want %q", line, places(err), c.place)
			}
		}
	})
}

func places(err error) string {
	var all []string
	if faults, ok := errs.Of(err).Cause.(records.Faults); ok {
		for _, f := range faults {
			all = append(all, errs.Of(f).Expression)
		}
	}
	return strings.Join(all, " ")
}

// A document that is persisted is a Bundle like any other.
func TestADocumentIsPersisted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := open(t, db)
		w, err := s.ask(s.actor, "POST whole?persist=true")
		if err != nil {
			t.Fatal(err)
		}
		b, names := read(t, w)
		if len(names) != 6 || w.Header().Get("Location") != base+"/Bundle/"+b.ID+"/_history/1" {
			t.Errorf("%v at %q", names, w.Header().Get("Location"))
		}
		kept, err := s.records.Read(t.Context(), s.actor, "Bundle", b.ID)
		if err != nil || string(kept.Body) != w.Body.String() {
			t.Errorf("%v: %s", err, kept.Body)
		}
		reader := s.actor
		reader.Scopes = scopes(t, "system/*.rs")
		if _, err := s.ask(reader, "POST whole?persist=true"); !errs.Is(err, errs.Forbidden) {
			t.Errorf("who may not create Bundles: %v", err)
		}
	})
}
