package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// arrival is one resource of a page on its way in.
type arrival struct {
	typ, id string // the provider's
	raw     []byte
	ours    string // id under which it is stored
	key     search.Key
	hash    string
	draft   *records.Draft // nil for the Patient, of which only the source is kept
	refs    []store.Ref
	problem string           // why it goes to quarantine
	query   *store.PullQuery // that brought it; nil for what is referred to
}

// sift sorts a page: what is unchanged since the last pull is dropped, what is
// no valid R4 or not this patient's goes to quarantine, the rest becomes drafts.
func (r *run) sift(ctx context.Context, resources [][]byte) ([]*arrival, error) {
	all := r.arrivals(resources)
	heads, err := r.connections.Heads(ctx, r.Store, keysOf(all))
	if err != nil {
		return nil, err
	}
	changed := all[:0]
	for _, a := range all {
		if a.problem != "" || heads[a.key].Hash != a.hash || r.quarantined[r.quarantineID(a)] {
			changed = append(changed, a)
		}
	}
	inParallel(changed, r.read)
	return changed, nil
}

// arrivals tells who the resources of a page are, each once.
func (r *run) arrivals(resources [][]byte) []*arrival {
	all := make([]*arrival, len(resources))
	for i, raw := range resources {
		all[i] = &arrival{raw: raw}
	}
	inParallel(all, r.arrive)
	once := all[:0]
	seen := make(map[search.Key]bool, len(all))
	for _, a := range all {
		if a.problem == "" && seen[a.key] {
			continue
		}
		seen[a.key] = true
		once = append(once, a)
	}
	return once
}

// arrive tells who a resource is without validating it.
func (r *run) arrive(a *arrival) {
	sum := sha256.Sum256(a.raw)
	a.hash = hex.EncodeToString(sum[:])
	root, err := tree.Parse(a.raw)
	if err != nil {
		a.problem = err.Error()
		return
	}
	a.typ, a.id = root.Get("resourceType").Text(), root.Get("id").Text()
	switch {
	case !fhir.IsResource(a.typ):
		a.typ, a.problem = "", "resourceType is not a type of FHIR R4"
	case a.id == "":
		a.problem = "the resource has no id"
	case closed[a.typ]:
		a.problem = "a " + a.typ + " is no part of a patient's record"
	}
	a.ours = r.id(r.provider.ID, a.typ, a.id)
	a.key = search.KeyOf(a.typ, a.ours)
}

// closed are the types that no provider has to send of one patient: its own
// protocol of accesses, and lists that name other people.
var closed = map[string]bool{"AuditEvent": true, "Bundle": true, "Group": true, "Parameters": true, "Person": true}

// read validates a resource and prepares its draft.
func (r *run) read(a *arrival) {
	if a.problem != "" {
		return
	}
	if a.typ == "Patient" {
		if a.id != r.creds.Patient {
			a.problem = "this is another patient"
		}
		return
	}
	res, err := fhir.Parse(a.raw)
	if err != nil {
		a.problem = reason(err)
		return
	}
	refs := res.References()
	if a.problem = r.misplaced(a.typ, refs); a.problem != "" {
		return
	}
	w := r.rewrite(res, refs)
	a.refs = w.refs
	a.draft = &records.Draft{
		Type: a.typ, ID: a.ours, Parsed: res, Edits: w.edits, Origin: records.FromEHR, SkipUnchanged: true,
		Source: strings.TrimRight(r.provider.FHIRBase, "/") + "/" + a.typ + "/" + a.id,
	}
}

// reason is what a quarantined resource is shown with.
func reason(err error) string {
	var invalid *fhir.Invalid
	if errors.As(err, &invalid) {
		return invalid.Error()
	}
	e := errs.Of(err)
	if e.Expression != "" {
		return e.Expression + ": " + e.Safe
	}
	return e.Safe
}

// prepare readies the drafts for the transaction. What the write path refuses
// goes to quarantine as well, and does not take its page with it.
func (r *run) prepare(ctx context.Context, arrivals []*arrival) error {
	var ready []*arrival
	var drafts []records.Draft
	for _, a := range arrivals {
		if a.draft != nil && a.problem == "" {
			ready, drafts = append(ready, a), append(drafts, *a.draft)
		}
	}
	err := r.Records.Prepare(ctx, job, drafts)
	if refused(err) {
		return r.prepareEach(ctx, ready)
	}
	for i, a := range ready {
		*a.draft = drafts[i]
	}
	return err
}

func (r *run) prepareEach(ctx context.Context, arrivals []*arrival) error {
	for _, a := range arrivals {
		one := []records.Draft{*a.draft}
		err := r.Records.Prepare(ctx, job, one)
		if refused(err) {
			a.problem = reason(err)
		} else if err != nil {
			return err
		}
		*a.draft = one[0]
	}
	return nil
}

// refused tells a rule that a resource breaks from a failure of ours.
func refused(err error) bool {
	var invalid *fhir.Invalid
	if err == nil {
		return false
	}
	kind := errs.Of(err).Kind
	return errors.As(err, &invalid) || kind == errs.Invalid || kind == errs.Unprocessable || kind == errs.Forbidden
}

func keysOf(arrivals []*arrival) []search.Key {
	keys := make([]search.Key, len(arrivals))
	for i, a := range arrivals {
		keys[i] = a.key
	}
	return keys
}
