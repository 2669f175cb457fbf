package apps

import (
	"slices"
	"strings"

	"tributary/fhir/model"
	"tributary/internal/access"
)

// Category is a kind of data as people know it.
type Category struct {
	Key   string
	Title string
	kinds []kind
}

// kind is a piece of a category: a type, or the part of it with a code of category.
type kind struct{ typ, code, label string }

// Categories are all there are, in the order in which they are shown. What no
// category names is in the last one.
var Categories = []Category{
	{"who", "Who you are", []kind{
		{"Patient", "", "Your name, birth date, sex and address"}, {"RelatedPerson", "", "People who are close to you"}}},
	{"conditions", "Health conditions", []kind{
		{"Condition", "problem-list-item", "Conditions that your care team keeps an eye on"},
		{"Condition", "health-concern", "Worries about your health"},
		{"Condition", "encounter-diagnosis", "What was found at a visit"}}},
	{"allergies", "Allergies", []kind{{"AllergyIntolerance", "", "Allergies and what you do not tolerate"}}},
	{"medicines", "Medicines", []kind{
		{"MedicationRequest", "", "Prescriptions"}, {"MedicationStatement", "", "Medicines that you take"},
		{"MedicationDispense", "", "Medicines that you were handed"}, {"MedicationAdministration", "", "Medicines that you were given"},
		{"Medication", "", "What the medicines are"}}},
	{"vaccines", "Vaccines", []kind{
		{"Immunization", "", "Vaccines that you had"}, {"ImmunizationRecommendation", "", "Vaccines that you should have"}}},
	{"labs", "Lab results", []kind{
		{"Observation", "laboratory", "Results from a lab"}, {"DiagnosticReport", "", "Reports of tests"}, {"Specimen", "", "Samples, such as blood"}}},
	{"vitals", "Vital signs", []kind{{"Observation", "vital-signs", "Blood pressure, pulse, height, weight and the like"}}},
	{"surveys", "Surveys", []kind{
		{"Observation", "survey", "Results of surveys"}, {"QuestionnaireResponse", "", "Your answers"}, {"Questionnaire", "", "The questions"}}},
	{"life", "How you live", []kind{
		{"Observation", "social-history", "Smoking, work, home and the like"}, {"Observation", "sdoh", "What you need in daily life"}}},
	{"exams", "Other tests", []kind{
		{"Observation", "exam", "What a doctor saw or felt"}, {"Observation", "imaging", "What pictures showed"},
		{"Observation", "procedure", "Measured during a treatment"}, {"Observation", "therapy", "Measured in a therapy"},
		{"Observation", "activity", "Sport and moving"}, {"ImagingStudy", "", "X-rays and other pictures"}}},
	{"treatments", "Treatments", []kind{
		{"Procedure", "", "Operations and other treatments"}, {"Device", "", "Devices, such as a pacemaker"}}},
	{"visits", "Visits", []kind{
		{"Encounter", "", "Visits that you made"}, {"Appointment", "", "Appointments"}}},
	{"plans", "Care plans", []kind{
		{"CarePlan", "", "Plans for your care"}, {"CareTeam", "", "Who cares for you"}, {"Goal", "", "Goals"}, {"ServiceRequest", "", "What was ordered for you"}}},
	{"documents", "Documents", []kind{{"DocumentReference", "", "Letters and other documents"}, {"Composition", "", "Documents in parts"}}},
	{"study", "Your part in the study", []kind{
		{"Consent", "", "What you agreed to"}, {"ResearchSubject", "", "Since when you take part"}, {"ResearchStudy", "", "What the study is"},
		{"AuditEvent", "", "Who has seen your data"}}},
	{"places", "Doctors and places", []kind{
		{"Practitioner", "", "Doctors, nurses and other staff"}, {"PractitionerRole", "", "What they do"},
		{"Organization", "", "Hospitals and other organizations"}, {"Location", "", "Places"}}},
	{"money", "Costs and insurance", []kind{
		{"Coverage", "", "Your insurance"}, {"Claim", "", "Bills"}, {"ExplanationOfBenefit", "", "What your insurance paid"}}},
	{"other", "Everything else", []kind{{"Provenance", "", "Where data comes from"}}},
}

// Labels of pieces that no category has by name.
const (
	labelRest   = "All other data that is kept about you"
	labelSome   = "A part of it that the app names"
	restOfTypes = "*rest"

	titleObservation = "Tests and measurements"
)

// place is where a piece is shown.
type place struct{ category, label string }

var (
	places  = map[[2]string]place{} // by type and code
	codes   = map[string][]string{} // of category, of the types that can be given in parts
	systems = map[string]string{    // of codes
		"problem-list-item": "http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis": "http://terminology.hl7.org/CodeSystem/condition-category",
		"health-concern": "http://hl7.org/fhir/us/core/CodeSystem/condition-category", "sdoh": "http://hl7.org/fhir/us/core/CodeSystem/us-core-category",
	}
)

const observationCategory = "http://terminology.hl7.org/CodeSystem/observation-category"

func init() {
	for _, c := range Categories {
		for _, k := range c.kinds {
			places[[2]string{k.typ, k.code}] = place{c.Key, k.label}
			if k.code != "" {
				codes[k.typ] = append(codes[k.typ], k.code)
			}
		}
	}
}

func systemOf(code string) string {
	if s, ok := systems[code]; ok {
		return s
	}
	return observationCategory
}

// placed is where a type, or a part of it, is shown.
func placed(typ, code string) place {
	if p, ok := places[[2]string{typ, code}]; ok {
		return p
	}
	if all := codes[typ]; len(all) > 0 { // another part of a type that has parts
		return place{places[[2]string{typ, all[0]}].category, labelSome}
	}
	return place{"other", labelRest}
}

// named and rest are the types that a wildcard is made of: those that categories
// name, and all others that anybody is given.
func named() (types []string) {
	for _, c := range Categories {
		for _, k := range c.kinds {
			if !slices.Contains(types, k.typ) {
				types = append(types, k.typ)
			}
		}
	}
	return types
}

func rest() (types []string) {
	known := named()
	for _, typ := range model.Resources() {
		if access.ClassOf(typ) != access.Closed && !slices.Contains(known, typ) {
			types = append(types, typ)
		}
	}
	slices.Sort(types)
	return types
}

// TitleOf is the category in which a type, or most of it, is shown.
func TitleOf(typ string) string {
	if typ == "Observation" { // its parts are in many categories
		return titleObservation
	}
	key := placed(typ, "").category
	for _, c := range Categories {
		if c.Key == key {
			return c.Title
		}
	}
	return typ
}

// Types are the resource types of a category, each with the codes of category that it
// is narrowed to there, as system|code; without any, all of the type belongs to it.
func (c Category) Types() map[string][]string {
	types := map[string][]string{}
	for _, k := range c.kinds {
		if k.code == "" {
			types[k.typ] = nil
			continue
		}
		types[k.typ] = append(types[k.typ], systemOf(k.code)+"|"+k.code)
	}
	return types
}

// Words are all that people read of categories and pieces, for translation.
func Words() (all []string) {
	for _, c := range Categories {
		all = append(all, c.Title)
		for _, k := range c.kinds {
			all = append(all, k.label)
		}
	}
	return append(all, labelRest, labelSome, titleObservation)
}

// codeOf is the code of category in a scope's query; "" when that is not all the
// query asks, or names a code that is not known.
func codeOf(typ, query string) string {
	value, found := strings.CutPrefix(query, "category=")
	if !found || strings.ContainsAny(value, "&,") {
		return ""
	}
	system, code, qualified := strings.Cut(strings.ReplaceAll(value, "%7C", "|"), "|")
	if !qualified {
		code = system
	}
	if !slices.Contains(codes[typ], code) || qualified && system != systemOf(code) {
		return ""
	}
	return code
}
