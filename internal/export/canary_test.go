package export_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/records"
	"tributary/internal/store/storetest"
)

// Through the whole way, from stored resources to downloaded files, nothing that
// is planted where people write leaves.
func TestCanariesStay(t *testing.T) {
	const canary = "Quincanary"
	x := newSite(t, storetest.SQLite(t, storetest.Options{}), nil)
	id := "0190a1b2-0000-7000-8000-00000000000c"
	x.people.set(id, all)
	div := `<div xmlns="http://www.w3.org/1999/xhtml">` + canary + `</div>`
	strange := fhirtest.With("extension", []any{map[string]any{"url": "http://example.org/unknown", "valueString": canary},
		map[string]any{"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": canary}})
	everywhere := []fhirtest.Option{strange, fhirtest.With("text", map[string]any{"status": "generated", "div": div}),
		fhirtest.Identifier("urn:oid:1.2.3", canary),
		fhirtest.With("contained", []any{map[string]any{"resourceType": "Patient", "id": "c", "name": []any{map[string]any{"family": canary}}}})}
	private := map[string]any{"coding": []any{map[string]any{"system": "http://hospital.example/" + canary, "code": canary, "display": canary},
		map[string]any{"system": "http://loinc.org", "code": "8480-6", "display": canary}}, "text": canary}
	with := func(o ...fhirtest.Option) []fhirtest.Option { return append(o, everywhere...) }
	about := fhirtest.Subject("Patient/" + id)

	x.put(records.Program, fhirtest.Patient(with(fhirtest.ID(id), fhirtest.With("name", []any{map[string]any{"family": canary}}),
		fhirtest.With("telecom", []any{map[string]any{"system": "phone", "value": canary}}),
		fhirtest.With("address", []any{map[string]any{"line": []any{canary}, "postalCode": canary}}),
		fhirtest.With("photo", []any{map[string]any{"title": canary}}))...))
	note := base64.StdEncoding.EncodeToString([]byte("Dear " + canary))
	x.put(records.FromEHR,
		fhirtest.Observation(with(fhirtest.ID("o-"+canary), about, fhirtest.With("code", private), fhirtest.With("note", []any{map[string]any{"text": canary}}))...),
		fhirtest.Observation(with(fhirtest.ID("s"), about, fhirtest.Without("valueQuantity"), fhirtest.With("valueString", canary))...),
		fhirtest.DocumentReference(with(fhirtest.ID("d"), about, fhirtest.With("description", canary),
			fhirtest.With("content", []any{map[string]any{"attachment": map[string]any{"contentType": "text/plain", "data": note, "title": canary}}}))...),
		fhirtest.Condition(with(fhirtest.ID("c"), about, fhirtest.With("recorder", map[string]any{"reference": "Practitioner/" + canary, "display": canary}))...),
		fhirtest.Resource("Medication", `{"code":{"text":"`+canary+`"},"batch":{"lotNumber":"`+canary+`"}}`, fhirtest.ID("m")),
		fhirtest.MedicationRequest(with(fhirtest.ID("r"), about, fhirtest.Without("medicationCodeableConcept"), fhirtest.With("medicationReference", map[string]any{"reference": "Medication/m", "display": canary}))...),
		fhirtest.Resource("Device", `{"patient":{"reference":"Patient/`+id+`"},"serialNumber":"`+canary+`","udiCarrier":[{"carrierHRF":"`+canary+`"}]}`, fhirtest.ID("v")))
	x.put(records.Survey, fhirtest.QuestionnaireResponse(fhirtest.ID("q"), about,
		fhirtest.With("item", []any{map[string]any{"linkId": "1", "text": canary, "answer": []any{map[string]any{"valueString": canary}}}})))

	got := x.run(warehouse)
	if c := counts(got); c != "map[Condition:1 Device:1 DocumentReference:1 Medication:1 MedicationRequest:1 Observation:2 Patient:1 QuestionnaireResponse:1]" {
		t.Errorf("%s", c)
	}
	for _, typ := range slices.Sorted(maps.Keys(got)) {
		for _, line := range got[typ] {
			if strings.Contains(line, canary) || strings.Contains(line, note) || strings.Contains(line, id) {
				t.Errorf("%s: %s", typ, line)
			}
		}
	}
}

// A demographic category that 20 people or fewer of a release have does not leave.
func TestRareCategoriesStay(t *testing.T) {
	x := newSite(t, storetest.SQLite(t, storetest.Options{}), nil)
	race := func(code string) fhirtest.Option {
		return fhirtest.With("extension", []any{map[string]any{"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race", "extension": []any{
			map[string]any{"url": "ombCategory", "valueCoding": map[string]any{"system": "urn:oid:2.16.840.1.113883.6.238", "code": code}},
			map[string]any{"url": "text", "valueString": "x"}}}})
	}
	put := func(n int, code string, now access.Permissions) {
		for i := range n {
			id := fmt.Sprintf("%s-%d-%v", code, i, now.Research)
			x.people.set(id, now)
			x.put(records.Program, fhirtest.Patient(fhirtest.ID(id), race(code)))
		}
	}
	put(21, "2106-3", noRecords)
	put(20, "2028-9", noRecords)
	put(5, "2028-9", access.Permissions{}) // who are not in the release do not count
	lines := strings.Join(x.run(warehouse)["Patient"], "\n")
	if n := strings.Count(lines, `"2106-3"`); n != 21 {
		t.Errorf("%d of the common category", n)
	}
	if strings.Contains(lines, "2028-9") {
		t.Error("the rare category left")
	}
}
