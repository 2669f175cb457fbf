package measurement

import (
	"context"
	"time"

	study "tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/visit"
)

// Config is what the service needs.
type Config struct {
	Study   *study.Study
	Records *records.Service
	Consent *consent.Service
	Visits  *visit.Service
}

// Service takes and keeps measurements.
type Service struct{ Config }

// New returns the service.
func New(c Config) *Service { return &Service{c} }

// Taken are the times at which the participant was measured, of sets that count.
func (s *Service) Taken(ctx context.Context, patient string) ([]time.Time, error) {
	sets, err := s.Of(ctx, access.Job("program", "PATRQT"), patient)
	var at []time.Time
	for _, set := range sets {
		if set.InForce() {
			at = append(at, set.At.Truncate(time.Second)) // as the other events are dated
		}
	}
	return at, err
}

// Take keeps the measurements of a participant who is checked in, and closes
// the visit.
func (s *Service) Take(ctx context.Context, staff access.Actor, appointment string, session Session) error {
	return s.Records.Write(ctx, staff, func(ctx context.Context, tx *records.Tx) error {
		v, err := s.Visits.In(ctx, tx, staff, appointment)
		if err != nil {
			return err
		}
		if v.Status != visit.Arrived {
			return errs.New(errs.Conflict, "measurements are recorded for a participant who is checked in")
		}
		if err := s.collects(ctx, tx, v.Patient); err != nil {
			return err
		}
		set := Set{Visit: v.ID, Patient: v.Patient, Site: v.Site, Status: Final, At: tx.Now(), By: staff.ID, Session: session}
		if err := s.put(ctx, tx, set); err != nil {
			return err
		}
		return s.Visits.Fulfil(ctx, tx, v)
	})
}

// collects refuses to measure who takes part no more, or not now.
func (s *Service) collects(ctx context.Context, tx *records.Tx, patient string) error {
	p, err := s.Consent.CurrentIn(ctx, tx.Store(), patient)
	if err == nil && !p.Collects() {
		err = errs.New(errs.Forbidden, "this person does not take part in the study now")
	}
	return err
}

// takesPart refuses to correct anything of who does not take part. Of who paused, or
// has died, what was measured before may be corrected.
func (s *Service) takesPart(ctx context.Context, tx *records.Tx, patient string) error {
	p, err := s.Consent.CurrentIn(ctx, tx.Store(), patient)
	if err == nil && !p.Research {
		err = errs.New(errs.Forbidden, "this person does not take part in the study now")
	}
	return err
}

// put writes the Observations of a set, then the report that holds them together.
func (s *Service) put(ctx context.Context, tx *records.Tx, set Set) error {
	o := observer{protocol: &s.Study.Protocol, session: set.Session, patient: set.Patient, site: set.Site, at: set.At, status: set.Status}
	var results list
	for _, g := range o.groups() {
		refs, err := o.put(ctx, tx, g)
		if err != nil {
			return err
		}
		results = append(results, refs...)
	}
	_, err := putOne(ctx, tx, s.report(set, results, tx.Now()))
	return err
}

// vitalSigns is LOINC's code of a set of vital signs.
const vitalSigns = "8716-3"

// report holds a set together: whose, where, by whom, and what was found.
func (s *Service) report(set Set, results list, issued time.Time) object {
	var extensions list
	for _, name := range Circumstances {
		if set.Session.Circumstances[name] {
			extensions = append(extensions, object{"url": circumstanceExtension, "valueCode": name})
		}
	}
	for _, a := range AlertsOf(&s.Study.Protocol, set.Session) {
		extensions = append(extensions, object{"url": alertExtension, "valueCode": a.ID})
	}
	if set.Replaces != "" {
		extensions = append(extensions, object{"url": replacesExtension, "valueReference": compose.Reference("DiagnosticReport", set.Replaces)},
			object{"url": reasonExtension, "valueString": set.Reason})
	}
	report := object{"resourceType": "DiagnosticReport", "status": set.Status, "code": compose.Concept(compose.LOINC, vitalSigns, "Vital signs"),
		"identifier":        list{object{"system": VisitSystem, "value": set.Visit}},
		"subject":           compose.Reference("Patient", set.Patient),
		"performer":         list{compose.Reference("Organization", set.Site), object{"identifier": object{"system": StaffSystem, "value": set.By}}},
		"effectiveDateTime": set.At.UTC().Format(compose.Instant), "issued": issued.UTC().Format(compose.Instant), "result": results}
	if len(extensions) > 0 {
		report["extension"] = extensions
	}
	return report
}
