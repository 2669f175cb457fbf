package survey

import (
	"strings"
	"testing"

	"tributary/fhir/terminology"
)

// one is a questionnaire of the items, as JSON.
func one(items string) []byte {
	return []byte(`{"resourceType":"Questionnaire","id":"x","url":"https://example.org/x","title":"X","item":[` + items + `]}`)
}

const (
	hl7  = "http://hl7.org/fhir/StructureDefinition/"
	gold = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
)

func ext(url, value string) string { return `{"url":"` + url + `",` + value + `}` }

func fhirpath(expression string) string {
	return `"valueExpression":{"language":"text/fhirpath","expression":"` + expression + `"}`
}

func TestWhatIsNotDoneIsRefusedByName(t *testing.T) {
	for name, c := range map[string]struct{ items, want string }{
		"a type":              {`{"linkId":"a","text":"A","type":"question"}`, "item a: the type question"},
		"an extension":        {`{"linkId":"a","text":"A","type":"string","extension":[` + ext(gold+"itemMedia", `"valueUrl":"x"`) + `]}`, "item a: the extension " + gold + "itemMedia"},
		"a modifier":          {`{"linkId":"a","text":"A","type":"string","modifierExtension":[` + ext("https://x", `"valueCode":"x"`) + `]}`, "item a: modifierExtension"},
		"a control":           {`{"linkId":"a","text":"A","type":"group","extension":[` + ext(hl7+"questionnaire-itemControl", `"valueCodeableConcept":{"coding":[{"code":"gtable"}]}`) + `]}`, `item a: itemControl: "gtable"`},
		"a reference":         {`{"linkId":"a","text":"A","type":"reference","extension":[` + ext(hl7+"questionnaire-referenceResource", `"valueCode":"Condition"`) + `]}`, "item a: a reference may name"},
		"no options":          {`{"linkId":"a","text":"A","type":"choice"}`, "item a: a choice needs"},
		"an unknown question": {`{"linkId":"a","text":"A","type":"string","enableWhen":[{"question":"b","operator":"exists","answerBoolean":true}]}`, `item a: enableWhen: there is no question "b"`},
		"an operator":         {`{"linkId":"b","text":"B","type":"string"},{"linkId":"a","text":"A","type":"string","enableWhen":[{"question":"b","operator":"~","answerString":"x"}]}`, `item a: enableWhen: there is no operator`},
		"no order":            {`{"linkId":"b","text":"B","type":"boolean"},{"linkId":"a","text":"A","type":"string","enableWhen":[{"question":"b","operator":">","answerBoolean":true}]}`, "item a: enableWhen: answers of the type Boolean have no order"},
		"a wrong answer":      {`{"linkId":"b","text":"B","type":"integer"},{"linkId":"a","text":"A","type":"string","enableWhen":[{"question":"b","operator":"=","answerString":"1"}]}`, "item a: enableWhen: the question b has no answer of the type String"},
		"a circle": {`{"linkId":"a","text":"A","type":"boolean","enableWhen":[{"question":"b","operator":"=","answerBoolean":true}]},` +
			`{"linkId":"b","text":"B","type":"boolean","enableWhen":[{"question":"a","operator":"=","answerBoolean":true}]}`, "item a: enableWhen: whether it is asked depends on itself"},
		"an expression":     {`{"linkId":"a","text":"A","type":"integer","extension":[` + ext(gold+"calculatedExpression", fhirpath("1 +")) + `]}`, "item a: " + gold + "calculatedExpression"},
		"what is not there": {`{"linkId":"a","text":"A","type":"integer","extension":[` + ext(gold+"calculatedExpression", fhirpath("%patient.age")) + `]}`, "item a: the expression"},
		"another language":  {`{"linkId":"a","text":"A","type":"integer","extension":[` + ext(gold+"calculatedExpression", `"valueExpression":{"language":"text/cql","expression":"1"}`) + `]}`, "item a: " + gold + "calculatedExpression: an Expression in text/fhirpath"},
		"below repeats":     {`{"linkId":"a","text":"A","type":"string","repeats":true,"item":[{"linkId":"b","text":"B","type":"string"}]}`, "item a: items below a question that repeats"},
		"twice":             {`{"linkId":"a","text":"A","type":"string"},{"linkId":"a","text":"A","type":"string"}`, "item a: its linkId is there twice"},
		"unanswerable":      {`{"linkId":"a","text":"A","type":"string","required":true,"readOnly":true}`, "item a: it is required, and nobody can answer it"},
		"a reserved name":   {`{"linkId":"a.other","text":"A","type":"string"}`, "item a.other: a linkId"},
		"a regex":           {`{"linkId":"a","text":"A","type":"string","extension":[` + ext(hl7+"regex", `"valueString":"(?=a)"`) + `]}`, "item a: regex"},
		"a bound":           {`{"linkId":"a","text":"A","type":"date","extension":[` + ext(hl7+"minValue", `"valueInteger":1`) + `]}`, "item a: " + hl7 + "minValue: a bound of the type Integer"},
		"no value set":      {`{"linkId":"a","text":"A","type":"choice","answerValueSet":"#v"}`, "item a: answerValueSet #v is not contained"},
		"no text":           {`{"linkId":"a","type":"string"}`, "item a: there is no text"},
	} {
		if _, err := ParseQuestionnaire(one(c.items)); err == nil || !strings.Contains(err.Error(), "survey x: "+c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestAllThatIsNotDoneIsToldTogether(t *testing.T) {
	_, err := ParseQuestionnaire(one(`{"linkId":"a","text":"A","type":"choice"},{"linkId":"b","text":"B","type":"nothing"}`))
	if err == nil || !strings.Contains(err.Error(), "item a") || !strings.Contains(err.Error(), "item b") {
		t.Errorf("told: %v", err)
	}
}

func TestSectionsArePages(t *testing.T) {
	q := parse(t, one(`{"linkId":"a","text":"A","type":"string"},{"linkId":"b","text":"B","type":"string"},
		{"linkId":"g","text":"G","type":"group","item":[{"linkId":"c","text":"C","type":"string"}]},
		{"linkId":"h","text":"H","type":"string","extension":[`+ext(hl7+"questionnaire-hidden", `"valueBoolean":true`)+`]},
		{"linkId":"e","text":"E","type":"group"},{"linkId":"d","text":"D","type":"string"}`))
	sections := q.Sections()
	if len(sections) != 3 || len(sections[0].Items) != 2 || sections[1].Title["en"] != "G" || sections[2].Items[0].LinkID != "d" {
		t.Errorf("sections %+v", sections)
	}
}

func TestTextsAreInTheirLanguages(t *testing.T) {
	translated := func(text string) string {
		return `{"extension":[{"url":"` + hl7 + `translation","extension":[{"url":"lang","valueCode":"es"},{"url":"content","valueString":"` + text + `"}]}]}`
	}
	q := parse(t, one(`{"linkId":"a","text":"Colour","_text":`+translated("Color")+`,"type":"choice","answerOption":[
		{"valueCoding":{"system":"s","code":"r","display":"Red","_display":`+translated("Rojo")+`}},{"valueString":"Blue","_valueString":`+translated("Azul")+`}]}`))
	i := q.Item("a")
	if i.Text.In("es") != "Color" || i.Options[0].Label.In("es") != "Rojo" || i.Options[1].Label.In("es") != "Azul" || i.Options[0].Label.In("fr") != "Red" {
		t.Errorf("%+v", i)
	}
	if lacks := q.Untranslated("es"); strings.Join(lacks, " ") != "title" {
		t.Errorf("untranslated: %v; only the title is", lacks)
	}
	sheet := q.Work(Answers{values: map[string][]Value{"a": {i.Options[0].Value}}}, start)
	res := q.JSON(sheet, Response{Status: statusSent, Language: "es", Authored: start, Received: start}, "p")
	if text := mustJSON(t, res); !strings.Contains(text, `"text":"Color"`) || !strings.Contains(text, `"display":"Rojo"`) || !strings.Contains(text, `"language":"es"`) {
		t.Errorf("the response says %s", text)
	}
}

func TestOptionsComeFromValueSets(t *testing.T) {
	q := parse(t, []byte(`{"resourceType":"Questionnaire","id":"x","contained":[{"resourceType":"ValueSet","id":"v","status":"active","compose":{"include":[{"system":"https://example.org/s",
		"concept":[{"code":"a","display":"Apple","designation":[{"language":"es","value":"Manzana"}]},{"code":"b","display":"Bread"}]}]}}],
		"item":[{"linkId":"own","text":"Own","type":"choice","answerValueSet":"#v"},{"linkId":"sex","text":"Sex","type":"choice","answerValueSet":"http://hl7.org/fhir/ValueSet/administrative-gender"}]}`))
	from := &terminology.Service{From: terminology.Base}
	if err := q.expand(t.Context(), from, nil); err != nil {
		t.Fatal(err)
	}
	if own := q.Item("own").Options; len(own) != 2 || own[0].Key != "a" || own[0].Label.In("es") != "Manzana" {
		t.Errorf("of the contained one: %+v", own)
	}
	if sex := q.Item("sex").Options; len(sex) != 4 || sex[0].Value.Coding.System != "http://hl7.org/fhir/administrative-gender" {
		t.Errorf("of R4's: %+v", sex)
	}
	q = parse(t, one(`{"linkId":"a","text":"A","type":"choice","answerValueSet":"https://example.org/nothing"}`))
	if err := q.expand(t.Context(), from, nil); err == nil || !strings.Contains(err.Error(), "item a: answerValueSet https://example.org/nothing") {
		t.Errorf("a value set that is not there: %v", err)
	}
}
