package records

import (
	"context"
	"sync/atomic"

	"tributary/internal/errs"
)

// MaxAnswered bounds the resources that the GET entries of one Bundle bring
// together, in bytes: ten thousand of them could ask for all that there is.
const MaxAnswered = 64 << 20

// portion is what is left of it.
type portion struct{ left atomic.Int64 }

func newPortion() *portion {
	p := &portion{}
	p.left.Store(MaxAnswered)
	return p
}

// get answers a GET entry within what is left.
func (p *portion) get(ctx context.Context, s *Service, r reading, c call) (EntryResult, error) {
	if p.left.Load() <= 0 {
		return EntryResult{}, errAnswered()
	}
	result, err := s.get(ctx, r, c)
	if err == nil && p.left.Add(-result.size()) < 0 {
		return EntryResult{}, errAnswered()
	}
	return result, err
}

func errAnswered() error {
	return errs.New(errs.TooCostly, "what the entries of this Bundle ask for is over %d MB together; ask in several Bundles, or with _count", MaxAnswered>>20)
}

func (e *EntryResult) size() int64 {
	n := len(e.Resource.Body)
	if e.History != nil {
		for i := range e.History.Resources {
			n += len(e.History.Resources[i].Body)
		}
	}
	if e.Search != nil {
		for i := range e.Search.Resources {
			n += len(e.Search.Resources[i].Body)
		}
		for i := range e.Search.Included {
			n += len(e.Search.Included[i].Body)
		}
	}
	return int64(n)
}
