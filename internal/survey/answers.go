package survey

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tributary/internal/form"
)

// Other is what a form sends for the "something else" of an open choice; the
// text is in the field with ".other" at its end.
const Other = "_other"

// Answer is one value of R4's QuestionnaireResponse.item.answer.
type Answer map[string]any

// Answers holds the answers to the enabled items, by linkId.
type Answers map[string][]Answer

const maxText = 2000 // characters, where the item sets no limit

// Check reads a form against the questionnaire. Items that are not enabled take
// no answer: what was sent for them is dropped, because a page without scripts
// sends hidden fields too.
func (q *Questionnaire) Check(values url.Values) (Answers, error) {
	answers := Answers{}
	var faults form.Faults
	q.check(q.Item, values, answers, &faults)
	return answers, faults.Err()
}

func (q *Questionnaire) check(items []Item, values url.Values, answers Answers, faults *form.Faults) {
	for i := range items {
		item := &items[i]
		if !item.enabled(answers) {
			continue
		}
		if read := answerTypes[item.Type]; read != nil {
			item.answer(read, values, answers, faults)
		}
		q.check(item.Item, values, answers, faults)
	}
}

// answer reads the values of one item.
func (i *Item) answer(read reader, values url.Values, answers Answers, faults *form.Faults) {
	var given []Answer
	for _, text := range values[i.Field()] {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		a, complaint := read(i, text, strings.TrimSpace(values.Get(i.Field()+".other")))
		if complaint != "" {
			faults.Add(i.Field(), complaint)
			return
		}
		given = append(given, a)
	}
	switch {
	case len(given) == 0 && i.Required:
		faults.Add(i.Field(), "Please answer: "+i.Text)
	case len(given) > 1 && !i.Repeats:
		faults.Add(i.Field(), "Please choose one answer only.")
	case len(given) > 0:
		answers[i.LinkID] = given
	}
}

// reader makes an answer of a form value, or says what is wrong with it.
type reader func(i *Item, text, other string) (Answer, string)

// answerTypes are the item types that take an answer.
var answerTypes = map[string]reader{
	"choice":      readChoice,
	"open-choice": readOpenChoice,
	"integer":     readInteger,
	"decimal":     readDecimal,
	"boolean":     readBoolean,
	"date":        readDate,
	"string":      readText,
	"text":        readText,
}

func readChoice(i *Item, text, _ string) (Answer, string) {
	o, ok := i.option(text)
	switch {
	case !ok:
		return nil, "Please choose one of the answers that are shown."
	case o.ValueCoding != nil:
		return Answer{"valueCoding": o.ValueCoding}, ""
	}
	return Answer{"valueString": *o.ValueString}, ""
}

func readOpenChoice(i *Item, text, other string) (Answer, string) {
	switch {
	case text != Other:
		return readChoice(i, text, "")
	case other == "":
		return nil, "Please write your answer beside “something else”."
	}
	return readText(i, other, "")
}

func readInteger(i *Item, text, _ string) (Answer, string) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil, "Please write a whole number."
	}
	return Answer{"valueInteger": n}, i.outside(float64(n))
}

// decimals as FHIR writes them; the text is kept, so that 6.50 stays 6.50.
var decimalPattern = regexp.MustCompile(`^-?(0|[1-9]\d{0,8})(\.\d{1,8})?$`)

func readDecimal(i *Item, text, _ string) (Answer, string) {
	if !decimalPattern.MatchString(text) {
		return nil, "Please write a number, such as 6.5."
	}
	n, _ := strconv.ParseFloat(text, 64)
	return Answer{"valueDecimal": json.Number(text)}, i.outside(n)
}

func readBoolean(_ *Item, text, _ string) (Answer, string) {
	if text != "true" && text != "false" {
		return nil, "Please answer yes or no."
	}
	return Answer{"valueBoolean": text == "true"}, ""
}

func readDate(_ *Item, text, _ string) (Answer, string) {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return nil, "Please write a date as year-month-day."
	}
	return Answer{"valueDate": text}, ""
}

func readText(i *Item, text, _ string) (Answer, string) {
	limit := i.MaxLength
	if limit == 0 {
		limit = maxText
	}
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable):
		return nil, "Please use letters, numbers and punctuation only."
	case utf8.RuneCountInString(text) > limit:
		return nil, fmt.Sprintf("Please write at most %d characters.", limit)
	}
	return Answer{"valueString": text}, ""
}

func unprintable(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }

// outside says that a number is not between minValue and maxValue.
func (i *Item) outside(n float64) string {
	low, hasLow := i.bound("minValue")
	high, hasHigh := i.bound("maxValue")
	if (!hasLow || n >= low) && (!hasHigh || n <= high) {
		return ""
	}
	switch {
	case hasLow && hasHigh:
		return fmt.Sprintf("Please write a number from %s to %s.", i.Bound("minValue"), i.Bound("maxValue"))
	case hasLow:
		return fmt.Sprintf("Please write a number of at least %s.", i.Bound("minValue"))
	}
	return fmt.Sprintf("Please write a number of at most %s.", i.Bound("maxValue"))
}
