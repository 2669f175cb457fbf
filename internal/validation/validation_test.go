package validation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const narrative = `"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}`

// profiled is a profile of a type: http://x.y/<name>.
func profiled(name, typ, elements string) string {
	return fmt.Sprintf(`{"resourceType":"StructureDefinition","id":%q,"url":"http://x.y/%s","version":"1","name":"N","status":"active","kind":"resource","abstract":false,
		"type":%q,"derivation":"constraint","baseDefinition":"http://hl7.org/fhir/StructureDefinition/%s","differential":{"element":[{"path":%q},%s]}}`, name, name, typ, typ, typ, elements)
}

func named(elements string) string { return profiled("named", "Patient", elements) }

const allOK = "information informational : All OK"

func TestValidate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.put("StructureDefinition", "named", named(`{"path":"Patient.name","min":1}`))
		for _, c := range []struct {
			line, body string
			want       []string
		}{
			{"POST /Patient/$validate", `{"resourceType":"Patient",` + narrative + `}`, []string{allOK}},
			{"POST /Patient/$validate", `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","birthDate":"1970-13","nonsense":1}}]}`, []string{
				"error value Patient.birthDate: expected date", "error structure Patient.nonsense: unknown element",
			}},
			{"POST /Observation/$validate", `{"resourceType":"Observation","code":{"text":"x"},"valueString":"x","dataAbsentReason":{"text":"y"}}`, []string{
				`error required Observation: missing required field "status"`, "error invariant Observation: dataAbsentReason SHALL only be present if Observation.value[x] is not present (obs-6)",
			}},
			{"POST /Patient/$validate", `{"resourceType":"Patient","meta":{"profile":["http://x.y/named|1"]}}`, []string{
				"error required Patient: name is missing: it is needed at least once [http://x.y/named|1]",
			}},
			{"POST /Patient/$validate?profile=http://x.y/named", `{"resourceType":"Patient","name":[{"family":"x"}],` + narrative + `}`, []string{allOK}},
			{"POST /Patient/$validate?profile=http://x.y/named%7C2", `{"resourceType":"Patient","name":[{"family":"x"}]}`, []string{
				"error not-found : the resource was not held against the profile http://x.y/named|2: it is not loaded",
			}},
			{"POST /Patient/$validate", `{"resourceType":"Patient","meta":{"profile":["http://x.y/other"]}}`, []string{
				"warning not-found Patient.meta.profile[0]: the resource was not held against the profile http://x.y/other, which it claims: it is not loaded",
			}},
			{"POST /Patient/$validate", `{"resourceType":"Observation","status":"final","code":{"text":"x"}}`, []string{"error structure Observation: the resource is of type Observation, the URL is for Patient"}},
			{"POST /Patient/$validate", `{"resourceType":"Pation"}`, []string{"fatal structure : R4 has no such resourceType"}},
			{"POST /Patient/$validate?mode=update", `{"resourceType":"Patient",` + narrative + `}`, []string{"error required Patient: an update names the resource by its id"}},
		} {
			s.ask("all", c.line, c.body, c.want...)
		}
	})
}

func TestValidateWhatIsHere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.put("StructureDefinition", "named", named(`{"path":"Patient.name","min":1}`))
		s.put("Patient", "mine", `{"resourceType":"Patient","id":"mine",`+narrative+`}`)
		s.put("Patient", "hers", `{"resourceType":"Patient","id":"hers",`+narrative+`}`)
		s.ask("all", "GET /Patient/mine/$validate", "", allOK)
		s.ask("all", "POST /Patient/mine/$validate?mode=profile&profile=http://x.y/named", "", "error required Patient: name is missing")
		s.ask("all", "POST /Patient/mine/$validate?mode=update", `{"resourceType":"Patient","id":"hers",`+narrative+`}`, "error value Patient.id: the id of an update must be the URL's")
		s.ask("all", "GET /Patient/mine/$validate?mode=delete", "", allOK)
		s.ask("app", "GET /Patient/mine/$validate?mode=delete", "", "error forbidden : delete of Patient is not allowed to this client")
		s.ask("app", "POST /Patient/$validate?mode=create", `{"resourceType":"Patient",`+narrative+`}`, "error forbidden : create of Patient is not allowed to this client")
		for _, c := range []struct {
			token, line, body string
			status            int
		}{
			{"app", "GET /Patient/hers/$validate", "", 404},
			{"all", "GET /Patient/none/$validate", "", 404},
			{"warehouse", "POST /Patient/$validate", `{"resourceType":"Patient"}`, 403},
			{"nobody", "POST /Patient/$validate", `{"resourceType":"Patient"}`, 401},
			{"all", "POST /Patient/$validate", `{`, 400},
			{"all", "POST /Patient/$validate", "", 400},
			{"all", "POST /Patient/$validate?mode=nonsense", `{"resourceType":"Patient"}`, 400},
			{"all", "POST /Patient/$validate?mode=delete", `{"resourceType":"Patient"}`, 400},
			{"all", "GET /Patient/mine/$validate?mode=profile", "", 400},
			{"all", "GET /Patient/mine/$validate?nonsense=1", "", 400},
			{"all", "POST /Patient/$validate", `{"resourceType":"Patient","id":"` + strings.Repeat("x", 1<<20) + `"}`, 413},
			{"all", "POST /Pation/$validate", `{"resourceType":"Patient"}`, 404},
		} {
			if status, issues := s.call(c.token, c.line, c.body); status != c.status {
				t.Errorf("%s %s %.60s: status %d, want %d: %q", c.token, c.line, c.body, status, c.status, issues)
			}
		}
	})
}

// A profile that is changed or deleted is believed for a second at most.
func TestProfilesAreFresh(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		ask := func(want ...string) {
			t.Helper()
			s.ask("all", "POST /Patient/$validate", `{"resourceType":"Patient","meta":{"profile":["http://x.y/named"]},`+narrative+`}`, want...)
		}
		ask("warning not-found")
		s.put("StructureDefinition", "named", named(`{"path":"Patient.name","min":1}`))
		ask("warning not-found") // still within the second
		s.now = s.now.Add(time.Second)
		ask("error required Patient: name")
		s.put("StructureDefinition", "named", named(`{"path":"Patient.gender","min":1}`))
		s.now = s.now.Add(time.Second)
		ask("error required Patient: gender")
		if status, _ := s.call("all", "DELETE /StructureDefinition/named", ""); status >= 300 {
			t.Fatal(status)
		}
		s.now = s.now.Add(time.Second)
		ask("warning not-found")
	})
}

// The CapabilityStatement lists the profiles that are there and can be held against.
func TestSupportedProfiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		if got := s.supported("Patient"); len(got) != 0 {
			t.Errorf("profiles of nobody: %q", got)
		}
		s.put("StructureDefinition", "named", named(`{"path":"Patient.name","min":1}`))
		s.put("StructureDefinition", "baseless", strings.NewReplacer("named", "baseless", "http://hl7.org/fhir/StructureDefinition/Patient", "http://x.y/none").Replace(named(`{"path":"Patient.name","min":1}`)))
		s.now = s.now.Add(time.Second)
		if got := s.supported("Patient"); !slices.Equal(got, []string{"http://x.y/named|1"}) {
			t.Errorf("%q", got)
		}
		if got := s.supported("Observation"); len(got) != 0 {
			t.Errorf("%q", got)
		}
	})
}

// What a reference names is read for the client: of what it does not reach, nothing
// can be learned.
func TestReferencesTellNothing(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.put("StructureDefinition", "named", named(`{"path":"Patient.name","min":1}`))
	s.put("StructureDefinition", "about", profiled("about", "Observation", `{"path":"Observation.subject","type":[{"code":"Reference","targetProfile":["http://x.y/named"]}]}`))
	for _, id := range []string{"mine", "hers"} {
		s.put("Patient", id, `{"resourceType":"Patient","id":"`+id+`"}`)
	}
	about := func(id string) string {
		return `{"resourceType":"Observation","status":"final","code":{"text":"x"},"meta":{"profile":["http://x.y/about"]},"subject":{"reference":"Patient/` + id + `"}}`
	}
	const unseen = "information not-found Observation.subject: what this refers to is not at hand"
	s.ask("app", "POST /Observation/$validate", about("mine"), "error structure Observation.subject: what this refers to does not conform to http://x.y/named")
	s.ask("app", "POST /Observation/$validate", about("hers"), unseen)
	s.ask("app", "POST /Observation/$validate", about("none"), unseen)
}

// Profiles that have each other for a base are refused, not followed.
func TestProfilesInACircle(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	on := func(base, definition string) string {
		return strings.Replace(definition, "http://hl7.org/fhir/StructureDefinition/Patient", base, 1)
	}
	s.put("StructureDefinition", "a", on("http://x.y/b", profiled("a", "Patient", `{"path":"Patient.name","min":1}`)))
	s.put("StructureDefinition", "b", on("http://x.y/a", profiled("b", "Patient", `{"path":"Patient.name","min":1}`)))
	s.ask("all", "POST /Patient/$validate?profile=http://x.y/a", `{"resourceType":"Patient"}`,
		"error not-found : the resource was not held against the profile http://x.y/a: the StructureDefinition has no snapshot, and of its base http://x.y/b: the StructureDefinition has no snapshot, "+
			"and of its base http://x.y/a: it is, by way of others, its own base")
}

// A client cannot make the database look for definitions without end.
func TestLookupsAreBounded(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	var claims []string
	for i := range 300 {
		claims = append(claims, fmt.Sprintf(`"http://x.y/%d"`, i))
	}
	status, issues := s.call("all", "POST /Patient/$validate", `{"resourceType":"Patient","meta":{"profile":[`+strings.Join(claims, ",")+`]}}`)
	if status != 200 || !strings.Contains(strings.Join(issues, "\n"), "more definitions than are looked for at once") && len(issues) < 200 {
		t.Errorf("status %d, %d issues, %q", status, len(issues), issues[len(issues)-1])
	}
}
