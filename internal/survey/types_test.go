package survey

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
)

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

const colours = `"answerOption":[{"valueCoding":{"system":"https://s","code":"r","display":"Red"}},{"valueCoding":{"system":"https://s","code":"g","display":"Green"}},
	{"valueCoding":{"system":"https://s","code":"none","display":"None"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive","valueBoolean":true}]}]`

// lengths are centimetres and inches.
var lengths = ext(hl7+"questionnaire-unitOption", `"valueCoding":{"system":"http://unitsofmeasure.org","code":"cm","display":"cm"}`) + `,` +
	ext(hl7+"questionnaire-unitOption", `"valueCoding":{"system":"http://unitsofmeasure.org","code":"[in_i]","display":"inches"}`)

// zone is one in which summer time is kept.
func zone(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestEachTypeOfItem(t *testing.T) {
	for name, c := range map[string]struct {
		item   string // its JSON after the linkId
		fields url.Values
		want   string // in the response; or
		fault  string
	}{
		"boolean":              {`"type":"boolean"`, url.Values{"q.a": {"false"}}, `"valueBoolean":false`, ""},
		"neither yes nor no":   {`"type":"boolean"`, url.Values{"q.a": {"maybe"}}, "", "yes or no"},
		"integer":              {`"type":"integer"`, url.Values{"q.a": {"-7"}}, `"valueInteger":-7`, ""},
		"too large":            {`"type":"integer"`, url.Values{"q.a": {"99999999999"}}, "", "whole number"},
		"decimal":              {`"type":"decimal"`, url.Values{"q.a": {"6.50"}}, `"valueDecimal":6.50`, ""},
		"decimal with a comma": {`"type":"decimal"`, url.Values{"q.a": {"6,5"}}, `"valueDecimal":6.5`, ""},
		"not a decimal":        {`"type":"decimal"`, url.Values{"q.a": {"1e5"}}, "", "such as 6.5"},
		"thousands":            {`"type":"decimal"`, url.Values{"q.a": {"1,000"}}, "", "such as 6.5"},
		"places":               {`"type":"decimal","extension":[` + ext(hl7+"maxDecimalPlaces", `"valueInteger":1`) + `]`, url.Values{"q.a": {"6.55"}}, "", "at most 1 digits"},
		"maximum":              {`"type":"decimal","extension":[` + ext(hl7+"maxValue", `"valueDecimal":2.5`) + `]`, url.Values{"q.a": {"2.51"}}, "", "2.5 or less"},
		"minimum":              {`"type":"integer","extension":[` + ext(hl7+"minValue", `"valueInteger":2`) + `]`, url.Values{"q.a": {"1"}}, "", "2 or more"},
		"date":                 {`"type":"date"`, url.Values{"q.a": {"2024-02-29"}}, `"valueDate":"2024-02-29"`, ""},
		"a year":               {`"type":"date"`, url.Values{"q.a": {"2024"}}, `"valueDate":"2024"`, ""},
		"no such date":         {`"type":"date"`, url.Values{"q.a": {"2023-02-29"}}, "", "a date that there is"},
		"too early":            {`"type":"date","extension":[` + ext(hl7+"minValue", `"valueDate":"2020-01-01"`) + `]`, url.Values{"q.a": {"2019-12-31"}}, "", "1 January 2020 or more"},
		"dateTime":             {`"type":"dateTime"`, url.Values{"q.a": {"2024-07-01"}, "q.a.time": {"14:30"}}, `"valueDateTime":"2024-07-01T14:30:00-04:00"`, ""},
		"dateTime, day alone":  {`"type":"dateTime"`, url.Values{"q.a": {"2024-07-01"}, "q.a.time": {""}}, `"valueDateTime":"2024-07-01"`, ""},
		"no such time":         {`"type":"dateTime"`, url.Values{"q.a": {"2024-07-01"}, "q.a.time": {"25:00"}}, "", "time of day"},
		"a time without a day": {`"type":"dateTime"`, url.Values{"q.a": {""}, "q.a.time": {"12:00"}}, "", "a date that there is"},
		"time":                 {`"type":"time"`, url.Values{"q.a": {"07:05"}}, `"valueTime":"07:05:00"`, ""},
		"not a time":           {`"type":"time"`, url.Values{"q.a": {"noon"}}, "", "time of day"},
		"string":               {`"type":"string"`, url.Values{"q.a": {"  a b "}}, `"valueString":"a b"`, ""},
		"regex":                {`"type":"string","extension":[` + ext(hl7+"regex", `"valueString":"[0-9]{5}"`) + `]`, url.Values{"q.a": {"1234"}}, "", "not in the form"},
		"regex with a format": {`"type":"string","extension":[` + ext(hl7+"regex", `"valueString":"[0-9]{5}"`) + `,` + ext(hl7+"entryFormat", `"valueString":"five digits"`) + `]`,
			url.Values{"q.a": {"1234"}}, "", "in this form: five digits"},
		"minLength":           {`"type":"string","extension":[` + ext(hl7+"minLength", `"valueInteger":3`) + `]`, url.Values{"q.a": {"ab"}}, "", "at least 3"},
		"text":                {`"type":"text"`, url.Values{"q.a": {"one\r\ntwo"}}, `"valueString":"one\ntwo"`, ""},
		"url":                 {`"type":"url"`, url.Values{"q.a": {"https://example.org/a?b=c"}}, `"valueUri":"https://example.org/a?b=c"`, ""},
		"not an address":      {`"type":"url"`, url.Values{"q.a": {"javascript:alert(1)"}}, "", "web address"},
		"choice":              {`"type":"choice",` + colours, url.Values{"q.a": {"g"}}, `{"system":"https://s","code":"g","display":"Green"}`, ""},
		"choices":             {`"type":"choice","repeats":true,` + colours, url.Values{"q.a": {"g", "r"}}, `"code":"r"`, ""},
		"one alone":           {`"type":"choice","repeats":true,` + colours, url.Values{"q.a": {"g", "none"}}, "", "“None” cannot be chosen"},
		"open-choice":         {`"type":"open-choice",` + colours, url.Values{"q.a": {Other}, "q.a.other": {"Teal"}}, `"valueString":"Teal"`, ""},
		"quantity":            {`"type":"quantity","extension":[` + lengths + `]`, url.Values{"q.a": {"70.5"}, "q.a.unit": {"[in_i]"}}, `{"value":70.5,"unit":"inches","system":"http://unitsofmeasure.org","code":"[in_i]"}`, ""},
		"a unit of no option": {`"type":"quantity","extension":[` + lengths + `]`, url.Values{"q.a": {"70.5"}, "q.a.unit": {"m"}}, "", "choose a unit"},
		"quantity, too much": {`"type":"quantity","extension":[` + lengths + `,` + ext(gold+"maxQuantity", `"valueQuantity":{"value":250,"unit":"cm","system":"http://unitsofmeasure.org","code":"cm"}`) + `]`,
			url.Values{"q.a": {"99"}, "q.a.unit": {"[in_i]"}}, "", "250 cm or less"},
		"strings":      {`"type":"string","repeats":true`, url.Values{"q.a": {"one", "", "two", "one"}}, `[{"valueString":"one"},{"valueString":"two"},{"valueString":"one"}]`, ""},
		"too many":     {`"type":"string","repeats":true,"extension":[` + ext(hl7+"questionnaire-maxOccurs", `"valueInteger":2`) + `]`, url.Values{"q.a": {"1", "2", "3"}}, "", "at most 2 answers"},
		"too few":      {`"type":"string","repeats":true,"extension":[` + ext(hl7+"questionnaire-minOccurs", `"valueInteger":2`) + `]`, url.Values{"q.a": {"1"}}, "", "at least 2 answers"},
		"two of one":   {`"type":"string"`, url.Values{"q.a": {"1", "2"}}, "", "one answer only"},
		"required":     {`"type":"string","required":true`, url.Values{"q.a": {" "}}, "", "Please answer: A"},
		"readOnly":     {`"type":"string","readOnly":true,"initial":[{"valueString":"fixed"}]`, url.Values{"q.a": {"forged"}}, `"valueString":"fixed"`, ""},
		"hidden":       {`"type":"string","initial":[{"valueString":"form A"}],"extension":[` + ext(hl7+"questionnaire-hidden", `"valueBoolean":true`) + `]`, url.Values{"q.a": {"forged"}}, `"valueString":"form A"`, ""},
		"calculated":   {`"type":"integer","extension":[` + ext(gold+"calculatedExpression", fhirpath("6 * 7")) + `]`, url.Values{"q.a": {"1"}}, `"valueInteger":42`, ""},
		"today":        {`"type":"date","readOnly":true,"extension":[` + ext(gold+"initialExpression", fhirpath("today()")) + `]`, nil, `"valueDate":"2026-01-01"`, ""},
		"chosen first": {`"type":"choice","readOnly":true,"answerOption":[{"valueString":"x"},{"valueString":"y","initialSelected":true}]`, nil, `"valueString":"y"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			q := parse(t, one(`{"linkId":"a","text":"A",`+c.item+`}`))
			sheet, faults := checkIn(q, Locale{Lang: english, Zone: zone(t)}, Form{Values: c.fields}, q.initial(start))
			if c.fault != "" {
				if len(faults) != 1 || !strings.Contains(faults.At("q.a"), c.fault) {
					t.Fatalf("faults %v, want %q", faults, c.fault)
				}
				return
			}
			if faults != nil {
				t.Fatalf("faults %v", faults)
			}
			if text := sent(t, q, sheet); !strings.Contains(text, c.want) {
				t.Errorf("the response %s lacks %s", text, c.want)
			}
		})
	}
}

func TestWhatIsSaidIsInSpanish(t *testing.T) {
	q := parse(t, one(`{"linkId":"a","text":"A","_text":{"extension":[{"url":"`+hl7+`translation","extension":[{"url":"lang","valueCode":"es"},{"url":"content","valueString":"La A"}]}]},"type":"string","required":true}`))
	_, faults := checkIn(q, Locale{Lang: spanish}, Form{}, Answers{})
	if faults.At("q.a") != "Por favor responda: La A" {
		t.Errorf("faults %v", faults)
	}
	for english, there := range inSpanish {
		if there == "" || strings.Count(english, "%") != strings.Count(there, "%") {
			t.Errorf("%q is %q in Spanish", english, there)
		}
	}
}

// picture is the beginning of a PNG.
var picture = []byte("\x89PNG\r\n\x1a\n and so on")

func TestFilesAreWhatTheyAre(t *testing.T) {
	q := parse(t, one(`{"linkId":"a","text":"A","type":"attachment","repeats":true,"extension":[`+ext(hl7+"maxSize", `"valueDecimal":100`)+`]}`))
	for name, c := range map[string]struct {
		data  []byte
		fault string
	}{
		"a picture": {picture, ""}, "a PDF": {[]byte("%PDF-1.7 …"), ""}, "empty": {nil, "empty"},
		"too large": {append(picture, make([]byte, 100)...), "at most 100 B"}, "a page": {[]byte("<html><script>"), "a picture"},
	} {
		sheet, faults := checkIn(q, Locale{Lang: english}, Form{Files: map[string][]Upload{"q.a": {{c.data}}}}, Answers{})
		if c.fault == "" && (faults != nil || len(sheet.Of(q.Item("a"), nil)) != 1) || c.fault != "" && !strings.Contains(faults.At("q.a"), c.fault) {
			t.Errorf("%s: %v", name, faults)
		}
	}
}
