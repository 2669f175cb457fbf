package survey

import (
	"context"
	"sync"
	"time"

	study "tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// Config is what the service needs.
type Config struct {
	Study   *study.Study
	Records *records.Service
	Consent *consent.Service
	Now     func() time.Time
}

// Service keeps answers.
type Service struct {
	Config
	mu    sync.Mutex
	ready map[string]loaded
}

// New returns the service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{Config: c, ready: map[string]loaded{}}
}

// Done is a survey that was answered.
type Done struct {
	What string    // the survey's id
	At   time.Time // when it was sent first; corrections do not move it
}

// job is who reads for the study what no person may read alone, and keeps files,
// which are in nobody's compartment.
func job() access.Actor { return access.Job("program", "HRESCH") }

// object and list are JSON in the making.
type (
	object = compose.Object
	list   = compose.List
)

func reference(typ, id string) object { return compose.Reference(typ, id) }

// instant is how times are written: UTC, so that they compare as text.
const instant = compose.Instant

// ofStudy is the search condition for what the study itself wrote: a provider's
// records hold QuestionnaireResponses, too, and apps write some.
func ofStudy() string { return records.OriginSystem + "|" + string(records.Survey) }

// loaded is a questionnaire that is ready.
type loaded struct {
	version int64
	at      time.Time
	q       *Questionnaire
}

// readyFor is how long the codes of value sets are taken from memory.
const readyFor = time.Minute

// Questionnaire reads a survey from its resource. NotFound: there is no such survey.
func (s *Service) Questionnaire(ctx context.Context, id string) (*Questionnaire, error) {
	if _, known := s.Study.Survey(id); !known {
		return nil, errs.New(errs.NotFound, "there is no such survey")
	}
	res, err := s.Records.Read(ctx, job(), "Questionnaire", id)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	known := s.ready[id]
	s.mu.Unlock()
	if known.q != nil && known.version == res.Version && s.Now().Sub(known.at) < readyFor {
		return known.q, nil
	}
	q, err := ParseQuestionnaire(res.Body)
	if err == nil {
		err = q.expand(ctx, s.Records.Vocabulary(job()), s.Study.Sites)
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready[id] = loaded{res.Version, s.Now(), q}
	return q, nil
}
