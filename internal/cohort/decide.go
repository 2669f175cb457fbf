package cohort

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/store"
)

// The kinds of what two of staff decide.
const (
	Withdrawing = "withdraw"
	Deceasing   = "deceased"
	Merging     = "merge"
	Parting     = "part" // takes a merge back
)

// The states of a decision.
const (
	Pending  = "pending"
	Approved = "approved"
	Denied   = "denied"
)

// Decision is asked for by one member of staff and decided by another.
type Decision struct {
	ID, Kind, Patient string
	Evidence          string
	On                time.Time // day of a death; zero: not known
	Other             string    // of a merge: the Patient that the participant also is, and that stands from then on
	AskedBy           string
	Asked             time.Time
	State             string
	By                string
	Reason            string
	Decided           time.Time
}

// detail is the sealed part of what is asked for.
type detail struct {
	Evidence string    `json:"evidence"`
	On       time.Time `json:"on,omitzero"`
	Other    string    `json:"other,omitempty"`
}

// act is what a kind of decision does; on asking and on denial, nothing where nil.
type act struct {
	check, ask, deny, approve func(s *Service, ctx context.Context, staff access.Actor, d Decision) error
}

// acts are the kinds of decisions.
var acts = map[string]act{
	Withdrawing: {
		approve: func(s *Service, ctx context.Context, staff access.Actor, d Decision) error {
			return s.Consent.WithdrawOnEvidence(ctx, staff, d.Patient, d.Evidence)
		},
	},
	Deceasing: {
		ask: func(s *Service, ctx context.Context, staff access.Actor, d Decision) error {
			return s.Consent.ReportDeath(ctx, staff, d.Patient, d.Evidence)
		},
		deny: func(s *Service, ctx context.Context, staff access.Actor, d Decision) error {
			return s.Consent.DenyDeath(ctx, staff, d.Patient, d.Reason)
		},
		approve: func(s *Service, ctx context.Context, staff access.Actor, d Decision) error {
			return s.Consent.Deceased(ctx, staff, d.Patient, d.On, d.Evidence)
		},
	},
	Merging: {check: (*Service).mergeable, approve: (*Service).merge},
	Parting: {check: (*Service).mergeable, approve: (*Service).unmerge},
}

// longest is what staff may write of a decision, in characters.
const longest = 2000

// Ask asks for a decision about a participant, on evidence. Nothing happens to the
// participant until somebody else approves; a reported death only stops contact and
// collection meanwhile. form.Faults tells what to write. errs.Conflict: it is asked
// for already, or makes no sense any more.
func (s *Service) Ask(ctx context.Context, staff access.Actor, d Decision) (id string, err error) {
	a, known := acts[d.Kind]
	if staff.Role != access.StudyStaff || staff.ID == "" {
		return "", errs.New(errs.Forbidden, "this is for the study's staff")
	}
	if !known {
		return "", form.Faults{{Field: "kind", Text: "Choose what is to happen."}}
	}
	d.Evidence = strings.TrimSpace(d.Evidence)
	if err := s.complete(d); err != nil {
		return "", err
	}
	if err := s.standing(ctx, staff, d); err != nil {
		return "", err
	}
	if a.check != nil {
		if err := a.check(s, ctx, staff, d); err != nil {
			return "", err
		}
	}
	d.ID, d.State, d.AskedBy, d.Asked = rand.Text(), Pending, staff.ID, s.Now()
	if err := s.keep(ctx, staff, d); err != nil {
		return "", err
	}
	if a.ask != nil {
		return d.ID, a.ask(s, ctx, staff, d)
	}
	return d.ID, nil
}

// complete tells what is missing of what is asked for.
func (s *Service) complete(d Decision) error {
	var f form.Faults
	f.Unless(d.Evidence != "", "evidence", "Write what shows it: a letter, a call, a certificate, and when it came.")
	f.Unless(utf8.ValidString(d.Evidence) && utf8.RuneCountInString(d.Evidence) <= longest, "evidence", "Write it in 2,000 characters at most.")
	f.Unless(!d.On.After(s.Now()), "on", "Give a day that has been.")
	return f.Err()
}

// standing refuses to decide about who has left, or is not there for the staff.
func (s *Service) standing(ctx context.Context, staff access.Actor, d Decision) error {
	if _, err := s.Records.Read(ctx, staff, "Patient", d.Patient); err != nil {
		return err
	}
	now, err := s.Consent.CurrentIn(ctx, s.Store, d.Patient)
	if err == nil && (now.Withdrawn || d.Kind == Deceasing && (now.Deceased || now.DeathPending)) {
		return errs.New(errs.Conflict, "this has been decided about the participant already")
	}
	return err
}

func (s *Service) keep(ctx context.Context, staff access.Actor, d Decision) error {
	plain, err := json.Marshal(detail{d.Evidence, d.On, d.Other})
	if err != nil {
		return err
	}
	row := store.StaffDecision{ID: d.ID, Kind: d.Kind, Patient: d.Patient, AskedBy: d.AskedBy, Asked: d.Asked, State: d.State}
	if row.Detail, err = s.Sealer.Seal(plain, aad("detail", d.ID)); err != nil {
		return err
	}
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := s.decisions.Add(ctx, tx, row); err != nil {
			return err
		}
		return s.Witness.Did(ctx, tx, staff, "asked to decide: "+d.Kind, d.Patient)
	})
	if errors.Is(err, store.ErrStale) {
		return errs.New(errs.Conflict, "somebody has asked for this already; it waits for a second person")
	}
	return err
}

func aad(what, id string) []byte { return []byte("staff decision " + what + " " + id) }

// Decide is the second person's part: approved, it is carried out. It cannot be whoever
// asked. form.Faults: a denial needs a reason. errs.Conflict: it is decided already.
func (s *Service) Decide(ctx context.Context, staff access.Actor, id string, approve bool, reason string) error {
	d, err := s.decision(ctx, id)
	if err != nil {
		return err
	}
	if d.Reason = strings.TrimSpace(reason); !approve && d.Reason == "" || utf8.RuneCountInString(d.Reason) > longest {
		return form.Faults{{Field: "reason-" + id, Text: "Write why, in 2,000 characters at most."}}
	}
	switch {
	case staff.Role != access.StudyStaff || staff.ID == "":
		return errs.New(errs.Forbidden, "this is for the study's staff")
	case staff.ID == d.AskedBy:
		return errs.New(errs.Forbidden, "a second person decides: you have asked for this yourself")
	case d.State == Approved && approve && !s.done(ctx, d):
		if err := s.decisions.Reopen(ctx, s.Store, d.ID, d.By); err != nil { // its process died
			return err
		}
	case d.State != Pending:
		return errs.New(errs.Conflict, "this has been decided already")
	}
	d.State, d.By, d.Decided = map[bool]string{true: Approved, false: Denied}[approve], staff.ID, s.Now()
	return s.settle(ctx, staff, d)
}

// settle notes a decision and carries it out. What cannot be carried out is pending
// again; what a process could not finish that died is finished by deciding once more.
func (s *Service) settle(ctx context.Context, staff access.Actor, d Decision) error {
	defer s.again()
	if err := s.note(ctx, staff, d); err != nil {
		return err
	}
	do := acts[d.Kind].approve
	if d.State == Denied {
		do = acts[d.Kind].deny
	}
	if do == nil {
		return nil
	}
	err := do(s, ctx, staff, d)
	if err == nil || s.done(ctx, d) {
		return nil
	}
	return errors.Join(err, s.decisions.Reopen(ctx, s.Store, d.ID, d.By))
}

// note keeps what the second person decided, and that they did.
func (s *Service) note(ctx context.Context, staff access.Actor, d Decision) error {
	reason, err := s.Sealer.Seal([]byte(d.Reason), aad("reason", d.ID))
	if err != nil {
		return err
	}
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := s.decisions.Settle(ctx, tx, store.StaffDecision{ID: d.ID, State: d.State, By: d.By, Reason: reason, Decided: d.Decided}); err != nil {
			return err
		}
		return s.Witness.Did(ctx, tx, staff, d.State+": "+d.Kind, d.Patient)
	})
	if errors.Is(err, store.ErrStale) {
		return errs.New(errs.Conflict, "somebody has decided this already")
	}
	return err
}

// done reports whether what was approved has happened: by an earlier try, or because
// the participant did it first.
func (s *Service) done(ctx context.Context, d Decision) bool {
	now, err := s.Consent.CurrentIn(ctx, s.Store, d.Patient)
	if err != nil {
		return false
	}
	switch d.Kind + " " + d.State {
	case Withdrawing + " " + Approved:
		return now.Withdrawn
	case Deceasing + " " + Approved:
		return now.Deceased || now.Withdrawn
	case Deceasing + " " + Denied:
		return !now.DeathPending && !now.Deceased
	case Merging + " " + Approved, Parting + " " + Approved:
		joined, err := s.joined(ctx, d)
		return err == nil && joined == (d.Kind == Merging)
	}
	return false
}

// Waiting lists the decisions that wait for a second person, the newest first.
func (s *Service) Waiting(ctx context.Context, staff access.Actor) ([]Decision, error) {
	rows, err := s.decisions.Latest(ctx, s.Store, Pending, mostWork)
	if err != nil {
		return nil, err
	}
	out, patients := make([]Decision, len(rows)), make([]string, len(rows))
	for i, row := range rows {
		if out[i], err = s.open(row); err != nil {
			return nil, err
		}
		patients[i] = row.Patient
	}
	return out, s.Witness.Shown(ctx, staff, "decisions that wait", patients...)
}

// DecidedAbout lists the decisions about a participant, the newest first.
func (s *Service) DecidedAbout(ctx context.Context, patient string) ([]Decision, error) {
	rows, err := s.decisions.Of(ctx, s.Store, patient)
	if err != nil {
		return nil, err
	}
	out := make([]Decision, len(rows))
	for i, row := range rows {
		if out[i], err = s.open(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) decision(ctx context.Context, id string) (Decision, error) {
	row, err := s.decisions.ByID(ctx, s.Store, id)
	if errors.Is(err, store.ErrNotFound) {
		return Decision{}, errs.New(errs.NotFound, "there is no such decision")
	}
	if err != nil {
		return Decision{}, err
	}
	return s.open(row)
}

// open reads a row, with what is sealed in it.
func (s *Service) open(row store.StaffDecision) (Decision, error) {
	d := Decision{ID: row.ID, Kind: row.Kind, Patient: row.Patient, AskedBy: row.AskedBy, Asked: row.Asked, State: row.State, By: row.By, Decided: row.Decided}
	plain, err := s.Sealer.Open(row.Detail, aad("detail", row.ID))
	if err != nil {
		return d, err
	}
	var about detail
	if err := json.Unmarshal(plain, &about); err != nil {
		return d, err
	}
	d.Evidence, d.On, d.Other = about.Evidence, about.On, about.Other
	if row.Reason == nil {
		return d, nil
	}
	plain, err = s.Sealer.Open(row.Reason, aad("reason", row.ID))
	d.Reason = string(plain)
	return d, err
}
