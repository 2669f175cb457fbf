package cohort

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tributary/config/program"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/consent"
	journey "tributary/internal/program"
	"tributary/internal/store"
)

// fresh is how old a picture may be that is shown.
const fresh = 5 * time.Minute

// picture is everybody as they were at a time.
type picture struct {
	at     time.Time
	people map[string]*person
}

// person is what counts are made of, and nothing that says who it is but the id.
type person struct {
	patient string
	joined  time.Time
	history journey.History
	now     consent.Permissions
	born    string
	answers map[string][]string // by question of the groupings
	active  bool                // false: the account was joined to another of the same person
	who     string              // folded name and birth date
}

// counted reports whether a person is in counts: whoever has left is not, nor an
// account that stands for another.
func (p *person) counted() bool { return p.active && !p.now.Withdrawn && !p.now.Deceased }

// look is a picture that is fresh; one is made if there is none.
func (s *Service) look(ctx context.Context) (*picture, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken != nil && s.Now().Sub(s.taken.at) < fresh {
		return s.taken, nil
	}
	p, err := s.take(ctx)
	if err == nil {
		s.taken = p
	}
	return p, err
}

// again lets the next look make a picture anew: something was decided.
func (s *Service) again() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = nil
}

func (s *Service) take(ctx context.Context) (*picture, error) {
	p := &picture{at: s.Now(), people: map[string]*person{}}
	joined, err := s.everybody.Joined(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	events, err := s.Consent.Everyone(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	for _, a := range joined {
		e := events[a.Patient]
		p.people[a.Patient] = &person{patient: a.Patient, joined: a.Created, answers: map[string][]string{}, active: true,
			history: journey.History{Consents: e}, now: consent.Current(e, p.at)}
	}
	for _, read := range []func(context.Context, *picture) error{s.readPatients, s.readAnswers, s.readVisits} {
		if err := read(ctx, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (s *Service) readPatients(ctx context.Context, p *picture) error {
	return s.each(ctx, "Patient", nil, func(r store.Resource) error {
		one := p.people[r.ID]
		if one == nil {
			return nil
		}
		var body struct {
			Active            *bool
			Gender, BirthDate string
			Name              []struct {
				Family string
				Given  []string
			}
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			return err
		}
		one.active, one.born = body.Active == nil || *body.Active, body.BirthDate
		one.answers[string(program.SourceSex)] = []string{body.Gender}
		for _, n := range body.Name[:min(1, len(body.Name))] {
			one.who = body.BirthDate + " " + search.Fold(strings.Join(n.Given, " ")+" "+n.Family)
		}
		return nil
	})
}

// origin is the tag of what the service itself wrote.
func origin(from string) search.Pair {
	return search.Pair{Name: "_tag", Value: access.OriginSystem + "|" + from}
}

func (s *Service) readAnswers(ctx context.Context, p *picture) error {
	query := []search.Pair{{Name: "status", Value: "completed,amended"}, origin("survey"), {Name: "_sort", Value: "authored"}}
	return s.each(ctx, "QuestionnaireResponse", query, func(r store.Resource) error {
		var body response
		if err := json.Unmarshal(r.Body, &body); err != nil {
			return err
		}
		one := p.people[strings.TrimPrefix(body.Subject.Reference, "Patient/")]
		if one == nil {
			return nil
		}
		canonical, _, _ := strings.Cut(body.Questionnaire, "|")
		i := slices.IndexFunc(s.Study.Surveys, func(v program.Survey) bool { return v.URL == canonical })
		if i >= 0 {
			one.history.Surveys = append(one.history.Surveys, journey.Done{What: s.Study.Surveys[i].ID, At: body.Authored})
			s.answered(one, body.Item)
		}
		return nil
	})
}

// response is what is read of a QuestionnaireResponse.
type response struct {
	Questionnaire string
	Authored      time.Time
	Subject       struct{ Reference string }
	Item          []answered
}

type answered struct {
	LinkID string `json:"linkId"`
	Answer []struct {
		ValueCoding struct{ Code string }
		ValueString string
	}
	Item []answered
}

// answered notes the answers to the questions of groupings; later ones replace earlier.
func (s *Service) answered(p *person, items []answered) {
	for _, it := range items {
		if slices.ContainsFunc(s.Study.Outreach.Groups, func(g program.Grouping) bool { return g.Question == it.LinkID && it.LinkID != "" }) {
			var codes []string
			for _, a := range it.Answer {
				codes = append(codes, a.ValueCoding.Code+a.ValueString)
			}
			p.answers[it.LinkID] = codes
		}
		s.answered(p, it.Item)
	}
}

func (s *Service) readVisits(ctx context.Context, p *picture) error {
	query := []search.Pair{{Name: "status", Value: "fulfilled"}, origin("program")}
	return s.each(ctx, "Appointment", query, func(r store.Resource) error {
		var body struct {
			Participant []struct{ Actor struct{ Reference string } }
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			return err
		}
		for _, a := range body.Participant {
			if one := p.people[strings.TrimPrefix(a.Actor.Reference, "Patient/")]; one != nil {
				one.history.Measured = append(one.history.Measured, r.Updated.Truncate(time.Second))
			}
		}
		return nil
	})
}

// age is the completed years at a time; -1 where the birth date is not known.
func (p *person) age(at time.Time) int {
	born, err := time.Parse(time.DateOnly, p.born)
	if err != nil {
		return -1
	}
	years := at.Year() - born.Year()
	if at.Before(born.AddDate(years, 0, 0)) {
		years--
	}
	return years
}

// level is where a grouping puts the person; -1: not told.
func (p *person) level(g program.Grouping, at time.Time) int {
	question := g.Question
	if g.Source == program.SourceSex {
		question = string(program.SourceSex)
	}
	return g.Level(p.age(at), p.answers[question])
}
