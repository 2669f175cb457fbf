package program

// translated is what a FHIR primitive carries beside its value: among it the
// translations of the standard extension.
type translated struct {
	Extension []extension
}

type extension struct {
	URL         string
	Extension   []extension
	ValueCode   string
	ValueString string
}

const translation = "http://hl7.org/fhir/StructureDefinition/translation"

// text is the value, which is English, with its translations.
func (t translated) text(value string) Text {
	out := English(value)
	for _, e := range t.Extension {
		if e.URL != translation {
			continue
		}
		var lang, content string
		for _, part := range e.Extension {
			lang, content = lang+part.ValueCode, content+part.ValueString
		}
		out[lang] = content
	}
	return out
}
