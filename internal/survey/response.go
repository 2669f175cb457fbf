package survey

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The extensions of our responses.
const (
	// ReceivedExtension holds when a response came here, an instant; authored is
	// when it was last changed by whoever answered.
	ReceivedExtension = "https://tributary.example/fhir/StructureDefinition/response-received"
	// FirstExtension holds when the response was completed for the first time; a
	// correction moves authored, and not this.
	FirstExtension = "https://tributary.example/fhir/StructureDefinition/response-first-completed"
	// CorrectsExtension of a draft names the response that it is to correct.
	CorrectsExtension = "https://tributary.example/fhir/StructureDefinition/response-corrects"
	// ReachedExtension of a draft is how many sections are behind the person.
	ReachedExtension = "https://tributary.example/fhir/StructureDefinition/response-reached"
)

const ucumSystem = "http://unitsofmeasure.org"

// extent is how much of a sheet is written down.
type extent struct {
	all  bool   // also answers to what is not asked (any more): a draft keeps them
	rows bool   // instances without answers, too, so that they can be counted
	lang string // of the texts; "" leaves them out
}

var working = extent{rows: true}

// Response is one QuestionnaireResponse.
type Response struct {
	ID, Survey string // Survey is the questionnaire's canonical
	Status     string // in-progress, completed, amended
	Language   string
	Authored   time.Time
	Received   time.Time
	First      time.Time // when it was completed first; zero in a draft
	Corrects   string    // id of the response that a draft corrects
	Reached    int       // of a draft: the section that the person has come to
	Version    int64
	Answers    Answers
}

// JSON writes the response of a patient. It names the Patient by reference only: no
// name, no author's display. The texts are in the response's language.
func (q *Questionnaire) JSON(s *Sheet, r Response, patient string) object {
	canonical := q.URL
	if q.Version != "" {
		canonical += "|" + q.Version
	}
	res := object{"resourceType": "QuestionnaireResponse", "language": r.Language, "questionnaire": canonical, "status": r.Status,
		"subject": reference("Patient", patient), "authored": r.Authored.UTC().Format(instant), "source": reference("Patient", patient),
		"extension": r.extensions()}
	if r.ID != "" {
		res["id"] = r.ID
	}
	if items := s.entries(q.Items, nil, extent{all: r.Status == "in-progress", lang: r.Language}); len(items) > 0 {
		res["item"] = items
	}
	return res
}

func (r Response) extensions() list {
	all := list{object{"url": ReceivedExtension, "valueInstant": r.Received.UTC().Format(instant)}}
	if !r.First.IsZero() {
		all = append(all, object{"url": FirstExtension, "valueInstant": r.First.UTC().Format(instant)})
	}
	if r.Corrects != "" {
		all = append(all, object{"url": CorrectsExtension, "valueReference": reference("QuestionnaireResponse", r.Corrects)})
	}
	if r.Reached > 0 && r.Status == statusDraft {
		all = append(all, object{"url": ReachedExtension, "valueInteger": r.Reached})
	}
	return all
}

// At is when the response was completed first; of one without that, when it was
// written.
func (r Response) At() time.Time {
	if r.First.IsZero() {
		return r.Authored
	}
	return r.First
}

// entries are the items of a response: what was answered, in the questionnaire's order.
func (s *Sheet) entries(items []*Item, at []int, x extent) list {
	var out list
	for _, i := range items {
		switch {
		case !x.all && !s.Enabled(i, at) || i.Type == "display":
		case i.Type == "group" && i.Repeats:
			for n := range s.Rows(i, at) {
				out = s.entry(out, i, append(slices.Clone(at), n), x)
			}
		default:
			out = s.entry(out, i, at, x)
		}
	}
	return out
}

// entry adds an item. What stands below a question is below its answer (R4,
// QuestionnaireResponse.item.answer.item); below its item where it has none.
func (s *Sheet) entry(out list, i *Item, at []int, x extent) list {
	e := object{"linkId": i.LinkID}
	if text := i.Text.In(x.lang); x.lang != "" && text != "" {
		e["text"] = text
	}
	bare := len(e)
	below := s.entries(i.Items, at, x)
	var given list
	if i.IsQuestion() {
		given = answersOf(s.Of(i, at), x.lang)
	}
	switch {
	case len(given) > 0 && len(below) > 0:
		given[0].(object)["item"] = below
	case len(below) > 0:
		e["item"] = below
	}
	if len(given) > 0 {
		e["answer"] = given
	}
	if len(e) > bare || x.rows && i.Type == "group" && i.Repeats {
		out = append(out, e)
	}
	return out
}

func answersOf(values []Value, lang string) list {
	var out list
	for _, v := range values {
		if v.Coding != nil && v.Coding.Label.In(lang) != "" {
			shown := *v.Coding
			shown.Display = v.Coding.Label.In(lang)
			v.Coding = &shown
		}
		if v.Quantity != nil {
			shown := *v.Quantity
			shown.Unit = v.Quantity.unit(lang)
			v.Quantity = &shown
		}
		out = append(out, object{"value" + v.Type: v.content()})
	}
	return out
}

// responseItem is an item of a stored response.
type responseItem struct {
	LinkID string `json:"linkId"`
	Answer []responseAnswer
	Item   []responseItem
}

type responseAnswer struct {
	Value
	Item []responseItem
}

// UnmarshalJSON reads the value and what stands below it.
func (a *responseAnswer) UnmarshalJSON(data []byte) error {
	var below struct{ Item []responseItem }
	if err := json.Unmarshal(data, &below); err != nil {
		return err
	}
	a.Item = below.Item
	return a.Value.UnmarshalJSON(data)
}

// ReadResponse reads a stored response. What the questionnaire does not ask (any
// more) is passed over.
func (q *Questionnaire) ReadResponse(body []byte) (Response, error) {
	var raw struct {
		ID, Status, Questionnaire, Language string
		Authored                            time.Time
		Extension                           []extension
		Item                                []responseItem
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return Response{}, fmt.Errorf("survey: a stored response is not to be read: %w", err)
	}
	r := Response{ID: raw.ID, Survey: raw.Questionnaire, Status: raw.Status, Language: raw.Language, Authored: raw.Authored}
	for _, e := range raw.Extension {
		if err := r.extend(e); err != nil {
			return r, err
		}
	}
	q.collect(raw.Item, nil, &r.Answers)
	return r, nil
}

func (r *Response) extend(e extension) (err error) {
	switch e.URL {
	case ReceivedExtension:
		r.Received, err = time.Parse(time.RFC3339, e.text())
	case FirstExtension:
		r.First, err = time.Parse(time.RFC3339, e.text())
	case ReachedExtension:
		r.Reached = max(e.number(), 0)
	case CorrectsExtension:
		var to Reference
		err = json.Unmarshal(e.members["valueReference"], &to)
		r.Corrects = strings.TrimPrefix(to.Reference, "QuestionnaireResponse/")
	}
	return err
}

// collect puts the items of a response into answers.
func (q *Questionnaire) collect(items []responseItem, at []int, into *Answers) {
	for _, entry := range items {
		i := q.byLink[entry.LinkID]
		if i == nil || i.depth != len(at) {
			continue
		}
		below, place := entry.Item, at
		if i.Type == "group" && i.Repeats {
			n := into.Rows(i, at)
			into.setRows(i, at, n+1)
			place = append(slices.Clone(at), n)
		}
		var values []Value
		for _, a := range entry.Answer {
			values = append(values, i.labelled(a.Value))
			below = append(below, a.Item...)
		}
		if i.IsQuestion() {
			into.set(i, at, values)
		}
		q.collect(below, place, into)
	}
}

// labelled gives a code, or a unit, that was stored its labels.
func (i *Item) labelled(v Value) Value {
	if o, ok := i.optionOf(v); ok && v.Coding != nil {
		return o.Value
	}
	for _, u := range i.Units {
		if v.Quantity != nil && u.Code == v.Quantity.Code {
			v.Quantity.Label = u.Label
		}
	}
	return v
}
