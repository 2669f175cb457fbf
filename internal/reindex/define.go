package reindex

import (
	"context"
	"encoding/json"
	"errors"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// definers are who may define search parameters: everybody's searches and writes
// go by them. seed and load are our own.
func mayDefine(a access.Actor) bool {
	return a.Role == access.Maintenance || a.Role == access.Operator || a.Role == access.System && a.ID != "ingest"
}

// Written puts a SearchParameter into effect, or takes it out. A definition that
// says something else than before gets a number of its own: no row of the old one
// is taken for one of the new.
func (s *Service) Written(ctx context.Context, tx store.Tx, actor access.Actor, r store.Resource) error {
	if !mayDefine(actor) {
		return errs.New(errs.Forbidden, "search parameters are defined by maintenance clients: everybody's searches go by them")
	}
	wanted, err := definitions(r)
	if err != nil {
		return err
	}
	held, err := s.params.Of(ctx, tx, r.ID)
	if err != nil || len(held)+len(wanted) == 0 {
		return err
	}
	if err := s.params.Touch(ctx, tx); err != nil { // one after the other, from here on
		return err
	}
	if held, err = s.params.Of(ctx, tx, r.ID); err != nil {
		return err
	}
	fresh, old := s.compare(held, wanted)
	if err := s.retire(ctx, tx, old); err != nil {
		return err
	}
	return s.begin(ctx, tx, r.ID, fresh)
}

func definitions(r store.Resource) ([]search.Custom, error) {
	if r.Deleted {
		return nil, nil
	}
	root, err := tree.Parse(r.Body)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "the SearchParameter cannot be read back")
	}
	customs, fault := search.Define(root)
	return customs, refusal(fault)
}

// refusal is what a client reads of a definition that cannot be used.
func refusal(fault *search.CustomFault) error {
	if fault == nil {
		return nil
	}
	return errs.New(errs.Unprocessable, "this search parameter cannot be used: %s", fault.Reason).At("SearchParameter." + fault.Element)
}

// compare tells what is new, and what is no longer wanted.
func (s *Service) compare(held []store.SearchParam, wanted []search.Custom) (fresh []search.Custom, old []store.SearchParam) {
	kept := map[string]bool{}
	for _, p := range held {
		c, ok := s.custom(p)
		stays := false
		for _, w := range wanted {
			stays = stays || ok && c.Same(w)
		}
		if stays {
			kept[p.Type] = true
		} else {
			old = append(old, p)
		}
	}
	for _, w := range wanted {
		if !kept[w.Type] {
			fresh = append(fresh, w)
		}
	}
	return fresh, old
}

// retire puts parameters out of use, and has their rows removed.
func (s *Service) retire(ctx context.Context, tx store.Tx, old []store.SearchParam) error {
	if len(old) == 0 {
		return nil
	}
	job := s.job("a search parameter was changed or withdrawn", operator)
	var steps []store.ReindexStep
	for _, p := range old {
		if err := s.params.Set(ctx, tx, p.Number, store.ParamDropped, job.ID); err != nil {
			return err
		}
		job.Numbers = append(job.Numbers, p.Number)
		steps = append(steps, store.ReindexStep{Phase: purge, Number: p.Number})
	}
	return s.enqueue(ctx, tx, job, steps)
}

// begin puts new parameters into use, and has what is stored indexed by them.
func (s *Service) begin(ctx context.Context, tx store.Tx, resource string, fresh []search.Custom) error {
	if len(fresh) == 0 {
		return nil
	}
	job := s.job("a new search parameter", operator)
	var steps, sweeps []store.ReindexStep
	for _, c := range fresh {
		number, err := s.define(ctx, tx, resource, job.ID, c)
		if err != nil {
			return err
		}
		job.Numbers = append(job.Numbers, number)
		steps = append(steps, store.ReindexStep{Phase: fill, Type: c.Type}, store.ReindexStep{Phase: late, Type: c.Type})
		sweeps = append(sweeps, store.ReindexStep{Phase: sweep, Number: number})
	}
	return s.enqueue(ctx, tx, job, append(steps, sweeps...))
}

func (s *Service) define(ctx context.Context, tx store.Tx, resource, job string, c search.Custom) (int32, error) {
	if err := refusal(s.Registry.Check(c)); err != nil {
		return 0, err
	}
	other, err := s.params.Taken(ctx, tx, c.Type, c.Code)
	if err == nil {
		return 0, errs.New(errs.Conflict, "SearchParameter/%s has the code %s on %s already; choose another, or retire that one", other, c.Code, c.Type).At("SearchParameter.code")
	}
	if !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return 0, err
	}
	return s.params.Add(ctx, tx, store.SearchParam{
		Resource: resource, Type: c.Type, Code: c.Code, Definition: string(text), State: store.ParamPending, Reindex: job, Since: s.Now(),
	})
}
