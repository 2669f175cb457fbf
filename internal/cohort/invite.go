package cohort

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"tributary/config/program"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/jobs"
	"tributary/internal/news"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Criteria say whom to invite to which study: a FHIR search over Patients, such as
// birthdate=lt1970-01-01&_has:Condition:patient:code=38341003.
type Criteria struct {
	Study string
	Query string
}

// searchTime bounds the search of a preview.
const searchTime = 20 * time.Second

// longestQuery bounds what is read as criteria.
const longestQuery = 2000

// Preview counts roughly whom the criteria find that can be invited: those who take
// part, are written to, and were not invited to the study before. form.Faults says what
// is not understood of the criteria. That staff asked is put on record, with the criteria.
func (s *Service) Preview(ctx context.Context, staff access.Actor, c Criteria) (Cell, error) {
	if err := s.Witness.Shown(ctx, staff, "a count of whom to invite to "+c.Study+" by "+c.Query); err != nil {
		return Cell{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	found, err := s.wanted(ctx, c)
	return Rough(s.Secret, found), err
}

// wanted are the Patients whom criteria find and who can be invited.
func (s *Service) wanted(ctx context.Context, c Criteria) ([]string, error) {
	query, err := s.criteria(c)
	if err != nil {
		return nil, err
	}
	p, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	invited, err := s.invited(ctx, c.Study)
	if err != nil {
		return nil, err
	}
	var found []string
	err = s.each(ctx, "Patient", query, func(r store.Resource) error {
		one := p.people[r.ID]
		if _, before := invited[r.ID]; one != nil && one.counted() && one.now.Research && one.now.Contact && !before {
			found = append(found, r.ID)
		}
		return nil
	})
	return found, asFault(err)
}

// criteria reads the query. Only what selects is taken: how a client wants its
// results is not asked here.
func (s *Service) criteria(c Criteria) ([]search.Pair, error) {
	var f form.Faults
	o, known := s.Study.Outreach.OtherStudy(c.Study)
	f.Unless(known && !o.Closed, "study", "Choose a study that invites people.")
	text := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(c.Query), "Patient"), "?")
	f.Unless(len(text) <= longestQuery, "query", "Write shorter criteria.")
	pairs, err := records.Pairs(text)
	f.Unless(err == nil, "query", "Write criteria such as birthdate=lt1970-01-01&gender=female.")
	selects := !slices.ContainsFunc(pairs, func(p search.Pair) bool {
		return strings.HasPrefix(p.Name, "_") && !strings.HasPrefix(p.Name, "_has:") && p.Name != "_lastUpdated"
	})
	f.Unless(selects, "query", "Leave out what begins with _, but for _has and _lastUpdated.")
	if f.Err() != nil {
		return nil, f.Err()
	}
	_, err = s.registry.ParseQuery("Patient", pairs, search.Options{DefaultCount: 1, MaxCount: 1})
	return pairs, asFault(err)
}

// asFault says at the field what of the criteria is not understood.
func asFault(err error) error {
	if len(search.Faults(err)) > 0 {
		return form.Faults{{Field: "query", Text: "The criteria are not understood. Look at the names and the values of each."}}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return form.Faults{{Field: "query", Text: "This takes too long to count. Narrow the criteria down."}}
	}
	return err
}

// InviteArgs are the arguments of the job that invites.
type InviteArgs struct {
	Study string `json:"study"`
	Query string `json:"query"`
}

// Kind implements river.JobArgs.
func (InviteArgs) Kind() string { return "cohort_invite" }

// inviteTimeout bounds one run; another goes on with those who are left.
const inviteTimeout = time.Hour

// Queue enqueues jobs in a transaction.
type Queue = news.Queue

// Register gives the queue the work of this package.
func (s *Service) Register(q *jobs.Queue) error {
	return jobs.Add(q, inviteTimeout, func(ctx context.Context, j *river.Job[InviteArgs]) error { return s.Spread(ctx, j.Args) })
}

// Send invites everybody whom the criteria find, in the background. Faults are as for
// Preview. Who sent it, and by what criteria, is put on record.
func (s *Service) Send(ctx context.Context, staff access.Actor, c Criteria) error {
	if staff.Role != access.StudyStaff {
		return errs.New(errs.Forbidden, "this is for the study's staff")
	}
	if _, err := s.criteria(c); err != nil {
		return err
	}
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := s.Witness.Did(ctx, tx, staff, "invited to "+c.Study+" by "+c.Query); err != nil {
			return err
		}
		return s.Queue.Enqueue(ctx, tx, InviteArgs(c), nil)
	})
}

// Spread invites those whom the criteria find. Run again, it goes on with those who
// were not invited yet; who left meanwhile is passed over.
func (s *Service) Spread(ctx context.Context, a InviteArgs) error {
	found, err := s.wanted(ctx, Criteria(a))
	if err != nil {
		return err
	}
	for _, patient := range found {
		_, err := s.News.Invite(ctx, patient, a.Study)
		if err != nil && !errors.Is(err, news.ErrNotContacted) && !errs.Is(err, errs.Forbidden) {
			return err
		}
	}
	return nil
}

// invited are how those stand who were invited to a study, by Patient.
func (s *Service) invited(ctx context.Context, study string) (map[string]news.Status, error) {
	out := map[string]news.Status{}
	query := []search.Pair{{Name: "study", Value: "ResearchStudy/" + study}, origin("program")}
	err := s.each(ctx, "ResearchSubject", query, func(r store.Resource) error {
		var body struct {
			Status     news.Status
			Individual struct{ Reference string }
		}
		err := json.Unmarshal(r.Body, &body)
		out[strings.TrimPrefix(body.Individual.Reference, "Patient/")] = body.Status
		return err
	})
	return out, err
}

// Invited is how far invitations to a study have come, as a funnel by group.
type Invited struct {
	Study  program.OtherStudy
	Total  []Cell // sent, accepted, joined
	Groups []Breakdown
}

// invitedSteps are the steps of an invitation.
const invitedSteps = 3

// Invited counts the invitations to each study.
func (s *Service) Invited(ctx context.Context, staff access.Actor) ([]Invited, error) {
	p, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	var out []Invited
	for _, o := range s.Study.Outreach.Studies {
		one, err := s.invitedTo(ctx, p, o)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, s.Witness.Shown(ctx, staff, "how invitations stand")
}

func (s *Service) invitedTo(ctx context.Context, p *picture, o program.OtherStudy) (Invited, error) {
	statuses, err := s.invited(ctx, o.ID)
	if err != nil {
		return Invited{}, err
	}
	people := slices.DeleteFunc(p.inOrder(), func(one *person) bool { return statuses[one.patient] == "" })
	reached := func(one *person, _ time.Time) int { return statuses[one.patient].Step() }
	v := Invited{Study: o}
	counts := make([]int64, invitedSteps)
	for _, one := range people {
		counts[reached(one, p.at)]++
	}
	v.Total = Suppress([][]int64{counts}).Total
	for _, g := range s.Study.Outreach.Groups {
		v.Groups = append(v.Groups, s.breakdown(g, p.at, people, reached, invitedSteps))
	}
	return v, nil
}
