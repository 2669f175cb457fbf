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

func basicsSurvey(t *testing.T) *Questionnaire {
	t.Helper()
	s, err := study.Default()
	if err != nil {
		t.Fatal(err)
	}
	survey, _ := s.Survey("basics")
	q, err := ParseQuestionnaire(survey.Body)
	if err != nil {
		t.Fatal(err)
	}
	return q
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
		_, err := q.Check(values)
		var faults form.Faults
		if !errors.As(err, &faults) || len(faults) != 1 || !strings.Contains(faults.At(c.field), c.want) {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

func TestAllSurveyFaultsAtOnce(t *testing.T) {
	_, err := basicsSurvey(t).Check(url.Values{})
	var faults form.Faults
	if !errors.As(err, &faults) || len(faults) != 5 {
		t.Errorf("an empty form has %d faults, want one for each of five required questions", len(faults))
	}
}

func TestTwoAnswersToOneQuestion(t *testing.T) {
	values := complete()
	values["q.education"] = []string{"degree", "none"}
	values["q.conditions"] = []string{"38341003", "73211009"}
	_, err := basicsSurvey(t).Check(values)
	var faults form.Faults
	if !errors.As(err, &faults) || len(faults) != 1 || faults.At("q.education") == "" {
		t.Errorf("faults %v; only what repeats takes two answers", faults)
	}
}

func TestEnableWhen(t *testing.T) {
	q := basicsSurvey(t)
	values := complete()
	values.Set("q.cigarettes", "12")
	answers, err := q.Check(values)
	if err != nil || answers["cigarettes"] != nil {
		t.Errorf("an answer to what was not asked is kept: %v %v", answers["cigarettes"], err)
	}
	values.Set("q.smoking", "449868002")
	if answers, err = q.Check(values); err != nil || len(answers["cigarettes"]) != 1 {
		t.Errorf("an answer to what was asked is lost: %v", err)
	}
	values.Del("q.cigarettes")
	if _, err = q.Check(values); err == nil {
		t.Error("a question that is asked and required may be left out")
	}
}

func TestResponseHoldsTheAnswersAndNoName(t *testing.T) {
	q := basicsSurvey(t)
	values := complete()
	values.Set("q.language", Other)
	values.Set("q.language.other", "Frisian")
	answers, err := q.Check(values)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(q.Response("p1", answers, start))
	if err != nil {
		t.Fatal(err)
	}
	text := string(body)
	for _, want := range []string{`"questionnaire":"https://tributary.example/fhir/Questionnaire/basics|1.0"`, `"valueString":"Frisian"`,
		`{"system":"http://loinc.org","code":"LA9206-9","display":"Excellent"}`, `"valueInteger":3`, `"reference":"Patient/p1"`} {
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

func TestUnknownItemTypeIsRefused(t *testing.T) {
	_, err := ParseQuestionnaire([]byte(`{"id":"x","item":[{"linkId":"a","type":"attachment"}]}`))
	if err == nil || !strings.Contains(err.Error(), "attachment") {
		t.Errorf("error %v", err)
	}
}
