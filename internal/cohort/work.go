package cohort

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// The work lists.
const (
	WorkConnections = "connections" // a provider no longer gives access, or a pull lacks something
	WorkReconsent   = "reconsent"   // a consent has to be signed anew
	WorkLapsing     = "lapsing"     // the authorization to share records ends soon, or has ended
	WorkNoShow      = "noshow"      // did not come, and has no other visit
	WorkSamples     = "samples"     // ordered or collected samples that nobody has finished
	WorkDuplicates  = "duplicates"  // two accounts that look like one person
)

// WorkLists are the lists, in the order in which they are shown.
var WorkLists = []string{WorkConnections, WorkReconsent, WorkLapsing, WorkNoShow, WorkSamples, WorkDuplicates}

// Work is somebody on a list.
type Work struct {
	Patient string
	Since   time.Time // when it began; zero: not known
	What    string    // a code or an id: the provider, the kind of consent, the center, the state of a sample
	Why     string    // a code
	Other   string    // of a duplicate: the other account's Patient
	Score   float64   // of a duplicate: how sure it is
}

// mostWork bounds a list: who works on it begins with the oldest.
const mostWork = 200

// sources make the lists, of everybody.
var sources = map[string]func(s *Service, ctx context.Context, p *picture) ([]Work, error){
	WorkConnections: (*Service).connectionWork,
	WorkReconsent: func(s *Service, _ context.Context, p *picture) ([]Work, error) {
		return s.dueWork(p, func(d consent.Due) bool { return d.Why == consent.Changed }), nil
	},
	WorkLapsing: func(s *Service, _ context.Context, p *picture) ([]Work, error) {
		return s.dueWork(p, func(d consent.Due) bool { return d.Why != consent.Changed }), nil
	},
	WorkNoShow:     (*Service).missedWork,
	WorkSamples:    (*Service).sampleWork,
	WorkDuplicates: (*Service).duplicateWork,
}

// Work lists who is on a list, the oldest first. That staff were shown them is put on
// record. Who has left, in whatever way, is on none: that is asked anew each time.
func (s *Service) Work(ctx context.Context, staff access.Actor, list string) ([]Work, error) {
	work, err := s.work(ctx, list)
	if err != nil {
		return nil, err
	}
	var patients []string
	for _, w := range work {
		if patients = append(patients, w.Patient); w.Other != "" {
			patients = append(patients, w.Other)
		}
	}
	return work, s.Witness.Shown(ctx, staff, "the work list "+list, patients...)
}

// Counts are how many are on each list.
func (s *Service) Counts(ctx context.Context) (map[string]int, error) {
	out := map[string]int{}
	for _, list := range WorkLists {
		work, err := s.work(ctx, list)
		if err != nil {
			return nil, err
		}
		out[list] = len(work)
	}
	return out, nil
}

func (s *Service) work(ctx context.Context, list string) ([]Work, error) {
	source, known := sources[list]
	if !known {
		return nil, errs.New(errs.NotFound, "there is no such list")
	}
	p, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	all, err := source(s, ctx, p)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b Work) int {
		return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.Patient, b.Patient), strings.Compare(a.What, b.What))
	})
	return s.staying(ctx, p, all)
}

// staying leaves out who has left, closed the account or died, as of this moment.
func (s *Service) staying(ctx context.Context, p *picture, all []Work) ([]Work, error) {
	var out []Work
	for _, w := range all {
		here, err := s.here(ctx, p, w.Patient)
		if err == nil && here && w.Other != "" {
			here, err = s.here(ctx, p, w.Other)
		}
		if err != nil {
			return nil, err
		}
		if here {
			out = append(out, w)
		}
		if len(out) == mostWork {
			break
		}
	}
	return out, nil
}

func (s *Service) here(ctx context.Context, p *picture, patient string) (bool, error) {
	one := p.people[patient]
	if one == nil || !one.active {
		return false, nil
	}
	now, err := s.Consent.CurrentIn(ctx, s.Store, patient)
	return now.Contact, err
}

func (s *Service) connectionWork(ctx context.Context, p *picture) ([]Work, error) {
	all, err := s.everybody.Troubled(ctx, s.Store)
	var out []Work
	for _, c := range all {
		out = append(out, Work{Patient: c.Patient, Since: c.Updated, What: c.Provider, Why: cmp.Or(c.Reason, string(c.State))})
	}
	return out, err
}

func (s *Service) dueWork(p *picture, of func(consent.Due) bool) []Work {
	var out []Work
	for _, one := range p.people {
		for _, d := range s.Consent.DueOf(one.history.Consents) {
			if of(d) {
				out = append(out, Work{Patient: one.patient, Since: d.Before, What: string(d.Kind), Why: string(d.Why)})
			}
		}
	}
	return out
}

// missedFor is how long a visit that was missed stays on the list.
const missedFor = 90 * 24 * time.Hour

func (s *Service) missedWork(ctx context.Context, p *picture) ([]Work, error) {
	since := p.at.Add(-missedFor).UTC().Format(time.RFC3339)
	missed, coming := map[string]Work{}, map[string]bool{}
	query := []search.Pair{{Name: "date", Value: "ge" + since}, origin("program")}
	err := s.each(ctx, "Appointment", query, func(r store.Resource) error {
		v, err := appointment(r)
		switch {
		case err != nil:
			return err
		case v.Status == "noshow":
			missed[v.patient()] = Work{Patient: v.patient(), Since: v.Start, What: v.place(), Why: v.Status}
		case v.Status == "booked" || v.Status == "arrived" || v.Status == "fulfilled":
			coming[v.patient()] = true
		}
		return nil
	})
	var out []Work
	for patient, w := range missed {
		if !coming[patient] {
			out = append(out, w)
		}
	}
	return out, err
}

// visited is what is read of an Appointment.
type visited struct {
	Status      string
	Start       time.Time
	Participant []struct{ Actor struct{ Reference string } }
}

func appointment(r store.Resource) (v visited, err error) { return v, json.Unmarshal(r.Body, &v) }

func (v visited) patient() string { return v.actor("Patient/") }
func (v visited) place() string   { return v.actor("Location/") }

func (v visited) actor(kind string) string {
	for _, p := range v.Participant {
		if id, ok := strings.CutPrefix(p.Actor.Reference, kind); ok {
			return id
		}
	}
	return ""
}

// sampleWork are the orders of samples that are neither finished nor given up.
func (s *Service) sampleWork(ctx context.Context, p *picture) ([]Work, error) {
	var out []Work
	query := []search.Pair{{Name: "status", Value: "requested,received,accepted,ready,in-progress,on-hold"}, origin("program")}
	err := s.each(ctx, "Task", query, func(r store.Resource) error {
		var body struct {
			For            struct{ Reference string }
			BusinessStatus struct {
				Text   string
				Coding []struct{ Code string }
			}
			Status     string
			AuthoredOn time.Time
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			return err
		}
		patient, about := strings.CutPrefix(body.For.Reference, "Patient/")
		if !about {
			return nil
		}
		w := Work{Patient: patient, Since: body.AuthoredOn, What: body.Status}
		for _, c := range body.BusinessStatus.Coding {
			w.What = c.Code
		}
		out = append(out, w)
		return nil
	})
	return out, err
}
