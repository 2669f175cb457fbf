package survey

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// extension is a FHIR extension: its URL and either a value or further ones.
type extension struct {
	URL       string
	Extension []extension
	members   map[string]json.RawMessage
}

// UnmarshalJSON keeps the members, of which one is the value.
func (e *extension) UnmarshalJSON(data []byte) error {
	type plain extension
	if err := json.Unmarshal(data, (*plain)(e)); err != nil {
		return err
	}
	return json.Unmarshal(data, &e.members)
}

// text is the value of a type whose JSON is a string, a number or a boolean.
func (e extension) text() string {
	for name, raw := range e.members {
		var s string
		if !strings.HasPrefix(name, "value") {
			continue
		}
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
		return string(raw)
	}
	return ""
}

func (e extension) number() (n int) {
	n, err := strconv.Atoi(e.text())
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// coding is a valueCoding, or the first of a valueCodeableConcept.
func (e extension) coding() (c Coding) {
	type coding struct {
		Coding
		More element `json:"_display"`
	}
	var one coding
	var concept struct{ Coding []coding }
	if json.Unmarshal(e.members["valueCodeableConcept"], &concept) == nil && len(concept.Coding) > 0 {
		one = concept.Coding[0]
	} else if json.Unmarshal(e.members["valueCoding"], &one) != nil {
		return c
	}
	c = one.Coding
	c.Label = one.More.text(c.Display)
	return c
}

// element is what a FHIR primitive carries beside its value.
type element struct{ Extension []extension }

const (
	english     = "en"
	core        = "http://hl7.org/fhir/StructureDefinition/"
	sdc         = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
	translation = core + "translation"
)

// text is the value, which is English, with its translations.
func (m element) text(value string) Text {
	t := Text{english: value}
	for _, e := range m.Extension {
		if e.URL != translation {
			continue
		}
		parts := map[string]string{}
		for _, part := range e.Extension {
			parts[part.URL] = part.text()
		}
		t[parts["lang"]] = parts["content"]
	}
	return t
}

// extensions are those of an item that this package does.
var extensions = map[string]func(p *parser, i *Item, e extension){
	core + "minValue":                        func(p *parser, i *Item, e extension) { i.Min = p.bound(i, e) },
	core + "maxValue":                        func(p *parser, i *Item, e extension) { i.Max = p.bound(i, e) },
	sdc + "minQuantity":                      func(p *parser, i *Item, e extension) { i.Min = p.bound(i, e) },
	sdc + "maxQuantity":                      func(p *parser, i *Item, e extension) { i.Max = p.bound(i, e) },
	core + "minLength":                       func(p *parser, i *Item, e extension) { i.MinLength = p.count(i, e) },
	core + "maxDecimalPlaces":                func(p *parser, i *Item, e extension) { i.Decimals = p.count(i, e) },
	core + "questionnaire-minOccurs":         func(p *parser, i *Item, e extension) { i.MinCount = p.count(i, e) },
	core + "questionnaire-maxOccurs":         func(p *parser, i *Item, e extension) { i.MaxCount = p.count(i, e) },
	core + "regex":                           (*parser).pattern,
	core + "entryFormat":                     (*parser).format,
	core + "maxSize":                         (*parser).size,
	core + "mimeType":                        func(_ *parser, i *Item, e extension) { i.Media = append(i.Media, e.text()) },
	core + "questionnaire-referenceResource": func(_ *parser, i *Item, e extension) { i.Targets = append(i.Targets, e.text()) },
	core + "questionnaire-unit":              func(_ *parser, i *Item, e extension) { i.Units = append(i.Units, e.coding()) },
	core + "questionnaire-unitOption":        func(_ *parser, i *Item, e extension) { i.Units = append(i.Units, e.coding()) },
	core + "questionnaire-hidden":            func(_ *parser, i *Item, e extension) { i.Hidden = e.text() == "true" },
	core + "questionnaire-itemControl":       (*parser).control,
	sdc + "calculatedExpression":             func(p *parser, i *Item, e extension) { i.Calculated = p.expression(i, e) },
	sdc + "initialExpression":                func(p *parser, i *Item, e extension) { i.Begins = p.expression(i, e) },
	sdc + "enableWhenExpression":             func(p *parser, i *Item, e extension) { i.EnableIf = p.expression(i, e) },
}

// passedOver are extensions of items and options that ask nothing of whoever shows
// them: hints of layout, and what is said to other readers.
var passedOver = map[string]bool{
	core + "questionnaire-choiceOrientation": true, core + "questionnaire-displayCategory": true, core + "questionnaire-sliderStepValue": true,
	core + "ordinalValue": true, core + "itemWeight": true, core + "designNote": true, core + "rendering-style": true, core + "rendering-markdown": true,
	core + "rendering-styleSensitive": true, core + "structuredefinition-standards-status": true, sdc + "shortText": true,
}

// extend applies an extension of an item, or refuses it by name.
func (p *parser) extend(i *Item, e extension) {
	switch apply := extensions[e.URL]; {
	case apply != nil:
		apply(p, i, e)
	case !passedOver[e.URL]:
		p.refuse(i, "the extension %s is not done here", e.URL)
	}
}

// extend applies the extensions of an option.
func (o *Option) extend(all []extension) error {
	for _, e := range all {
		switch {
		case e.URL == core+"questionnaire-optionExclusive":
			o.Exclusive = e.text() == "true"
		case !passedOver[e.URL]:
			return fmt.Errorf("the extension %s is not done here", e.URL)
		}
	}
	return nil
}

// demanding are extensions of the questionnaire itself without which it would be
// shown or checked in another way than its author meant.
var demanding = []string{core + "variable", sdc + "launchContext", core + "questionnaire-constraint", core + "questionnaire-signatureRequired",
	sdc + "itemPopulationContext", sdc + "preferredTerminologyServer", core + "questionnaire-unitValueSet"}

func (p *parser) root(all, modifiers []extension) {
	for _, e := range all {
		if slices.Contains(demanding, e.URL) {
			p.faults = append(p.faults, fmt.Errorf("survey %s: the extension %s is not done here", p.q.ID, e.URL))
		}
	}
	if len(modifiers) > 0 {
		p.faults = append(p.faults, fmt.Errorf("survey %s: modifierExtension is not done here", p.q.ID))
	}
}

func (p *parser) bound(i *Item, e extension) *Value {
	v := &Value{}
	err := v.from("value", e.members)
	of := valueTypes[i.Type]
	numeric := i.Type == "integer" || i.Type == "decimal"
	_, isNumber := v.number()
	if err != nil || !(numeric && isNumber) && (len(of) != 1 || of[0] != v.Type || !ordered[v.Type] || v.Type == "String") {
		p.refuse(i, "%s: a bound of the type %s does not fit", e.URL, v.Type)
		return nil
	}
	return v
}

func (p *parser) count(i *Item, e extension) int {
	n := e.number()
	if n < 0 {
		p.refuse(i, "%s: a number is needed", e.URL)
	}
	return n
}

func (p *parser) pattern(i *Item, e extension) {
	var err error
	if i.Pattern, err = regexp.Compile(`^(?:` + e.text() + `)$`); err != nil {
		p.refuse(i, "regex: %q is no expression that is done here (RE2)", e.text())
	}
}

// format reads entryFormat with its translations.
func (p *parser) format(i *Item, e extension) {
	var more element
	if raw := e.members["_valueString"]; raw != nil && json.Unmarshal(raw, &more) != nil {
		p.refuse(i, "entryFormat is not to be read")
	}
	i.Format = more.text(e.text())
}

func (p *parser) size(i *Item, e extension) {
	n, err := strconv.ParseFloat(e.text(), 64)
	if err != nil || n <= 0 {
		p.refuse(i, "maxSize: a number of bytes is needed")
	}
	i.MaxBytes = int64(n)
}

// controls are the hints how to show an item that are followed.
var controls = words("radio-button drop-down check-box autocomplete slider spinner text-box help inline list page header footer prompt")

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

func (p *parser) control(i *Item, e extension) {
	if i.Control = e.coding().Code; !controls[i.Control] {
		p.refuse(i, "itemControl: %q is not done here", i.Control)
	}
}
