package survey

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	study "tributary/config/program"
	"tributary/internal/form"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func parse(t testing.TB, body []byte) *Questionnaire {
	t.Helper()
	q, err := ParseQuestionnaire(body)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func basicsSurvey(t testing.TB) *Questionnaire {
	t.Helper()
	s, err := study.Default()
	if err != nil {
		t.Fatal(err)
	}
	survey, _ := s.Survey("basics")
	return parse(t, survey.Body)
}

// check reads a form for the whole survey, as Submit does.
func check(q *Questionnaire, values url.Values) (*Sheet, form.Faults) {
	return checkIn(q, Locale{Lang: english}, Form{Values: values}, Answers{})
}

func checkIn(q *Questionnaire, l Locale, f Form, base Answers) (*Sheet, form.Faults) {
	r := q.read(l, f, base, q.Items)
	sheet := q.settle(r, q.initial(start), q.Items, func(a Answers) *Sheet { return q.Work(a, start) })
	return sheet, q.faults(r, sheet, q.Items, true)
}

// complete is a form that is all right.
func complete() url.Values {
	return url.Values{"q.general-health": {"LA9206-9"}, "q.education": {"degree"}, "q.household": {"3"}, "q.smoking": {"266919005"}, "q.sleep": {"7"}}
}

func TestSurveyFaults(t *testing.T) {
	q := basicsSurvey(t)
	for name, c := range map[string]struct{ field, value, want string }{
		"missing":           {"q.sleep", "", "Please answer"},
		"no such option":    {"q.education", "phd", "one of the answers"},
		"not a number":      {"q.household", "three", "whole number"},
		"below the minimum": {"q.household", "0", "from 1 to 30"},
		"above the maximum": {"q.household", "31", "from 1 to 30"},
		"other without it":  {"q.language", Other, "write your answer"},
		"too long":          {"q.goal", strings.Repeat("ä", 201), "at most 200"},
		"unprintable":       {"q.goal", "a\x00b", "letters"},
	} {
		values := complete()
		values.Set(c.field, c.value)
		_, faults := check(q, values)
		if len(faults) != 1 || !strings.Contains(faults.At(c.field), c.want) {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

func TestAllSurveyFaultsAtOnce(t *testing.T) {
	if _, faults := check(basicsSurvey(t), url.Values{}); len(faults) != 5 {
		t.Errorf("an empty form has %d faults, want one for each of five required questions", len(faults))
	}
}

func TestTwoAnswersToOneQuestion(t *testing.T) {
	values := complete()
	values["q.education"] = []string{"degree", "none"}
	values["q.conditions"] = []string{"38341003", "73211009"}
	if _, faults := check(basicsSurvey(t), values); len(faults) != 1 || faults.At("q.education") == "" {
		t.Errorf("faults %v; only what repeats takes two answers", faults)
	}
}

func TestAnswersToWhatIsNotAskedAreNotSent(t *testing.T) {
	q := basicsSurvey(t)
	values := complete()
	values.Set("q.cigarettes", "12")
	sheet, faults := check(q, values)
	if faults != nil || sheet.Enabled(q.Item("cigarettes"), nil) || strings.Contains(sent(t, q, sheet), "cigarettes") {
		t.Errorf("an answer to what was not asked is sent: %v", faults)
	}
	values.Set("q.smoking", "449868002")
	if sheet, faults = check(q, values); faults != nil || !strings.Contains(sent(t, q, sheet), "cigarettes") {
		t.Errorf("an answer to what was asked is lost: %v", faults)
	}
	values.Del("q.cigarettes")
	if _, faults = check(q, values); faults.At("q.cigarettes") == "" {
		t.Error("a question that is asked and required may be left out")
	}
}

// sent is the response as it would be kept.
func sent(t testing.TB, q *Questionnaire, sheet *Sheet) string {
	t.Helper()
	res := q.JSON(sheet, Response{Status: statusSent, Language: english, Authored: start, Received: start, First: start}, "p1")
	if faults := q.Validate(res); len(faults) > 0 {
		t.Fatalf("what would be kept is not valid: %v", faults)
	}
	body, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestResponseHoldsTheAnswersAndNoName(t *testing.T) {
	q := basicsSurvey(t)
	values := complete()
	values.Set("q.language", Other)
	values.Set("q.language.other", "Frisian")
	sheet, faults := check(q, values)
	if faults != nil {
		t.Fatal(faults)
	}
	text := sent(t, q, sheet)
	for _, want := range []string{`"questionnaire":"https://tributary.example/fhir/Questionnaire/basics|1.0"`, `"valueString":"Frisian"`,
		`{"system":"http://loinc.org","code":"LA9206-9","display":"Excellent"}`, `"valueInteger":3`, `"reference":"Patient/p1"`, `"valueInstant":"2026-01-01T00:00:00Z"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the response lacks %s: %s", want, text)
		}
	}
	for _, never := range []string{"author\"", "Ada", "conditions", "cigarettes"} {
		if strings.Contains(text, never) {
			t.Errorf("the response holds %q", never)
		}
	}
}

func TestFaultsAreAnErrorOfForms(t *testing.T) {
	_, faults := check(basicsSurvey(t), url.Values{})
	var as form.Faults
	if !errors.As(faults.Err(), &as) {
		t.Error("faults are not to be told from failures")
	}
}
