package subscriptions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"tributary/fhir/tree"
	"tributary/internal/store"
)

// form numbers how the resource of a Subscription is read into its Spec; a build that
// reads it otherwise raises it. 1: R4's own form is one of its own.
const form = 1

// renewed reads the resource of a subscription anew when an older build had read it, so
// that what is delivered goes by the Subscription as it is stored. ErrStale when it
// changed meanwhile.
func (s *Service) renewed(ctx context.Context, row store.Subscription) (store.Subscription, error) {
	var known Spec
	if err := json.Unmarshal(row.Spec, &known); err != nil || known.Form >= form {
		return row, err
	}
	current, err := s.Store.Read(ctx, resource, row.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && current.Deleted {
		return row, nil // so will be the row
	}
	if err != nil {
		return row, err
	}
	root, err := tree.Parse(current.Body)
	if err != nil {
		return row, fmt.Errorf("subscription %s: %w", row.ID, err)
	}
	spec, issues := readSpec(root)
	if len(issues) > 0 { // it was taken by other rules, and goes on by them
		spec = known
		spec.Form = form
	}
	if row.Spec, err = json.Marshal(spec); err != nil {
		return row, err
	}
	before := row.Changed
	row.Changed = store.Micros(s.Now())
	return row, s.rows.Reread(ctx, s.Store, row, before)
}
