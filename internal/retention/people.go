package retention

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store/tables"
)

// atOnce is how many people are looked up at a time.
const atOnce = 200

// each does something for every person that list still finds, each in a transaction.
func (s *Service) each(ctx context.Context, list func(ctx context.Context) ([]string, error), do func(ctx context.Context, patient string) error) (n int64, err error) {
	for {
		people, err := list(ctx)
		if err != nil {
			return n, err
		}
		for _, patient := range people {
			if err := do(ctx, patient); err != nil {
				return n, err
			}
			n++
		}
		if len(people) < atOnce {
			return n, nil
		}
	}
}

// neverConsented forgets people who never agreed to anything.
func (s *Service) neverConsented(ctx context.Context, before time.Time) (int64, error) {
	list := func(ctx context.Context) ([]string, error) {
		return s.rows.NeverConsented(ctx, s.Store, before, atOnce)
	}
	return s.each(ctx, list, func(ctx context.Context, patient string) error {
		about, err := s.find(ctx, patient, "Consent", "DocumentReference")
		if err != nil {
			return err
		}
		return s.Records.Write(ctx, actor(), func(ctx context.Context, tx *records.Tx) error {
			if err := s.erase(ctx, tx, append(about, ref{"Patient", patient})...); err != nil {
				return err
			}
			return s.rows.Forget(ctx, tx.Store(), patient)
		})
	})
}

// evidence strips the decisions of people who left long ago of what lies behind them.
func (s *Service) evidence(ctx context.Context, before time.Time) (int64, error) {
	list := func(ctx context.Context) ([]string, error) { return s.rows.LeftBefore(ctx, s.Store, before, atOnce) }
	return s.each(ctx, list, func(ctx context.Context, patient string) error {
		forms, err := s.find(ctx, patient, "DocumentReference")
		if err != nil {
			return err
		}
		return s.Records.Write(ctx, actor(), func(ctx context.Context, tx *records.Tx) error {
			if err := s.erase(ctx, tx, forms...); err != nil {
				return err
			}
			return s.rows.Strip(ctx, tx.Store(), patient)
		})
	})
}

// ref is a resource to be erased.
type ref struct{ typ, id string }

// find lists what the study itself wrote of the types about a person, with the
// Binaries of its documents.
func (s *Service) find(ctx context.Context, patient string, types ...string) (found []ref, err error) {
	for _, typ := range types {
		all, err := s.Records.All(ctx, actor(), typ, url.Values{"patient": {"Patient/" + patient}, "_tag": {records.OriginSystem + "|" + string(records.Program)}})
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			found = append(found, ref{typ, r.ID})
			var body struct {
				Content []struct{ Attachment struct{ URL string } }
			}
			if err := json.Unmarshal(r.Body, &body); err != nil {
				return nil, err
			}
			for _, c := range body.Content {
				if id, ok := strings.CutPrefix(c.Attachment.URL, "Binary/"); ok {
					found = append(found, ref{"Binary", id})
				}
			}
		}
	}
	return found, nil
}

// erase deletes resources with their earlier versions. What is gone already is no error.
func (s *Service) erase(ctx context.Context, tx *records.Tx, all ...ref) error {
	keys := make([]search.Key, len(all))
	for i, r := range all {
		keys[i] = search.KeyOf(r.typ, r.id)
		if err := tx.Delete(ctx, r.typ, r.id); err != nil && !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Gone) {
			return err
		}
	}
	return (tables.Versions{}).Purge(ctx, tx.Store(), keys)
}
