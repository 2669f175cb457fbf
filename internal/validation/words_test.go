package validation_test

import (
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// Codes are held against their systems whatever they are bound to, units against their
// grammar; R4's own definition of a type can be asked for as a profile.
func TestCodesInTheirSystems(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.put("CodeSystem", "tea", `{"resourceType":"CodeSystem","id":"tea","url":"http://x.y/tea","version":"2","status":"active","content":"complete","concept":[{"code":"green","display":"Green tea"}]}`)
		s.put("CodeSystem", "part", `{"resourceType":"CodeSystem","id":"part","url":"http://x.y/part","status":"active","content":"fragment","concept":[{"code":"a"}]}`)
		patient := func(coding string) string {
			return `{"resourceType":"Patient",` + narrative + `,"maritalStatus":{"coding":[` + coding + `]}}`
		}
		weight := func(code string) string {
			return `{"resourceType":"Observation",` + narrative + `,"status":"final","code":{"text":"x"},"valueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"` + code + `"}}`
		}
		const base = "http://hl7.org/fhir/StructureDefinition/"
		for _, c := range []struct{ line, body, want string }{
			{"POST /Patient/$validate", patient(`{"system":"http://x.y/tea","code":"green","display":"green  TEA"}`), allOK},
			{"POST /Patient/$validate", patient(`{"system":"http://x.y/tea","version":"1","code":"red"}`), allOK}, // of which nothing is known here
			{"POST /Patient/$validate", patient(`{"system":"http://x.y/part","code":"b"}`), allOK},
			{"POST /Patient/$validate", patient(`{"system":"http://x.y/none","code":"b"}`), allOK},
			{"POST /Patient/$validate", patient(`{"system":"http://x.y/tea","version":"2","code":"red"}`), "warning code-invalid Patient.maritalStatus.coding[0].code: the code system http://x.y/tea, as it is known here, has no such code"},
			{"POST /Patient/$validate", patient(`{"system":"http://x.y/tea","code":"green","display":"Red"}`), "warning code-invalid Patient.maritalStatus.coding[0].code: the code system http://x.y/tea calls this code 'Green tea'"},
			{"POST /Patient/$validate", patient(`{"system":"tea","code":"green"}`), "error value Patient.maritalStatus.coding[0].system: a system is an absolute URI"},
			{"POST /Observation/$validate", weight("kg"), allOK},
			{"POST /Observation/$validate", weight("kgx"), "error code-invalid Observation.valueQuantity.code: this is no unit of UCUM"},
			{"POST /Patient/$validate?profile=" + base + "Patient", `{"resourceType":"Patient",` + narrative + `}`, allOK},
			{"POST /Patient/$validate?profile=" + base + "DomainResource%7C4.0.1", `{"resourceType":"Patient",` + narrative + `}`, allOK},
			{"POST /Patient/$validate?profile=" + base + "Observation", `{"resourceType":"Patient",` + narrative + `}`, "error structure Patient: the profile is R4's own of another type"},
			{"POST /Patient/$validate?profile=" + base + "vitalsigns", `{"resourceType":"Patient",` + narrative + `}`, "error not-found : the resource was not held against the profile " + base + "vitalsigns"},
		} {
			s.ask("all", c.line, c.body, c.want)
		}
	})
}

// What a value set draws on and is not here is named.
func TestMissingTerminologyIsNamed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.put("ValueSet", "outer", `{"resourceType":"ValueSet","id":"outer","url":"http://x.y/vs/outer","status":"active","compose":{"include":[{"valueSet":["http://x.y/vs/inner"]}]}}`)
		s.put("ValueSet", "system", `{"resourceType":"ValueSet","id":"system","url":"http://x.y/vs/system","status":"active","compose":{"include":[{"system":"http://x.y/absent"}]}}`)
		s.put("StructureDefinition", "named", named(`{"path":"Patient.maritalStatus","binding":{"strength":"required","valueSet":"http://x.y/vs/outer"}},
			{"path":"Patient.contact.gender","min":0},{"path":"Patient.communication.language","binding":{"strength":"extensible","valueSet":"http://x.y/vs/system"}},
			{"path":"Patient.contact.relationship","binding":{"strength":"required","valueSet":"http://x.y/vs/none"}}`))
		s.ask("all", "POST /Patient/$validate?profile=http://x.y/named", `{"resourceType":"Patient",`+narrative+`,"maritalStatus":{"coding":[{"system":"http://x.y/a","code":"secret"}]},
			"communication":[{"language":{"coding":[{"system":"http://x.y/absent","code":"secret"}]}}],"contact":[{"name":{"text":"x"},"relationship":[{"coding":[{"system":"http://x.y/a","code":"secret"}]}]}]}`,
			"warning not-found Patient.maritalStatus: the value set http://x.y/vs/outer draws on what is not loaded (the value set http://x.y/vs/inner is not known here)",
			"warning not-found Patient.contact[0].relationship[0]: the value set http://x.y/vs/none, or a code system that it needs, is not loaded, so that codes are not held against it",
			"warning not-found Patient.communication[0].language: the value set http://x.y/vs/system draws on what is not loaded (the code system http://x.y/absent is not known here)")
	})
}
