package records

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"tributary/fhir"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
)

// batch carries out each entry on its own. Entries of a batch must not depend on
// each other (R4, section 3.1.0.11.1), so several are under way at a time, which
// lets the database commit them together.
func (s *Service) batch(ctx context.Context, actor access.Actor, b *fhir.Bundle, edge Edge) ([]EntryResult, error) {
	results, left := make([]EntryResult, len(b.Entries)), newPortion()
	slots := make(chan struct{}, 4*runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	names := urns(b)
	for i := range b.Entries {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			err := apart(&b.Entries[i], i, names)
			if err == nil {
				results[i], err = s.batchEntry(ctx, actor, &b.Entries[i], left, edge)
			}
			if err != nil {
				err = atEntry(err, fmt.Sprintf("Bundle.entry[%d]", i))
				results[i] = EntryResult{Status: errs.Of(err).Kind.Status(), Err: err}
			}
		})
	}
	group.Wait()
	return results, nil
}

func (s *Service) batchEntry(ctx context.Context, actor access.Actor, e *fhir.Entry, left *portion, edge Edge) (EntryResult, error) {
	if len(e.Issues) > 0 {
		return EntryResult{}, errs.Wrap(&fhir.Invalid{Issues: e.Issues}, errs.Invalid, "the entry is no valid R4")
	}
	if edge.Operate != nil {
		if result, called, err := edge.Operate(e); called {
			return result, err
		}
	}
	c, err := parseCall(e, s.base)
	if err != nil {
		return EntryResult{}, err
	}
	if c.method == "GET" || c.method == "HEAD" {
		return s.batchGet(ctx, actor, left, edge, c)
	}
	return batchCalls[c.method](s, ctx, actor, e, c)
}

var batchCalls = map[string]func(s *Service, ctx context.Context, actor access.Actor, e *fhir.Entry, c call) (EntryResult, error){
	"POST": (*Service).batchPost,
	"PUT":  (*Service).batchPut, "PATCH": (*Service).batchPatch, "DELETE": (*Service).batchDelete,
}

func (s *Service) batchGet(ctx context.Context, actor access.Actor, left *portion, edge Edge, c call) (EntryResult, error) {
	record := func(ctx context.Context, e audit.Event) error {
		return s.audit.Record(ctx, actor, audit.PurposeOf(actor), e)
	}
	r, err := left.get(ctx, s, reading{s.store, actor, record, edge}, c)
	if err != nil {
		return r, s.refuse(ctx, actor, access.Read, c.typ, c.id, err)
	}
	return r, nil
}

func (s *Service) batchPost(ctx context.Context, actor access.Actor, e *fhir.Entry, c call) (EntryResult, error) {
	if e.Resource == nil {
		return EntryResult{}, errs.New(errs.Invalid, "a POST needs a resource")
	}
	r, err := s.Create(ctx, actor, Op{Type: c.typ, Resource: e.Resource, IfNoneExist: e.IfNoneExist})
	return entryResult(r), err
}

func (s *Service) batchPut(ctx context.Context, actor access.Actor, e *fhir.Entry, c call) (EntryResult, error) {
	if e.Resource == nil {
		return EntryResult{}, errs.New(errs.Invalid, "a PUT needs a resource")
	}
	r, err := s.Update(ctx, actor, Op{
		Type: c.typ, ID: c.id, Resource: e.Resource, IfMatch: e.IfMatch, IfNoneMatch: e.IfNoneMatch, Criteria: c.criteria,
	})
	return entryResult(r), err
}

func (s *Service) batchDelete(ctx context.Context, actor access.Actor, e *fhir.Entry, c call) (EntryResult, error) {
	_, err := s.Delete(ctx, actor, Op{Type: c.typ, ID: c.id, IfMatch: e.IfMatch, IfNoneMatch: e.IfNoneMatch, Criteria: c.criteria})
	return EntryResult{Status: 204}, err
}
