package biosample

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tributary/fhir/compose"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// LongestNote bounds what staff write of an order, in characters.
const LongestNote = 500

// once refuses an order of a kit that a visit has already, as the transaction sees it;
// and one for who does not take part any more.
func (s *Service) once(ctx context.Context, tx *records.Tx, o Order) error {
	if _, err := tx.Store().Lock(ctx, []store.Ref{{Type: "Patient", ID: o.Patient}}); err != nil {
		return err
	}
	if err := s.collects(ctx, tx, o.Patient); err != nil {
		return err
	}
	parsed, err := search.Base().ParseQuery("Task", []search.Pair{{Name: "patient", Value: "Patient/" + o.Patient}, {Name: "identifier", Value: VisitSystem + "|" + o.Visit}},
		search.Options{DefaultCount: 100, MaxCount: 100})
	if err != nil {
		return err
	}
	page, err := tx.Search(ctx, parsed.Query, nil)
	if err != nil {
		return err
	}
	for _, r := range page.Resources {
		other, err := readOrder(&s.Study.Biosamples, r, nil)
		if err != nil {
			return err
		}
		if other.Kit.ID == o.Kit.ID && other.State != Cancelled {
			return errs.New(errs.Conflict, "this kit is ordered already for this visit")
		}
	}
	return nil
}

// collects refuses to ask for samples, or to take them, of who takes part no more, or
// not now. What was taken before is processed.
func (s *Service) collects(ctx context.Context, tx *records.Tx, patient string) error {
	p, err := s.Consent.CurrentIn(ctx, tx.Store(), patient)
	if err == nil && !p.Collects() {
		err = errs.New(errs.Forbidden, "this person does not take part in the study now")
	}
	return err
}

// Advance takes an order to its next step, which must be the one that is named: a
// button pressed twice moves it once. When it is collected, unfilled are the ids of
// the tubes that stayed empty; when it is processed, those that cannot be used. note
// says why.
func (s *Service) Advance(ctx context.Context, staff access.Actor, id, step string, unfilled []string, note string) error {
	o, err := s.Find(ctx, staff, id)
	if err != nil {
		return err
	}
	note = strings.TrimSpace(note)
	switch {
	case o.Next() != step:
		return errs.New(errs.Conflict, "this order is %s; that step cannot come now", o.State)
	case utf8.RuneCountInString(note) > LongestNote:
		return errs.New(errs.Invalid, "write at most %d characters", LongestNote)
	case len(unfilled) > 0 && note == "":
		return errs.New(errs.Invalid, "say why a tube is missing")
	case len(unfilled) >= len(o.Samples) && step == Collected:
		return errs.New(errs.Invalid, "no tube is left: cancel the order instead")
	}
	return s.write(ctx, staff, o, step, func(sample Sample, at time.Time) (object, error) {
		return sample.at(step, slices.Contains(unfilled, sample.Tube.ID), note, staff.ID, at)
	}, object{})
}

// at is what changes of a sample at a step; nil for nothing.
func (s Sample) at(step string, bad bool, note, by string, when time.Time) (object, error) {
	notes := func() list { return list{object{"text": note}} }
	switch {
	case step == Collected && bad:
		return object{"note": notes()}, nil // stays unavailable
	case step == Collected:
		return object{"status": "available", "collection": object{"collector": staffReference(by), "collectedDateTime": when.UTC().Format(compose.Instant)}}, nil
	case step == Processed && s.Status == "available":
		change := object{"processing": list{object{"description": "Processed at the center", "timeDateTime": when.UTC().Format(compose.Instant)}}}
		if bad {
			change["status"], change["note"] = "unsatisfactory", notes()
		}
		return change, nil
	}
	return nil, nil
}

// taskStatus is R4's status of the Task at each step, and requestStatus that of the
// ServiceRequest.
var (
	taskStatus    = map[string]string{Created: "requested", Collected: "in-progress", Processed: "in-progress", Finalized: "completed", Cancelled: "cancelled"}
	requestStatus = map[string]string{Finalized: "completed", Cancelled: "revoked"}
)

// write moves an order and its samples to a step, on the condition that nobody has
// moved it meanwhile.
func (s *Service) write(ctx context.Context, staff access.Actor, o Order, step string, change func(Sample, time.Time) (object, error), more object) error {
	err := s.Records.Write(ctx, staff, func(ctx context.Context, tx *records.Tx) error {
		if step == Collected {
			if _, err := tx.Store().Lock(ctx, []store.Ref{{Type: "Patient", ID: o.Patient}}); err != nil {
				return err
			}
			if err := s.collects(ctx, tx, o.Patient); err != nil {
				return err
			}
		}
		drafts, err := o.drafts(staff, step, tx.Now(), change, more)
		if err != nil {
			return err
		}
		if status := requestStatus[step]; status != "" {
			d, err := requestAs(ctx, tx, o.Request, status)
			if err != nil {
				return err
			}
			drafts = append(drafts, d)
		}
		_, err = tx.Put(ctx, drafts...)
		return err
	})
	if errors.Is(err, store.ErrStale) || errs.Is(err, errs.Precondition) {
		err = errs.Wrap(err, errs.Conflict, "somebody else has just changed this order; please look again")
	}
	return err
}

func (o Order) drafts(staff access.Actor, step string, at time.Time, change func(Sample, time.Time) (object, error), more object) ([]records.Draft, error) {
	fields := object{"status": taskStatus[step], "businessStatus": compose.Concept(StepSystem, step, ""), "lastModified": at.UTC().Format(compose.Instant)}
	for name, value := range more {
		fields[name] = value
	}
	var steps list
	for _, done := range append(slices.Clone(o.Steps), Step{What: step, By: staff.ID, Site: staff.Site, At: at}) {
		steps = append(steps, done.extension())
	}
	fields["extension"] = steps
	body, err := compose.With(o.body, fields)
	if err != nil {
		return nil, err
	}
	drafts := []records.Draft{{Type: "Task", ID: o.ID, JSON: body, Origin: origin["Task"], IfVersion: o.version}}
	for _, sample := range o.Samples {
		fields, err := change(sample, at)
		if err != nil {
			return nil, err
		}
		if fields == nil {
			continue
		}
		body, err := compose.With(sample.body, fields)
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, records.Draft{Type: "Specimen", ID: sample.ID, JSON: body, Origin: origin["Specimen"], IfVersion: sample.version})
	}
	return drafts, nil
}

func requestAs(ctx context.Context, tx *records.Tx, id, status string) (records.Draft, error) {
	res, err := tx.Read(ctx, "ServiceRequest", id)
	if err != nil {
		return records.Draft{}, err
	}
	body, err := compose.With(res.Body, object{"status": status})
	return records.Draft{Type: "ServiceRequest", ID: id, JSON: body, Origin: origin["ServiceRequest"], IfVersion: res.Version}, err
}

// Cancel ends an order at any step, with a reason of Reasons and what staff write of
// it. Its tubes are entered-in-error: they are not to be used, and their labels not
// to be read.
func (s *Service) Cancel(ctx context.Context, staff access.Actor, id, reason, note string) error {
	note = strings.TrimSpace(note)
	if !slices.Contains(Reasons, reason) || utf8.RuneCountInString(note) > LongestNote {
		return errs.New(errs.Invalid, "choose the reason, and write at most %d characters", LongestNote)
	}
	o, err := s.Find(ctx, staff, id)
	if err != nil {
		return err
	}
	if o.State == Cancelled {
		return errs.New(errs.Conflict, "this order was cancelled already")
	}
	why := compose.Concept(ReasonSystem, reason, "")
	if note != "" {
		why["text"] = note
	}
	return s.write(ctx, staff, o, Cancelled, func(Sample, time.Time) (object, error) { return object{"status": "entered-in-error"}, nil }, object{"statusReason": why})
}

// Given is a kind of sample that a participant gave, and when.
type Given struct {
	Display string // SNOMED CT's name
	Code    string
	At      time.Time
}

// GivenBy lists what a participant gave, as the actor may see it, newest first, each
// kind of a day once.
func (s *Service) GivenBy(ctx context.Context, a access.Actor, patient string) ([]Given, error) {
	found, err := s.Records.All(ctx, a, "Specimen", url.Values{"subject": {"Patient/" + patient}, "status": {"available,unsatisfactory"},
		"_tag": {records.OriginSystem + "|" + string(records.Measurement)}})
	if err != nil {
		return nil, err
	}
	var all []Given
	for _, r := range found {
		var body struct {
			Type struct {
				Coding []struct{ Code, Display string }
			}
			Collection struct{ CollectedDateTime time.Time }
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			return nil, err
		}
		if len(body.Type.Coding) > 0 {
			all = append(all, Given{body.Type.Coding[0].Display, body.Type.Coding[0].Code, body.Collection.CollectedDateTime})
		}
	}
	slices.SortFunc(all, func(a, b Given) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(a.Code, b.Code)
	})
	return slices.CompactFunc(all, func(a, b Given) bool { return a.Code == b.Code && a.At.Equal(b.At) }), nil
}
