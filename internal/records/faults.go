package records

import (
	"cmp"
	"errors"
	"slices"

	"tributary/internal/errs"
)

// Faults are all that is wrong with the content of a transaction's entries, in
// their order; each names its place.
type Faults []error

// Error joins the faults, one a line.
func (f Faults) Error() string { return errors.Join(f...).Error() }

// ofContent are the kinds of failure that lie in an entry, so that it is worth
// looking for more in the others. Any other ends the transaction by itself: what
// the actor may not do, and what failed on our side.
var ofContent = map[errs.Kind]bool{
	errs.Invalid: true, errs.Unprocessable: true, errs.NotFound: true, errs.Gone: true,
	errs.Conflict: true, errs.Precondition: true, errs.Ambiguous: true, errs.Unsupported: true,
}

// fault is one failure of an entry.
type fault struct {
	entry int
	error
}

// note keeps a failure of the entry, at the place, if it is of the content, and
// lets the plan go on; others are returned. References to the entry are then not
// at fault for it.
func (t *transaction) note(e *entry, err error, place string) error {
	if err == nil {
		return nil
	}
	err = atEntry(err, place)
	if !ofContent[errs.Of(err).Kind] {
		return err
	}
	t.faults = append(t.faults, fault{e.number, err})
	e.faulty = true
	if e.FullURL != "" && t.places[e.FullURL] == "" {
		t.places[e.FullURL] = e.typ + "/" + unplanned
	}
	return nil
}

// unplanned stands for the id of an entry that is at fault; nothing is written then.
const unplanned = "unplanned"

// fault is what is wrong with the entries: nothing, the only failure, or Faults
// of the first one's kind.
func (t *transaction) fault() error {
	slices.SortStableFunc(t.faults, func(a, b fault) int { return cmp.Compare(a.entry, b.entry) })
	switch len(t.faults) {
	case 0:
		return nil
	case 1:
		return t.faults[0].error
	}
	all := make(Faults, len(t.faults))
	for i, f := range t.faults {
		all[i] = f.error
	}
	return errs.Wrap(all, errs.Of(all[0]).Kind, "%d things are wrong with the entries", len(all))
}
