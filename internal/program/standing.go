package program

import (
	"context"
	"fmt"
	"slices"
	"strings"

	study "tributary/config/program"
	"tributary/internal/survey"
)

// Standing is where somebody is in the study: everything that the rules say.
type Standing struct {
	Steps      []Step
	Tasks      []Task
	Milestones []Milestone
	Around     Around
}

// Step finds a step.
func (s Standing) Step(id string) (Step, bool) {
	for _, one := range s.Steps {
		if one.ID == id {
			return one, true
		}
	}
	return Step{}, false
}

// Standing evaluates the rules for a participant now.
func (s *Service) Standing(ctx context.Context, patient string) (Standing, error) {
	h, err := s.History(ctx, patient)
	if err != nil {
		return Standing{}, err
	}
	around, err := s.around(ctx, patient)
	if err != nil {
		return Standing{}, err
	}
	rules, now := &s.Study.Eligibility, s.Now()
	all := Standing{Steps: Steps(rules, h, around, now), Tasks: Tasks(rules, h, around, now), Milestones: Milestones(rules, h, now), Around: around}
	surveys, err := s.Surveys.Standing(ctx, patient)
	if step, known := all.Step("surveys"); known {
		all.Tasks = withSurveys(all.Tasks, surveys, step)
	}
	return all, err
}

// around looks at what depends on the moment.
func (s *Service) around(ctx context.Context, patient string) (a Around, err error) {
	visits, err := s.Calendar.Of(ctx, patient)
	a.Booked = Coming(visits)
	if err == nil && s.Connected != nil {
		a.Connected, err = s.Connected(ctx, patient)
	}
	return a, err
}

// Unmet is why a step of the study's rules cannot be taken by a participant now;
// empty when it can.
func (s *Service) Unmet(ctx context.Context, patient, step string) ([]Barrier, error) {
	all, err := s.Standing(ctx, patient)
	if err != nil {
		return nil, err
	}
	if one, known := all.Step(step); known {
		return one.Unmet, nil
	}
	return []Barrier{{Code: "unknown", Text: noSuchStep}}, nil
}

// withSurveys adds the surveys that there is something to do in, after the last one
// that is a step of its own.
func withSurveys(tasks []Task, surveys []survey.Standing, step Step) []Task {
	place := len(tasks)
	for i, t := range tasks {
		if strings.HasPrefix(t.ID, surveyTask) {
			place = i + 1
		}
	}
	for _, one := range surveys {
		id := surveyTask + one.Survey.ID
		if !one.ToDo() || slices.ContainsFunc(tasks, func(t Task) bool { return t.ID == id }) {
			continue
		}
		t := Task{ID: id, Title: answerText(one.Survey.Title), Text: minutesText(one.Survey.Minutes), State: Open, Link: "/surveys/" + one.Survey.ID}
		if !step.Eligible() {
			t.State, t.Reasons = Closed, step.Unmet
		}
		tasks = slices.Insert(tasks, place, t)
		place++
	}
	return tasks
}

// surveyTask begins the ids of tasks that are surveys.
const surveyTask = "survey:"

func answerText(title study.Text) study.Text {
	return study.Text{"en": "Answer “" + title.In("en") + "”", "es": "Responda «" + title.In("es") + "»"}
}

func minutesText(minutes int) study.Text {
	if minutes == 0 {
		return study.Text{"en": "You can stop and go on at any time.", "es": "Puede parar y seguir cuando quiera."}
	}
	return study.Text{"en": fmt.Sprintf("About %d minutes. You can stop and go on at any time.", minutes),
		"es": fmt.Sprintf("Unos %d minutos. Puede parar y seguir cuando quiera.", minutes)}
}
