package measurement

import (
	"context"
	"strings"
	"unicode/utf8"

	"tributary/fhir/compose"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// LongestReason bounds what staff write of a correction, in characters.
const LongestReason = 500

// Find is one set of the staff's site.
func (s *Service) Find(ctx context.Context, staff access.Actor, id string) (Set, error) {
	res, err := s.Records.Read(ctx, staff, "DiagnosticReport", id)
	if err != nil {
		return Set{}, err
	}
	head, err := readReport(res)
	if err != nil {
		return Set{}, err
	}
	if head.Site != staff.Site || head.Visit == "" {
		return Set{}, errs.New(errs.NotFound, "there are no such measurements at this center")
	}
	all, err := s.Of(ctx, staff, head.Patient)
	for _, set := range all {
		if set.ID == id {
			return set, err
		}
	}
	if err == nil {
		err = errs.New(errs.NotFound, "there are no such measurements at this center")
	}
	return Set{}, err
}

// Amend keeps corrected measurements: a set of its own that names the one that it
// stands in for, which becomes entered-in-error. Both stay readable, with every
// version of theirs. The time of measuring stays.
func (s *Service) Amend(ctx context.Context, staff access.Actor, id string, session Session, reason string) error {
	return s.correct(ctx, staff, id, reason, func(ctx context.Context, tx *records.Tx, old Set, reason string) error {
		if err := s.takesPart(ctx, tx, old.Patient); err != nil {
			return err
		}
		return s.put(ctx, tx, Set{Visit: old.Visit, Patient: old.Patient, Site: old.Site, Status: Amended, At: old.At, By: staff.ID,
			Replaces: old.ID, Reason: reason, Session: session})
	})
}

// Cancel makes a set entered-in-error. Its visit goes back to checked in, so that
// the right measurements can be taken.
func (s *Service) Cancel(ctx context.Context, staff access.Actor, id, reason string) error {
	return s.correct(ctx, staff, id, reason, func(ctx context.Context, tx *records.Tx, old Set, _ string) error {
		return s.Visits.Reopen(ctx, tx, staff, old.Visit)
	})
}

// correct puts a set out of force, then does what follows.
func (s *Service) correct(ctx context.Context, staff access.Actor, id, reason string, then func(context.Context, *records.Tx, Set, string) error) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || utf8.RuneCountInString(reason) > LongestReason {
		return errs.New(errs.Invalid, "write the reason, in %d characters at most", LongestReason)
	}
	old, err := s.Find(ctx, staff, id)
	if err != nil {
		return err
	}
	if !old.InForce() {
		return errs.New(errs.Conflict, "these measurements were corrected or cancelled already")
	}
	return s.Records.Write(ctx, staff, func(ctx context.Context, tx *records.Tx) error {
		if err := annul(ctx, tx, old, reason); err != nil {
			return err
		}
		return then(ctx, tx, old, reason)
	})
}

// annul makes the report and its Observations entered-in-error. The report is the
// condition: of two who correct the same set, one does.
func annul(ctx context.Context, tx *records.Tx, old Set, reason string) error {
	body, err := compose.With(old.body, object{"status": Cancelled, "extension": withReason(old, reason)})
	if err != nil {
		return err
	}
	drafts := []records.Draft{{Type: "DiagnosticReport", ID: old.ID, JSON: body, Origin: records.Measurement, IfVersion: old.version}}
	for _, id := range old.observations {
		res, err := tx.Read(ctx, "Observation", id)
		if err != nil {
			return err
		}
		body, err := compose.With(res.Body, object{"status": Cancelled})
		if err != nil {
			return err
		}
		drafts = append(drafts, records.Draft{Type: "Observation", ID: id, JSON: body, Origin: records.Measurement, IfVersion: res.Version})
	}
	_, err = tx.Put(ctx, drafts...)
	return err
}

// withReason are the extensions of the report with the reason of its end.
func withReason(old Set, reason string) list {
	var all list
	for name := range old.Session.Circumstances {
		all = append(all, object{"url": circumstanceExtension, "valueCode": name})
	}
	if old.Alert != "" {
		all = append(all, object{"url": alertExtension, "valueCode": old.Alert})
	}
	if old.Replaces != "" {
		all = append(all, object{"url": replacesExtension, "valueReference": compose.Reference("DiagnosticReport", old.Replaces)})
	}
	return append(all, object{"url": reasonExtension, "valueString": reason})
}
