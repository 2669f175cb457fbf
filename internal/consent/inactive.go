package consent

import (
	"context"
	"encoding/json"
	"time"

	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// endConsent makes the Consent that the latest agreement of the kind wrote
// inactive, and returns that version; nothing where there was none to end.
func (s *Service) endConsent(ctx context.Context, tx *records.Tx, patient string, k Kind, at time.Time) (store.Resource, error) {
	rows, err := s.rows.Of(ctx, tx.Store(), patient)
	if err != nil {
		return store.Resource{}, err
	}
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].Kind == string(k) && rows[i].Decision == string(Agree) {
			ended, err := s.inactive(ctx, tx, rows[i].Consent, at)
			return ended, s.pass(rows[i].Consent, err)
		}
	}
	return store.Resource{}, nil
}

// beyondRepair are the failures that lie in the Consent itself: it is not there,
// or nothing valid can be made of it.
var beyondRepair = []errs.Kind{errs.NotFound, errs.Gone, errs.Invalid, errs.Unprocessable}

// pass lets a decision go on without its old Consent when that is beyond repair:
// the event is what counts, and nobody may be kept in the study by a document
// that was lost. A failing database still stops the transaction.
func (s *Service) pass(consent string, err error) error {
	for _, kind := range beyondRepair {
		if errs.Is(err, kind) {
			s.Logger.Error("a Consent that ends could not be made inactive", "consent", consent, "error", err)
			return nil
		}
	}
	return err
}

// inactive writes the version of a Consent that no longer holds; its signature
// stays with the version that was signed.
func (s *Service) inactive(ctx context.Context, tx *records.Tx, id string, at time.Time) (store.Resource, error) {
	current, err := tx.Read(ctx, "Consent", id)
	if err != nil {
		return store.Resource{}, err
	}
	changed, err := ended(current, at)
	if err != nil || changed == nil {
		return store.Resource{}, err
	}
	done, err := tx.Put(ctx, records.Draft{Type: "Consent", ID: id, JSON: changed, Origin: records.Program, IfVersion: current.Version})
	if err != nil {
		return store.Resource{}, err
	}
	return done[0].Resource, nil
}

// ended is the Consent made inactive, the period of its provision over; nil when
// it is not active.
func ended(current store.Resource, at time.Time) ([]byte, error) {
	var body object
	if err := json.Unmarshal(current.Body, &body); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "the Consent cannot be read back")
	}
	if body["status"] != "active" {
		return nil, nil
	}
	body["status"] = statusOf[Withdraw]
	if provision, ok := body["provision"].(object); ok {
		if period, ok := provision["period"].(object); ok {
			period["end"] = at.Format(instant)
		}
	}
	return json.Marshal(body)
}
