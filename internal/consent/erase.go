package consent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/jobs"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Erase destroys what the study has of a person, where the law asks for it: they
// have left, and their records go, with every earlier version and index row. What
// proves the consent and the leaving stays for as long as the law says, and so does
// the audit.
func (s *Service) Erase(ctx context.Context, actor access.Actor, patient, reason string) error {
	if err := staffed(actor, reason); err != nil {
		return err
	}
	g := Signing{Patient: patient, Kind: Participation, Witness: Witness{Staff: actor.ID, Site: actor.Site}, Reason: reason}
	err := s.decide(ctx, patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if p.Erased {
			return errs.New(errs.Conflict, "that has been asked for already")
		}
		if !p.Withdrawn {
			leave := g
			leave.Kind = Research
			if err := s.takeBack(ctx, tx, leave, Withdraw, s.hooks[Withdraw]); err != nil {
				return err
			}
		}
		at := s.Now().UTC()
		if err := s.event(ctx, tx, entry{Signing: g, Decision: Erase, At: at}, ""); err != nil {
			return err
		}
		if s.queue != nil {
			if err := s.queue.Enqueue(ctx, tx.Store(), EraseArgs{patient}, nil); err != nil {
				return err
			}
		}
		return follow(ctx, tx, s.hooks[Erase], patient, Erase, at)
	})
	if err == nil {
		s.noteLeft(patient, Erase)
	}
	return err
}

// OnErase registers what happens with an erasure, in its transaction.
func (s *Service) OnErase(hooks ...Hook) { s.on(Erase, hooks) }

// EraseArgs asks to destroy the records of a person who has left.
type EraseArgs struct {
	Patient string `json:"patient"`
}

// Kind names the work in the queue.
func (EraseArgs) Kind() string { return "consent_erase" }

var _ river.JobArgs = EraseArgs{}

// eraseTimeout bounds one run; a run that is cut off goes on with the rest.
const eraseTimeout = 30 * time.Minute

func (s *Service) registerErasure(q *jobs.Queue) error {
	return jobs.Add(q, eraseTimeout, func(ctx context.Context, j *river.Job[EraseArgs]) error {
		err := s.Destroy(ctx, j.Args.Patient)
		if errors.Is(err, ErrHeld) {
			return river.JobSnooze(heldFor)
		}
		return err
	})
}

// ErrHeld: a legal hold keeps the records; it wins over the erasure.
var ErrHeld = errs.New(errs.Conflict, "a legal hold keeps these records")

// heldFor is after how long an erasure that a hold has put off is tried again.
const heldFor = 24 * time.Hour

// held reports whether a person's records are on legal hold.
func (s *Service) held(ctx context.Context, patient string) (bool, error) {
	holds, err := tables.Retention{}.Held(ctx, s.Store)
	return slices.ContainsFunc(holds, func(h store.LegalHold) bool { return h.Patient == patient }), err
}

// atOnce is how many resources are destroyed in a transaction.
const atOnce = 100

// Destroy destroys the records of somebody for whom Erase was called, page by page.
func (s *Service) Destroy(ctx context.Context, patient string) error {
	p, err := s.Current(ctx, patient)
	if err != nil || !p.Erased {
		return err
	}
	if held, err := s.held(ctx, patient); err != nil || held {
		return cmp.Or(err, error(ErrHeld))
	}
	for _, typ := range store.TypeNames() {
		for more := typ != "Patient" && access.ClassOf(typ) == access.InPatient; more && err == nil; {
			more, err = s.destroyPage(ctx, typ, patient)
		}
	}
	if err != nil {
		return err
	}
	return s.records.Write(ctx, eraser(), func(ctx context.Context, tx *records.Tx) error { return s.namelessPatient(ctx, tx, patient) })
}

func eraser() access.Actor { return access.Job("erasure", "HOPERAT") }

// evidence are the types in which a decision is kept; what of them the study itself
// wrote stays.
var evidence = map[string]bool{"Consent": true, "Provenance": true, "DocumentReference": true}

// destroyPage destroys some resources of a type; more tells that there may be others.
func (s *Service) destroyPage(ctx context.Context, typ, patient string) (more bool, err error) {
	query := search.Query{Type: typ, Count: atOnce, Where: s.theirs(typ, patient)}
	if len(query.Where) == 0 {
		return false, nil
	}
	err = s.records.Write(ctx, eraser(), func(ctx context.Context, tx *records.Tx) error {
		page, err := tx.Search(ctx, query, nil)
		if err != nil {
			return err
		}
		more = len(page.Resources) == atOnce
		var gone []search.Key
		for _, r := range page.Resources {
			if err := tx.Delete(ctx, r.Type, r.ID); err != nil {
				return err
			}
			gone = append(gone, r.Key())
		}
		return tables.Versions{}.Purge(ctx, tx.Store(), gone)
	})
	return more, err
}

// theirs is the condition on what is destroyed of a type.
func (s *Service) theirs(typ, patient string) []search.Clause {
	param, ok := access.Membership(search.Base(), typ)
	if !ok {
		return nil
	}
	where := []search.Clause{{Param: param.Rows(), AnyOf: []search.Value{search.ReferenceValue{Targets: []int64{int64(search.KeyOf("Patient", patient))}}}}}
	if tag, ok := search.Base().Lookup(typ, "_tag"); ok && evidence[typ] {
		own := search.TokenValue{Hash: search.TokenHash(records.OriginSystem, string(records.Program))}
		where = append(where, search.Clause{Param: tag.Rows(), AnyOf: []search.Value{own}, Not: true})
	}
	return where
}

// namelessPatient leaves of the Patient that there was one: what is kept refers to
// it. The account goes, with the codes that stood for the person in research.
func (s *Service) namelessPatient(ctx context.Context, tx *records.Tx, patient string) error {
	body, err := json.Marshal(object{"resourceType": "Patient", "id": patient, "active": false})
	if err != nil {
		return err
	}
	if _, err := tx.Put(ctx, records.Draft{Type: "Patient", ID: patient, JSON: body}); err != nil {
		return err
	}
	if err := (tables.Retention{}).ForgetAccount(ctx, tx.Store(), patient); err != nil {
		return err
	}
	return tables.Versions{}.Purge(ctx, tx.Store(), []search.Key{search.KeyOf("Patient", patient)})
}
