package synth

import (
	"encoding/json"
	"strconv"
	"time"
)

// The data types of FHIR R4, as far as the charts need them.

type coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

type concept struct {
	Coding []coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

type reference struct {
	Reference  string      `json:"reference,omitempty"`
	Identifier *identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

type identifier struct {
	Use    string   `json:"use,omitempty"`
	Type   *concept `json:"type,omitempty"`
	System string   `json:"system,omitempty"`
	Value  string   `json:"value,omitempty"`
}

type quantity struct {
	Value  json.Number `json:"value"`
	Unit   string      `json:"unit,omitempty"`
	System string      `json:"system,omitempty"`
	Code   string      `json:"code,omitempty"`
}

type money struct {
	Value    json.Number `json:"value"`
	Currency string      `json:"currency"`
}

type period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

type meta struct {
	Profile []string `json:"profile"`
}

type narrative struct {
	Status string `json:"status"`
	Div    string `json:"div"`
}

type humanName struct {
	Use    string   `json:"use,omitempty"`
	Family string   `json:"family"`
	Given  []string `json:"given"`
	Prefix []string `json:"prefix,omitempty"`
	Period *period  `json:"period,omitempty"`
}

type contactPoint struct {
	System string `json:"system"`
	Value  string `json:"value"`
	Use    string `json:"use,omitempty"`
}

type address struct {
	Use        string   `json:"use,omitempty"`
	Line       []string `json:"line,omitempty"`
	City       string   `json:"city"`
	State      string   `json:"state"`
	PostalCode string   `json:"postalCode,omitempty"`
	Country    string   `json:"country"`
	Period     *period  `json:"period,omitempty"`
}

type extension struct {
	URL          string      `json:"url"`
	Extension    []extension `json:"extension,omitempty"`
	ValueCoding  *coding     `json:"valueCoding,omitempty"`
	ValueString  string      `json:"valueString,omitempty"`
	ValueCode    string      `json:"valueCode,omitempty"`
	ValueAddress *address    `json:"valueAddress,omitempty"`
}

// header is what every resource begins with.
type header struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
	Meta         *meta  `json:"meta,omitempty"`
}

func (h header) head() header { return h }

// resource is any struct that embeds header.
type resource interface{ head() header }

// Code systems.
const (
	loincSystem  = "http://loinc.org"
	snomedSystem = "http://snomed.info/sct"
	rxnormSystem = "http://www.nlm.nih.gov/research/umls/rxnorm"
	cvxSystem    = "http://hl7.org/fhir/sid/cvx"
	icd10System  = "http://hl7.org/fhir/sid/icd-10-cm"
	ucumSystem   = "http://unitsofmeasure.org"
	nuccSystem   = "http://nucc.org/provider-taxonomy"
	terminology  = "http://terminology.hl7.org/CodeSystem/"
	usCore       = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
	usCoreSystem = "http://hl7.org/fhir/us/core/CodeSystem/"
)

func loinc(code, display string) coding  { return coding{loincSystem, code, display} }
func snomed(code, display string) coding { return coding{snomedSystem, code, display} }
func rxnorm(code, display string) coding { return coding{rxnormSystem, code, display} }
func cvx(code, display string) coding    { return coding{cvxSystem, code, display} }

// hl7 is a code of one of the small code systems at terminology.hl7.org.
func hl7(system, code, display string) coding {
	return coding{terminology + system, code, display}
}

// conceptOf is the concept whose first coding also serves as its text.
func conceptOf(codings ...coding) concept {
	return concept{Coding: codings, Text: codings[0].Display}
}

func conceptList(codings ...coding) []concept { return []concept{conceptOf(codings...)} }

// decimal keeps exactly the given number of decimals, as a device reports.
func decimal(value float64, decimals int) json.Number {
	return json.Number(strconv.FormatFloat(value, 'f', decimals, 64))
}

// unit is a unit of measure in print and in UCUM.
type unit struct{ print, ucum string }

// ucum is a unit whose printed form is its UCUM code.
func ucum(code string) unit { return unit{code, code} }

func (u unit) quantity(value json.Number) quantity {
	return quantity{Value: value, Unit: u.print, System: ucumSystem, Code: u.ucum}
}

func dollars(value float64) money { return money{decimal(value, 2), "USD"} }

func dateOf(t time.Time) string { return t.Format(time.DateOnly) }

// stampOf is a dateTime or instant with its zone.
func stampOf(t time.Time) string { return t.Format("2006-01-02T15:04:05-07:00") }
