package ingest

import (
	"context"
	"errors"

	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// A connection is held when the provider's patient does not look like the
// participant, cannot be read, or has been claimed by another account. People do
// pick the wrong record: a child's, whose proxy they are, or a spouse's. Staff
// find out whose it is and decide; until then it stays on their list, even if
// the participant has connected anew or left meanwhile.

// Accepted is the reason of an active connection whose differing demographics
// staff have accepted.
const Accepted = "accepted"

// Decision is what a member of staff decides about a held connection.
type Decision struct {
	Connection string
	Accept     bool   // the record is the participant's
	Reason     string // in words
	By         string // the member of staff's id
}

// Witness writes a decision to the audit trail, within its transaction; patients
// are the participants whom it concerns.
type Witness func(ctx context.Context, tx store.Tx, patients []string) error

// Decide ends the holding of a connection. Accepted, it is pulled: without the
// comparison that held it, or, when another account had claimed the record, after
// that account has lost it. Refused, it is stopped and the claim given up. One
// that has ended meanwhile can only be refused, which closes it.
func (s *Service) Decide(ctx context.Context, d Decision, witness Witness) error {
	return s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		c, err := s.undecided(ctx, tx.Store(), d.Connection)
		if err != nil {
			return err
		}
		concerned := []string{c.Patient}
		if d.Accept {
			concerned, err = s.accept(ctx, tx, c, d)
		} else {
			err = s.refuse(ctx, tx, c, d)
		}
		if err != nil {
			return err
		}
		return witness(ctx, tx.Store(), concerned)
	})
}

func (s *Service) undecided(ctx context.Context, db store.Tx, id string) (store.Connection, error) {
	c, err := s.claimed(ctx, db, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return c, errs.Wrap(err, errs.NotFound, "there is no such connection")
	case err == nil && !waits(c):
		return c, errs.New(errs.Conflict, "the connection is not held any more")
	}
	return c, err
}

// waits reports whether a connection was held and nobody has decided on it.
func waits(c store.Connection) bool { return c.Held != "" && c.Decision.Verdict == "" }

func (s *Service) accept(ctx context.Context, tx *records.Tx, c store.Connection, d Decision) (concerned []string, err error) {
	db := tx.Store()
	if c.State != store.ConnectionHeld {
		return nil, errs.New(errs.Conflict, "the participant has connected again, or stopped sharing, since; this connection can only be closed")
	}
	concerned = []string{c.Patient}
	owner, err := s.connections.Identify(ctx, db, c.Identity, c.Patient, tx.Now())
	if err == nil && owner != c.Patient {
		concerned = append(concerned, owner)
		err = s.transfer(ctx, tx, c, owner, d)
	}
	if err == nil {
		err = s.decided(ctx, tx, c, d, store.VerdictAccepted)
	}
	reason := Accepted
	if c.Held == ReasonDuplicate {
		reason = "" // the person has not been compared yet
	}
	if err == nil {
		err = s.connections.SetState(ctx, db, c.ID, store.ConnectionActive, reason, tx.Now())
	}
	if err != nil {
		return nil, err
	}
	last, err := s.pulls.Latest(ctx, db, c.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return concerned, s.enqueuePull(ctx, db, c, last.ID, everything)
}

func (s *Service) refuse(ctx context.Context, tx *records.Tx, c store.Connection, d Decision) error {
	if err := s.decided(ctx, tx, c, d, store.VerdictRefused); err != nil || c.State != store.ConnectionHeld {
		return err
	}
	if c.Held != ReasonDuplicate { // else the claim is another account's, and so is what was stored
		if err := s.disown(ctx, tx, c, c.Patient); err != nil {
			return err
		}
	}
	return s.stop(ctx, tx.Store(), c, ReasonRefused, tx.Now())
}

func (s *Service) decided(ctx context.Context, tx *records.Tx, c store.Connection, d Decision, v store.Verdict) error {
	return s.connections.Decide(ctx, tx.Store(), c.ID, store.Decision{Verdict: v, Reason: d.Reason, By: d.By, At: tx.Now()})
}

// transfer takes a provider's patient from the account that claimed it first.
func (s *Service) transfer(ctx context.Context, tx *records.Tx, c store.Connection, owner string, d Decision) error {
	all, err := s.connections.OfIdentity(ctx, tx.Store(), c.Identity)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.Patient != owner {
			continue
		}
		if waits(e) {
			err = s.decided(ctx, tx, e, d, store.VerdictRefused)
		}
		if err == nil && e.State != store.ConnectionStopped {
			err = s.stop(ctx, tx.Store(), e, ReasonRefused, tx.Now())
		}
		if err != nil {
			return err
		}
	}
	if err := s.disown(ctx, tx, c, owner); err != nil {
		return err
	}
	_, err = s.connections.Identify(ctx, tx.Store(), c.Identity, c.Patient, tx.Now())
	return err
}
