package access

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"tributary/fhir/search"
	"tributary/internal/errs"
)

// sharingLife is how old the list of those who share may be: a decision that
// another process took has its effect here no later.
const sharingLife = time.Second

// sharingSize bounds how many lists are kept; a further one empties it.
const sharingSize = 256

// sharing keeps, for a moment, who on a client's Groups shares the health record:
// to answer it asks about everybody, and a client asks with each request.
type sharing struct {
	mu    sync.Mutex
	lists map[string]*sharers
}

// sharers is a list as it was read, ready to narrow with. It is not changed.
type sharers struct {
	ids     []search.Value // search.IDValue each
	targets []search.Value // one search.ReferenceValue
	read    time.Time
	changes int64
}

// Changing is what Consents may be beside: Changes counts the decisions of this
// process. Only with it is a list kept, so that here a revocation counts at once.
type Changing interface{ Changes() int64 }

// members narrows to those on the client's Groups who share their record with the
// provider whose system it is.
func (d *Decision) members(ctx context.Context, p *Policy) error {
	s, err := p.sharers(ctx, d.actor)
	switch {
	case err != nil:
		return err
	case len(s.ids) == 0:
		return errNobody
	case d.request.Type == "Patient":
		d.Narrow = append(d.Narrow, search.Clause{Param: &idParam, AnyOf: s.ids})
		return nil
	}
	param, ok := Membership(p.Registry, d.request.Type)
	if !ok {
		return errs.New(errs.Forbidden, "%s is reached by no participant", d.request.Type)
	}
	d.Narrow = append(d.Narrow, search.Clause{Param: param.Rows(), AnyOf: s.targets})
	return nil
}

func (p *Policy) sharers(ctx context.Context, a Actor) (*sharers, error) {
	counter, ok := p.Consents.(Changing)
	if !ok {
		return p.share(ctx, a)
	}
	key, now, changes := a.Provider+"\x00"+strings.Join(a.Groups, "\x00"), p.now(), counter.Changes()
	p.sharing.mu.Lock()
	s := p.sharing.lists[key]
	p.sharing.mu.Unlock()
	if s != nil && s.changes == changes && now.Sub(s.read) < sharingLife {
		return s, nil
	}
	s, err := p.share(ctx, a)
	if err != nil {
		return nil, err
	}
	s.read, s.changes = now, changes
	p.sharing.keep(key, s)
	return s, nil
}

func (s *sharing) keep(key string, list *sharers) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists == nil || len(s.lists) >= sharingSize {
		s.lists = map[string]*sharers{}
	}
	s.lists[key] = list
}

// share asks who is on the client's Groups and shares the record with its provider.
func (p *Policy) share(ctx context.Context, a Actor) (*sharers, error) {
	var reached []string
	for _, group := range a.Groups {
		members, err := p.Groups.Members(ctx, group)
		if err != nil {
			return nil, err
		}
		for _, patient := range members {
			now, err := p.Consents.Permissions(ctx, patient)
			if err != nil {
				return nil, err
			}
			if now.From(a.Provider) {
				reached = append(reached, patient)
			}
		}
	}
	slices.Sort(reached)
	reached = slices.Compact(reached)
	s := &sharers{ids: make([]search.Value, len(reached))}
	targets := make([]int64, len(reached))
	for i, id := range reached {
		s.ids[i], targets[i] = search.IDValue{ID: id}, int64(search.KeyOf("Patient", id))
	}
	s.targets = []search.Value{search.ReferenceValue{Targets: targets}}
	return s, nil
}
