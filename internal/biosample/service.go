package biosample

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"io"
	"net/url"
	"slices"
	"time"

	study "tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/visit"
)

// Config is what the service needs.
type Config struct {
	Study   *study.Study
	Records *records.Service
	Consent *consent.Service
	Visits  *visit.Service
	Biobank func(ctx context.Context, patient string) (string, error) // the participant's biobank id
	Now     func() time.Time
	Rand    io.Reader
}

// Service orders and follows samples.
type Service struct{ Config }

// New returns the service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	return &Service{c}
}

// accession is a new number for a label: 60 random bits in twelve characters that
// are not mistaken for each other.
func (s *Service) accession() (string, error) {
	raw := make([]byte, 8)
	if _, err := io.ReadFull(s.Rand, raw); err != nil {
		return "", err
	}
	return alphabet.EncodeToString(raw)[:12], nil
}

var alphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Of lists the orders of a participant as staff may see them, oldest first.
func (s *Service) Of(ctx context.Context, staff access.Actor, patient string) ([]Order, error) {
	tasks, err := s.Records.All(ctx, staff, "Task", url.Values{"patient": {"Patient/" + patient}, "_tag": {records.OriginSystem + "|" + string(records.Program)}})
	if err != nil {
		return nil, err
	}
	samples, err := s.specimens(ctx, staff, patient)
	if err != nil {
		return nil, err
	}
	var orders []Order
	for _, t := range tasks {
		o, err := readOrder(&s.Study.Biosamples, t, samples)
		if err != nil {
			return nil, err
		}
		if o.Kit.ID != "" {
			orders = append(orders, o)
		}
	}
	slices.SortFunc(orders, func(a, b Order) int { return a.Steps[0].At.Compare(b.Steps[0].At) })
	return orders, nil
}

func (s *Service) specimens(ctx context.Context, a access.Actor, patient string) (map[string]store.Resource, error) {
	found, err := s.Records.All(ctx, a, "Specimen", url.Values{"subject": {"Patient/" + patient}, "_tag": {records.OriginSystem + "|" + string(records.Measurement)}})
	byID := map[string]store.Resource{}
	for _, r := range found {
		byID[r.ID] = r
	}
	return byID, err
}

// Find is one order of the staff's site.
func (s *Service) Find(ctx context.Context, staff access.Actor, id string) (Order, error) {
	res, err := s.Records.Read(ctx, staff, "Task", id)
	if err != nil {
		return Order{}, err
	}
	head, err := readOrder(&s.Study.Biosamples, res, nil)
	if err != nil {
		return Order{}, err
	}
	if head.Site != staff.Site || head.Kit.ID == "" {
		return Order{}, errs.New(errs.NotFound, "there is no such order at this center")
	}
	samples, err := s.specimens(ctx, staff, head.Patient)
	if err != nil {
		return Order{}, err
	}
	return readOrder(&s.Study.Biosamples, res, samples)
}

// Place orders a kit for the participant of a visit at the staff's site. because is
// why the kit stands in for another, "" where it does not.
func (s *Service) Place(ctx context.Context, staff access.Actor, visitID, kitID, because string, about About) (Order, error) {
	kit, ok := s.Study.Biosamples.Kit(kitID)
	if !ok {
		return Order{}, errs.New(errs.NotFound, "the study has no such kit")
	}
	v, err := s.Visits.Get(ctx, staff, visitID)
	if err != nil {
		return Order{}, err
	}
	about.Patient, about.Site = v.Patient, v.Site
	orders, err := s.Of(ctx, staff, v.Patient)
	if err != nil {
		return Order{}, err
	}
	if err := s.may(kit, because, v, about, orders); err != nil {
		return Order{}, err
	}
	o := Order{Patient: v.Patient, Site: v.Site, Visit: v.ID, Kit: kit, State: Created, InsteadReason: because}
	return o, s.Records.Write(ctx, staff, func(ctx context.Context, tx *records.Tx) error { return s.place(ctx, tx, staff, &o) })
}

// may holds the rule and what was ordered already against the order.
func (s *Service) may(kit study.Kit, because string, v visit.Visit, about About, orders []Order) error {
	if v.Status != visit.Arrived && v.Status != visit.Fulfilled {
		return errs.New(errs.Conflict, "samples are ordered for a participant who is checked in")
	}
	for _, o := range orders {
		switch {
		case o.State == Cancelled || o.Visit != v.ID:
		case o.Kit.ID == kit.ID:
			return errs.New(errs.Conflict, "this kit is ordered already for this visit")
		case o.Kit.ID == kit.InsteadOf:
			return errs.New(errs.Conflict, "first cancel the order that this one stands in for")
		}
	}
	asked := kit
	if kit.InsteadOf != "" {
		if !slices.ContainsFunc(kit.Reasons, func(r study.KitReason) bool { return r.ID == because }) {
			return errs.New(errs.Invalid, "say why the other sample is not possible")
		}
		asked, _ = s.Study.Biosamples.Kit(kit.InsteadOf)
	}
	if why := WhyNot(asked, about, s.Now()); why != Asked {
		return errs.New(errs.Forbidden, "this participant is not asked for this sample")
	}
	return nil
}

// place writes the order: the request, a Specimen for each tube, the Task. The
// participant's row is locked, so that a button pressed twice orders once.
func (s *Service) place(ctx context.Context, tx *records.Tx, staff access.Actor, o *Order) error {
	if err := s.once(ctx, tx, *o); err != nil {
		return err
	}
	var err error
	if o.Request, err = put(ctx, tx, o.request(staff.ID, tx.Now())); err != nil {
		return err
	}
	var refs list
	for _, tube := range o.Kit.Tubes {
		accession, err := s.accession()
		if err != nil {
			return err
		}
		id, err := put(ctx, tx, o.specimen(tube, accession))
		if err != nil {
			return err
		}
		refs = append(refs, compose.Reference("Specimen", id))
	}
	o.ID, err = put(ctx, tx, o.task(refs, Step{What: Created, By: staff.ID, Site: staff.Site, At: tx.Now()}))
	return err
}

func put(ctx context.Context, tx *records.Tx, res object) (string, error) {
	d, err := records.NewDraft(res, origin[res["resourceType"].(string)])
	if err != nil {
		return "", err
	}
	done, err := tx.Put(ctx, d)
	if err != nil {
		return "", err
	}
	return done[0].Resource.ID, nil
}
