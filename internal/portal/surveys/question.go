package surveys

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tributary/internal/form"
	"tributary/internal/survey"
)

// question is an item on the page.
type question struct {
	*survey.Item
	Kind   string // the template that shows it
	Field  string
	Label  string
	Help   string
	Hints  []string
	Fault  string
	Needed bool

	Inputs  []input  // what is typed: one for each answer
	Choices []choice // what is chosen from
	Other   *choice  // the something else of an open choice, with its text
	Units   []choice
	Files   []shownFile
	Shown   []string // what is not for the person to change
	Rows    []row    // the instances of a group that repeats
	Items   []question
	More    bool   // one more answer or instance may be added
	MoreKey string // what the button for that sends
	Begun   int    // how many rows the form has
}

// input is one field to type into.
type input struct {
	ID, Value, Clock, Unit string
	Number                 int // among several: 1, 2…; 0: it is the only one
}

// choice is one option on the page.
type choice struct {
	Key, Label, Text string
	Chosen           bool
}

// row is one instance of a group.
type row struct {
	Number int
	Remove string // what the button that removes it sends; "": it is empty
	Items  []question
}

// shownFile is a file that is kept already.
type shownFile struct {
	ID, Type string
	Picture  bool
	Size     string
}

// builder makes the questions of a page.
type builder struct {
	*sectionView
	sheet  *survey.Sheet
	fields url.Values
	faults form.Faults
}

func (b builder) questions(items []*survey.Item, at []int) []question {
	var all []question
	for _, i := range items {
		if b.sheet.Rendered(i, at) {
			all = append(all, b.question(i, at))
		}
	}
	return all
}

// kinds are the templates that show an item, by its type; choose and type decide further.
var kinds = map[string]string{"group": "group", "display": "display", "boolean": "radios", "choice": "choice", "open-choice": "choice", "reference": "choice",
	"attachment": "files", "dateTime": "moment", "quantity": "quantity", "text": "area"}

func (b builder) question(i *survey.Item, at []int) question {
	q := question{Item: i, Kind: kinds[i.Type], Field: i.Field(at), Label: strings.TrimSpace(i.Prefix.In(b.lang) + " " + i.Text.In(b.lang)),
		Help: i.Help.In(b.lang), Fault: b.faults.At(i.Field(at)), Needed: i.Required || i.MinCount > 0}
	switch {
	case i.Type == "group" && i.Repeats:
		q.Kind = "rows"
		b.rows(&q, at)
		return q
	case i.IsQuestion() && !i.Asked():
		q.Kind = "fixed"
		b.Works = b.Works || i.Calculated != nil
		for _, v := range b.sheet.Of(i, at) {
			q.Shown = append(q.Shown, b.locale.Show(v))
		}
	case q.Kind == "files":
		b.files(&q, at)
	case q.Kind == "choice" || i.Type == "boolean":
		b.choices(&q)
	case i.IsQuestion():
		b.inputs(&q)
	}
	q.Items = b.questions(i.Items, at)
	return q
}

// rows are the instances that there are, at least one, and one more when asked for.
func (b builder) rows(q *question, at []int) {
	n, err := strconv.Atoi(b.fields.Get(q.Field + ".rows"))
	if err != nil || n < 0 {
		n = b.sheet.Rows(q.Item, at)
	}
	kept := n
	n = max(n, q.MinCount, 1)
	if b.more == q.Field {
		n++
	}
	n = min(n, q.Most())
	for k := range n {
		place := append(slices.Clone(at), k)
		r := row{Number: k + 1}
		if k < kept {
			r.Remove = q.Field + "~" + strconv.Itoa(k)
		} else {
			b.begin(q.Item.Items, place)
		}
		r.Items = b.questions(q.Item.Items, place)
		q.Rows = append(q.Rows, r)
	}
	q.Begun, q.More, q.MoreKey = n, n < q.Most(), q.Field
}

// begin fills a new instance with its initial values.
func (b builder) begin(items []*survey.Item, at []int) {
	for _, i := range items {
		for _, v := range i.Initial {
			if i.Asked() && !b.fields.Has(i.Field(at)) {
				b.locale.Fill(b.fields, i, at, v)
			}
		}
		if !(i.Type == "group" && i.Repeats) {
			b.begin(i.Items, at)
		}
	}
}

// inputs are the fields to type into: one for each answer, and one more when asked for.
func (b builder) inputs(q *question) {
	given := b.fields[q.Field]
	n := max(len(given), 1)
	if b.more == q.Field && q.Repeats {
		n++
	}
	n = min(n, q.Most())
	for k := range n {
		in := input{ID: q.Field, Value: nth(given, k), Clock: nth(b.fields[q.Field+".time"], k), Unit: nth(b.fields[q.Field+".unit"], k)}
		if k > 0 {
			in.ID += "-" + strconv.Itoa(k)
		}
		if q.Repeats {
			in.Number = k + 1
		}
		q.Inputs = append(q.Inputs, in)
	}
	for _, u := range q.Item.Units {
		q.Units = append(q.Units, choice{Key: u.Code, Label: u.Shown(b.lang)})
	}
	if q.Kind == "" {
		q.Kind = "typed"
		if q.Type == "string" && (q.MaxLength == 0 || q.MaxLength > 100) && !q.Repeats {
			q.Kind = "area"
		}
	}
	q.More, q.MoreKey = q.Repeats && n < q.Most(), q.Field
	q.Hints = b.hints(q.Item)
}

func nth(all []string, n int) string {
	if n < len(all) {
		return all[n]
	}
	return ""
}

// hints say what is expected.
func (b builder) hints(i *survey.Item) (hints []string) {
	if format := i.Format.In(b.lang); format != "" {
		hints = append(hints, format)
	}
	say := func(text string, args ...any) { hints = append(hints, in(b.lang, text, args...)) }
	switch {
	case i.Min != nil && i.Max != nil:
		say("From %s to %s", b.locale.Show(*i.Min), b.locale.Show(*i.Max))
	case i.Min != nil:
		say("%s or more", b.locale.Show(*i.Min))
	case i.Max != nil:
		say("%s or less", b.locale.Show(*i.Max))
	}
	if i.Type == "dateTime" && b.locale.Zone != nil {
		say("Time of %s", strings.ReplaceAll(b.locale.Zone.String()[strings.LastIndex(b.locale.Zone.String(), "/")+1:], "_", " "))
	}
	return hints
}

// manyChoices is from how many on a list to open is easier to survey than buttons.
const manyChoices = 12

// choices are what is chosen from.
func (b builder) choices(q *question) {
	given := b.fields[q.Field]
	if q.Type == "boolean" {
		for _, key := range []string{"true", "false"} {
			q.Choices = append(q.Choices, choice{Key: key, Label: in(b.lang, map[string]string{"true": "Yes", "false": "No"}[key]), Chosen: slices.Contains(given, key)})
		}
	}
	for _, o := range q.Options {
		q.Choices = append(q.Choices, choice{Key: o.Key, Label: o.Label.In(b.lang), Chosen: slices.Contains(given, o.Key)})
	}
	if q.Type == "open-choice" {
		q.Other = &choice{Key: survey.Other, Chosen: slices.Contains(given, survey.Other), Text: b.fields.Get(q.Field + ".other")}
	}
	listed := q.Control == "drop-down" || q.Control == "autocomplete" || len(q.Options) > manyChoices && q.Control != "radio-button"
	switch {
	case q.Repeats:
		q.Kind = "checks"
	case listed:
		q.Kind = "select"
	default:
		q.Kind = "radios"
		q.More = !q.Needed && len(given) > 0 // an answer can be taken back
	}
}

// files are those that are kept; new ones are chosen.
func (b builder) files(q *question, at []int) {
	b.Files = true
	for _, v := range b.sheet.Of(q.Item, at) {
		f := v.Attachment
		q.Files = append(q.Files, shownFile{ID: f.ID(), Type: kindOfFile(f.ContentType, b.lang), Picture: strings.HasPrefix(f.ContentType, "image/"), Size: survey.FileSize(f.Size)})
	}
}

func kindOfFile(contentType, lang string) string {
	if contentType == "application/pdf" {
		return "PDF"
	}
	return in(lang, "Picture")
}

// Single reports whether the question is one field with one label.
func (q question) Single() bool { return len(q.Inputs) == 1 && !q.Repeats && q.Kind != "moment" }

// Describes names the elements that explain the field, for aria-describedby.
func (q question) Describes() string {
	var ids []string
	for part, there := range map[string]bool{"-help": q.Help != "", "-hint": len(q.Hints) > 0, "-fault": q.Fault != ""} {
		if there {
			ids = append(ids, q.Field+part)
		}
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

// attributes of the fields for what is typed in one line, by type.
var attributes = map[string]template.HTMLAttr{
	"integer": ` type="text" inputmode="numeric" class="short"`,
	"decimal": ` type="text" inputmode="decimal" class="short"`,
	"date":    ` type="date"`,
	"time":    ` type="time"`,
	"url":     ` type="url" inputmode="url"`,
	"string":  ` type="text"`,
}

// Attributes are those of the question's fields. A control that is to slide is a
// number to type or step, which everybody can reach.
func (q question) Attributes() template.HTMLAttr {
	steps := q.Control == "slider" || q.Control == "spinner"
	switch {
	case steps && (q.Type == "integer" || q.Type == "decimal"):
		return ` type="number" class="short" step="` + stepOf[q.Type] + `"` + bound("min", q.Min) + bound("max", q.Max)
	case q.Type == "date" && q.Format["en"] != "":
		return ` type="text" class="short"` // perhaps a year alone
	case q.MaxLength > 0:
		return attributes[q.Type] + template.HTMLAttr(` maxlength="`+strconv.Itoa(q.MaxLength)+`"`)
	}
	return attributes[q.Type]
}

var stepOf = map[string]template.HTMLAttr{"integer": "1", "decimal": "any"}

// bound is a bound of the item as an attribute; it is a number.
func bound(name string, v *survey.Value) template.HTMLAttr {
	if v == nil {
		return ""
	}
	return template.HTMLAttr(" " + name + `="` + template.HTMLEscapeString(v.Text) + `"`)
}
