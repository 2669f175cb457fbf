package mydata

import (
	"fmt"
	"html/template"
	"maps"
	"strconv"

	"tributary/config/program"
	"tributary/internal/mydata"
	"tributary/internal/portal/web"
)

// voice says what package mydata has to say as the page does.
type voice struct{ web.View }

var _ mydata.Voice = voice{}

// In implements mydata.Voice.
func (v voice) In(t program.Text) string { return t.In(v.Lang) }

// reader is a voice without a page: of a file.
type reader struct {
	voice
	spanish map[string]string
}

// T implements mydata.Voice.
func (r reader) T(text string, args ...any) string {
	if there, ok := r.spanish[text]; ok && r.Lang == web.Spanish {
		text = there
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

func newReader(lang string) reader { return reader{voice{web.View{Lang: lang}}, texts()} }

// texts are those of the pages and of package mydata.
func texts() map[string]string {
	all := maps.Clone(spanish)
	maps.Copy(all, spanishData)
	return all
}

// functions are what the templates call; the view is the first argument.
var functions = template.FuncMap{
	"source": func(v web.View, s mydata.Source) string { return s.Say(voice{v}) },
	"span":   func(v web.View, s mydata.Span) string { return s.Say(voice{v}) },
	"when":   func(v web.View, w mydata.When) string { return w.Say(voice{v}) },
	"says":   func(v web.View, e mydata.Entry) string { return e.Says(voice{v}) },
	"named":  named,
	"point":  point,
	"tick":   func(v web.View, t mydata.Tick) string { return v.Number(t.Value, t.Decimals) },
	"fields": func(v web.View, f []mydata.Field) fieldsOf { return fieldsOf{v, f} },
	"spark":  mydata.Spark,
	"px":     func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) },
	"shape":  func(series int) int { return series % shapes },
	"yes":    func(f mydata.Field) bool { return f.Yes != nil && *f.Yes },
	"system": system,
}

type fieldsOf struct {
	View   web.View
	Fields []mydata.Field
}

// shapes is how many series the style sheet tells apart.
const shapes = 4

// systems are code systems that people may have heard of.
var systems = map[string]string{
	"http://loinc.org": "LOINC", "http://snomed.info/sct": "SNOMED CT", "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm", "http://hl7.org/fhir/sid/cvx": "CVX",
	"http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM", "http://hl7.org/fhir/sid/icd-10": "ICD-10", "http://hl7.org/fhir/sid/ndc": "NDC", "http://www.ama-assn.org/go/cpt": "CPT",
}

// system is the name of a code system, else its address.
func system(url string) string {
	if name, ok := systems[url]; ok {
		return name
	}
	return url
}

// named is the study's name for a quantity, else what the record calls it.
func named(v web.View, own program.Text, title string) string {
	if text := own.In(v.Lang); text != "" {
		return text
	}
	return title
}

// point is a value as people read it.
func point(v web.View, p mydata.Point) string { return p.Sign + v.Number(p.Value, p.Decimals) }
