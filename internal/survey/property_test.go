package survey

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// maker makes questionnaires.
type maker struct {
	*rapid.T
	count   int
	choices []string // questions at the top that others can depend on
}

func (m *maker) items(depth int) (items []object) {
	for range rapid.IntRange(1, 4).Draw(m.T, "items") {
		items = append(items, m.item(depth))
	}
	return items
}

var drawn = []string{"boolean", "integer", "decimal", "date", "dateTime", "time", "string", "text", "url", "choice", "open-choice", "quantity", "display", "group"}

func (m *maker) item(depth int) object {
	m.count++
	typ := rapid.SampledFrom(drawn).Draw(m.T, "type")
	i := object{"linkId": fmt.Sprintf("i%d", m.count), "text": fmt.Sprintf("Item %d", m.count), "type": typ}
	if len(m.choices) > 0 && rapid.IntRange(0, 3).Draw(m.T, "depends") == 0 {
		i["enableWhen"] = list{object{"question": rapid.SampledFrom(m.choices).Draw(m.T, "on"), "operator": rapid.SampledFrom([]string{"=", "!="}).Draw(m.T, "operator"), "answerBoolean": true}}
	}
	m.detail(i, typ, depth)
	return i
}

func (m *maker) detail(i object, typ string, depth int) {
	repeats := rapid.IntRange(0, 2).Draw(m.T, "repeats") == 0
	switch typ {
	case "group":
		i["repeats"] = repeats && depth < deepest
		i["item"] = list{object{"linkId": fmt.Sprint(i["linkId"], ".x"), "text": "Leaf", "type": "string"}}
		if depth < 2 {
			i["item"] = m.items(depth + 1)
		}
	case "boolean":
		if depth == 0 {
			m.choices = append(m.choices, i["linkId"].(string))
		}
	case "choice", "open-choice":
		i["repeats"] = repeats
		i["answerOption"] = list{object{"valueCoding": object{"system": "https://s", "code": "a", "display": "A"}}, object{"valueString": "B"},
			object{"valueCoding": object{"system": "https://t", "code": "c", "display": "C"}}, object{"valueInteger": 4}}
	case "quantity":
		i["repeats"] = repeats
		i["extension"] = list{object{"url": core + "questionnaire-unitOption", "valueCoding": object{"system": ucumSystem, "code": "cm", "display": "cm"}},
			object{"url": core + "questionnaire-unitOption", "valueCoding": object{"system": ucumSystem, "code": "m", "display": "m"}}}
	case "display":
	default:
		i["repeats"] = repeats
	}
}

// typedFor are fields that can be typed for each type.
var typedFor = map[string][]string{"boolean": {"true", "false", ""}, "integer": {"0", "-3", "41", ""}, "decimal": {"1.50", "-0.5", "7", ""}, "date": {"2024-02-29", "1999", ""},
	"dateTime": {"2024-03-10", "2023-12-31", ""}, "time": {"00:00", "23:59", ""}, "string": {"a", "ñ b", "", "_other"}, "text": {"one\ntwo", ""},
	"url": {"https://example.org/", ""}, "choice": {"a", "B", "c", "4", ""}, "open-choice": {"a", "B", Other, ""}, "quantity": {"1", "2.50", ""}}

// answered fills a form in.
func answered(t *rapid.T, q *Questionnaire) url.Values {
	values := url.Values{}
	var fill func(items []*Item, at []int)
	fill = func(items []*Item, at []int) {
		for _, i := range items {
			if i.Type == "group" && i.Repeats {
				n := rapid.IntRange(0, 3).Draw(t, "rows")
				values.Set(i.Field(at)+".rows", fmt.Sprint(n))
				for k := range n {
					fill(i.Items, append(slices.Clone(at), k))
				}
				continue
			}
			if options := typedFor[i.Type]; options != nil {
				fillOne(t, values, i, at, options)
			}
			fill(i.Items, at)
		}
	}
	fill(q.Items, nil)
	return values
}

func fillOne(t *rapid.T, values url.Values, i *Item, at []int, options []string) {
	most := 1
	if i.Repeats {
		most = 3
	}
	for range rapid.IntRange(0, most).Draw(t, "answers") {
		text := rapid.SampledFrom(options).Draw(t, "answer")
		values.Add(i.Field(at), text)
		values.Add(i.Field(at)+".unit", rapid.SampledFrom([]string{"cm", "m"}).Draw(t, "unit"))
		clock := ""
		if text != "" {
			clock = rapid.SampledFrom([]string{"", "01:30", "12:00"}).Draw(t, "clock")
		}
		values.Add(i.Field(at)+".time", clock)
		values.Set(i.Field(at)+".other", "something of my own")
	}
}

func anyQuestionnaire(t *rapid.T) *Questionnaire {
	m := &maker{T: t}
	body, err := json.Marshal(object{"resourceType": "Questionnaire", "id": "x", "url": "https://example.org/x", "item": m.items(0)})
	if err != nil {
		t.Fatal(err)
	}
	q, err := ParseQuestionnaire(body)
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return q
}

func TestWhatIsKeptComesBackTheSame(t *testing.T) {
	l := Locale{Lang: spanish, Zone: zone(t)}
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuestionnaire(t)
		first, faults := checkIn(q, l, Form{Values: answered(t, q)}, Answers{})
		if len(faults) > 0 {
			t.Fatalf("what is right has faults: %v", faults)
		}
		again, faults := checkIn(q, l, Form{Values: q.Fields(l, first.Answers, q.Items)}, Answers{})
		if len(faults) > 0 || !q.sameAnswers(first.Answers, again.Answers) {
			t.Fatalf("shown and sent again: %v\n%v\n%v", faults, first.values, again.values)
		}
		for _, status := range []string{statusDraft, statusSent} {
			res := q.JSON(first, Response{Status: status, Language: english, Authored: start, Received: start}, "p")
			body, err := json.Marshal(res)
			if err != nil {
				t.Fatal(err)
			}
			r, err := q.ReadResponse(body)
			if err != nil {
				t.Fatal(err)
			}
			want := first.Answers
			if status == statusSent {
				want = q.asked(first)
				if bad := q.Validate(res); len(bad) > 0 {
					t.Fatalf("kept and not valid: %v\n%s", bad, body)
				}
			}
			if !q.sameAnswers(want, r.Answers) {
				t.Fatalf("%s, kept and read again:\n%v\n%v\n%s", status, want.values, r.Answers.values, body)
			}
		}
	})
}

// TestAnOlderPageChangesWhatWasChangedOnIt is two windows: each shows the same
// answers, one is sent after the other.
func TestAnOlderPageChangesWhatWasChangedOnIt(t *testing.T) {
	l := Locale{Lang: english}
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuestionnaire(t)
		read := func(f url.Values, base, kept Answers) Answers {
			r := q.read(l, Form{Values: f}, base, q.Items)
			return q.settle(r, kept, q.Items, func(a Answers) *Sheet { return q.Work(a, start) }).Answers
		}
		base := read(answered(t, q), Answers{}, Answers{})
		ours := answered(t, q)
		kept := read(ours, base, base)
		if same := read(q.Fields(l, base, q.Items), base, kept); !q.sameAnswers(same, kept) {
			t.Fatalf("an older page on which nothing was changed changed\n%v\nto\n%v", kept.values, same.values)
		}
		theirs := answered(t, q)
		alone, both := read(theirs, base, base), read(theirs, base, kept)
		for _, unit := range units(q.Items) {
			want := alone
			if q.sameUnit(base, alone, unit) {
				want = kept
			}
			if !q.sameUnit(want, both, unit) {
				t.Fatalf("%s is lost or doubled", unit.LinkID)
			}
		}
	})
}

// everything is one item of each kind, for forms that nobody made.
func everything(t testing.TB) *Questionnaire {
	hide := ext(hl7+"questionnaire-hidden", `"valueBoolean":true`)
	return parse(t, one(`{"linkId":"b","text":"B","type":"boolean"},{"linkId":"n","text":"N","type":"decimal","required":true},{"linkId":"s","text":"S","type":"string","repeats":true},
		{"linkId":"c","text":"C","type":"open-choice","repeats":true,`+colours+`},{"linkId":"q","text":"Q","type":"quantity","extension":[`+lengths+`]},
		{"linkId":"t","text":"T","type":"dateTime","enableWhen":[{"question":"n","operator":">=","answerDecimal":2}]},{"linkId":"h","text":"H","type":"string","initial":[{"valueString":"h"}],"extension":[`+hide+`]},
		{"linkId":"g","text":"G","type":"group","repeats":true,"item":[{"linkId":"u","text":"U","type":"url","required":true},{"linkId":"d","text":"D","type":"date"},
		{"linkId":"k","text":"K","type":"group","repeats":true,"item":[{"linkId":"i","text":"I","type":"integer"}]}]},
		{"linkId":"sum","text":"Sum","type":"integer","extension":[`+ext(gold+"calculatedExpression", fhirpath("item.where(linkId='g').count()"))+`]}`))
}

func FuzzForm(f *testing.F) {
	f.Add("q.n=2&q.t=2024-01-01&q.t.time=10:00&q.g.rows=2&q.u~0=https://a.example&q.k~0.rows=1&q.i~0~0=3&q.u~1=", "q.g~0")
	f.Add("q.n=%00&q.g.rows=-1&q.g.rows=999999999&q.c=_other&q.c=none&q.s=a&q.s=b&q.q=1&q.q.unit=cm", "")
	f.Add("q.u~0~0=x&q.u~=y&q.g.rows=50&q.u~49=https://z", "q.g~49")
	q := everything(f)
	f.Fuzz(func(t *testing.T, form, remove string) {
		values, err := url.ParseQuery(form)
		if err != nil {
			return
		}
		sheet, faults := checkIn(q, Locale{Lang: english}, Form{Values: values, Remove: remove}, Answers{})
		for _, fault := range faults {
			link, _, _ := strings.Cut(strings.TrimPrefix(fault.Field, "q."), "~")
			if q.Item(link) == nil || fault.Text == "" {
				t.Errorf("a fault %q at %q", fault.Text, fault.Field)
			}
		}
		if faults == nil {
			sent(t, q, sheet)
		}
	})
}
