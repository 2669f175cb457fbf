package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Survey is a FHIR R4 Questionnaire as its author wrote it, and when it is asked.
type Survey struct {
	ID, URL string
	Title   Text
	Body    json.RawMessage
	Asked
}

// Asked is when a survey is asked: once, or again and again; at once, or some
// time after another one.
type Asked struct {
	Minutes      int    `yaml:"minutes"`       // that it takes; 0: not said
	RepeatMonths int    `yaml:"repeat_months"` // asked again so long after it was answered; 0: once
	After        string `yaml:"after"`         // id of a survey that comes before; "": none
	AfterMonths  int    `yaml:"after_months"`  // and so long before
}

// asking is an entry of surveys.yaml, whose order is that of the surveys.
type asking struct {
	ID    string `yaml:"id"`
	Asked `yaml:",inline"`
}

// readSurveys reads the Questionnaires and brings them into their order; those
// that surveys.yaml does not name stand last and are asked once.
func readSurveys(fsys fs.FS, s *Study) error {
	var plan struct {
		Surveys []asking `yaml:"surveys"`
	}
	names, err := fs.Glob(fsys, "surveys/*.json")
	if err != nil {
		return err
	}
	faults := []error{readYAML(fsys, "surveys.yaml", &plan)}
	found := map[string]Survey{}
	for _, name := range names {
		survey, err := readSurvey(fsys, name)
		faults = append(faults, err)
		found[survey.ID] = survey
		if !slices.ContainsFunc(plan.Surveys, func(a asking) bool { return a.ID == survey.ID }) {
			plan.Surveys = append(plan.Surveys, asking{ID: survey.ID})
		}
	}
	for _, a := range plan.Surveys {
		survey, ok := found[a.ID]
		if !ok {
			faults = append(faults, fmt.Errorf("surveys.yaml: there is no surveys/%s.json", a.ID))
		}
		survey.Asked = a.Asked
		s.Surveys = append(s.Surveys, survey)
	}
	return errors.Join(faults...)
}

func readSurvey(fsys fs.FS, name string) (Survey, error) {
	body, err := fs.ReadFile(fsys, name)
	if err != nil {
		return Survey{}, err
	}
	var head struct {
		ID, Title, URL string
		Translations   translated `json:"_title"`
	}
	if err := json.Unmarshal(body, &head); err != nil {
		return Survey{ID: strings.TrimSuffix(path.Base(name), ".json")}, inLine(name, body, err)
	}
	if head.ID+".json" != path.Base(name) {
		err = fmt.Errorf("%s: its id %q must be the file's name", name, head.ID)
	}
	return Survey{ID: head.ID, Title: head.Translations.text(head.Title), URL: head.URL, Body: body}, err
}

// surveys holds the plan to what can come to pass.
func (f *faults) surveys(all []Survey) {
	seen := map[string]bool{}
	for _, v := range all {
		f.unless(!seen[v.ID], "surveys.yaml: %s twice", v.ID)
		f.unless(v.Minutes >= 0 && v.RepeatMonths >= 0 && v.AfterMonths >= 0, "surveys.yaml: %s: minutes and months cannot be negative", v.ID)
		f.unless(v.After == "" || seen[v.After], "surveys.yaml: %s: the survey %q that it is asked after must stand before it", v.ID, v.After)
		f.unless(v.After != "" || v.AfterMonths == 0, "surveys.yaml: %s: after_months says nothing without after", v.ID)
		seen[v.ID] = true
	}
}
