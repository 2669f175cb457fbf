package program_test

import (
	"encoding/json"
	"slices"
	"testing"

	"tributary/fhir/path"
	"tributary/fhir/tree"
)

const calculatedExpression = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"

// calculated are the expressions of a survey's items by link id.
func calculated(t *testing.T, id string) map[string]string {
	t.Helper()
	s, ok := study(t).Survey(id)
	if !ok {
		t.Fatalf("there is no survey %s", id)
	}
	var q struct{ Item []calculating }
	if err := json.Unmarshal(s.Body, &q); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, section := range q.Item {
		for _, i := range section.Item {
			for _, e := range i.Extension {
				if e.URL == calculatedExpression {
					out[i.LinkID] = e.ValueExpression.Expression
				}
			}
		}
	}
	return out
}

type calculating struct {
	LinkID    string `json:"linkId"`
	Extension []struct {
		URL             string
		ValueExpression struct{ Expression string }
	}
	Item []calculating
}

const (
	metric   = `{"linkId":"height","answer":[{"valueQuantity":{"value":170,"code":"cm"}}]},{"linkId":"weight","answer":[{"valueQuantity":{"value":70,"code":"kg"}}]}`
	imperial = `{"linkId":"height","answer":[{"valueQuantity":{"value":67,"code":"[in_i]"}}]},{"linkId":"weight","answer":[{"valueQuantity":{"value":154.5,"code":"[lb_av]"}}]}`
	short    = `{"linkId":"height","answer":[{"valueQuantity":{"value":170,"code":"cm"}}]}`
	drinker  = `{"linkId":"drinks-a-day","answer":[{"valueInteger":2}]},{"linkId":"drink-days","answer":[{"valueInteger":3}]}`
	walker   = `{"linkId":"active-days","answer":[{"valueInteger":5}]},{"linkId":"active-minutes","answer":[{"valueInteger":30}]}`
)

func TestWhatSurveysWorkOut(t *testing.T) {
	for _, c := range []struct {
		survey, item, answers string
		want                  []string
	}{
		{"overall-health", "bmi", metric, []string{"24.2"}},
		{"overall-health", "bmi", imperial, []string{"24.2"}},
		{"overall-health", "bmi", short, nil},
		{"lifestyle", "drinks-a-week", drinker, []string{"6"}},
		{"lifestyle", "drinks-a-week", walker, nil},
		{"lifestyle", "active-week", walker, []string{"150"}},
	} {
		response, err := tree.Parse([]byte(`{"resourceType":"QuestionnaireResponse","status":"in-progress","item":[{"linkId":"section","item":[` + c.answers + `]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		e, err := path.Compile(calculated(t, c.survey)[c.item])
		if err != nil {
			t.Errorf("%s %s: %v", c.survey, c.item, err)
			continue
		}
		items, err := e.Eval(response, &path.Env{})
		var got []string
		for _, i := range items {
			got = append(got, i.String())
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s %s of %s: %v (%v), not %v", c.survey, c.item, c.answers, got, err, c.want)
		}
	}
}
