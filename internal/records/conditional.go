package records

import (
	"context"
	"errors"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// criteria is a condition of a conditional interaction.
type criteria struct {
	typ   string
	asked []search.Clause // as the client wrote them
	query search.Query    // narrowed to what the actor reaches
	hash  int64           // of the criteria in a canonical order, for Claim
}

// criteriaOf reads the condition, narrowed to what the actor reaches. Without any
// condition it is refused: it would be about everything. Who may not do what depends
// on it is refused, too, whatever there is: without a match nothing else would ask.
func (s *Service) criteriaOf(ctx context.Context, actor access.Actor, i access.Interaction, typ, query string) (criteria, error) {
	if _, err := s.policy.Decide(ctx, actor, access.Request{Interaction: i, Type: typ}); err != nil {
		return criteria{}, err
	}
	pairs, err := Pairs(strings.TrimPrefix(query, "?"))
	if err != nil {
		return criteria{}, err
	}
	options := search.Options{DefaultCount: 2, MaxCount: 2, Base: s.base, Now: s.now()}
	lists := s.lists(ctx, s.store, &options)
	parsed, err := s.registry.ParseQuery(typ, pairs, options)
	if lists.failed != nil {
		return criteria{}, lists.failed
	}
	if err != nil {
		return criteria{}, errs.Wrap(err, errs.Invalid, "the condition is not understood")
	}
	if len(parsed.Query.Where) == 0 || typ == auditEvent {
		return criteria{}, errs.New(errs.Precondition, "a condition needs a search parameter")
	}
	d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Search, Type: typ})
	if err != nil {
		return criteria{}, err
	}
	where, err := s.narrow(ctx, actor, &d, parsed.Query.Where)
	return criteria{typ, parsed.Query.Where, search.Query{Type: typ, Where: where, Count: 2}, criteriaHash(typ, pairs)}, err
}

// criteriaHash is the same for the same conditions in another order.
func criteriaHash(typ string, pairs []search.Pair) int64 {
	words := make([]string, len(pairs))
	for i, p := range pairs {
		words[i] = p.Name + "=" + p.Value
	}
	slices.Sort(words)
	return search.Hash(typ, "?", strings.Join(words, "&"))
}

// match returns the id of the only match, "" for none; several are Ambiguous.
func match(ctx context.Context, r store.Reader, c criteria, without map[string]bool) (string, error) {
	ids, err := matching(ctx, r, c, without)
	if err != nil {
		return "", err
	}
	return c.only(ids)
}

// matching returns the ids of the matches but those of without (Type/id); when there are
// several, of two at least.
func matching(ctx context.Context, r store.Reader, c criteria, without map[string]bool) ([]string, error) {
	c.query.Count += len(without)
	page, err := r.Search(ctx, c.query, nil)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range page.Resources {
		if !without[r.Type+"/"+r.ID] {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

// only is the one that matches, "" when none does.
func (c criteria) only(ids []string) (string, error) {
	switch len(ids) {
	case 0:
		return "", nil
	case 1:
		return ids[0], nil
	}
	return "", errs.New(errs.Ambiguous, "the condition matches more than one %s", c.typ)
}

// conditionalCreate creates unless there is a match. Creates with the same
// criteria wait for each other, so that racing ones make one.
func (s *Service) conditionalCreate(ctx context.Context, actor access.Actor, c *change, query string) (Result, error) {
	where, err := s.criteriaOf(ctx, actor, access.Create, c.typ, query)
	if err == nil {
		err = s.settle(ctx, actor, c)
	}
	if err == nil {
		err = s.prepare(ctx, s.store, actor, []*change{c})
	}
	if err != nil {
		return Result{}, s.refuse(ctx, actor, access.Create, c.typ, "", err)
	}
	var result Result
	err = s.inTx(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := tx.Claim(ctx, where.hash); err != nil {
			return err
		}
		id, err := match(ctx, tx, where, nil)
		if err != nil || id != "" {
			result.Unchanged = true
			return s.found(ctx, tx, actor, c.typ, id, err, &result.Resource)
		}
		results, err := s.commit(ctx, tx, actor, access.Create, []*change{c})
		if err == nil {
			result = results[0]
		}
		return err
	})
	if err != nil {
		return Result{}, s.refuse(ctx, actor, access.Create, c.typ, "", stale(err))
	}
	return result, nil
}

// found reads the match of a conditional create; that is an access, too.
func (s *Service) found(ctx context.Context, tx store.Tx, actor access.Actor, typ, id string, err error, into *store.Resource) error {
	if err != nil {
		return err
	}
	if *into, err = tx.Read(ctx, typ, id); err != nil {
		return err
	}
	return s.audit.Append(ctx, tx, actor, audit.PurposeOf(actor), matchedEvent(*into))
}

func matchedEvent(r store.Resource) audit.Event {
	return audit.Event{Interaction: access.Read, Entities: seen([]store.Resource{r})}
}

// conditionalUpdate updates the only match. Without one it creates, under the
// id of the body if it has one (R4, section 3.1.0.4.3).
func (s *Service) conditionalUpdate(ctx context.Context, actor access.Actor, op Op) (Result, error) {
	result, err := s.updateWhere(ctx, actor, op)
	if err != nil {
		return Result{}, s.refuse(ctx, actor, access.Update, op.Type, "", err)
	}
	return result, nil
}

func (s *Service) updateWhere(ctx context.Context, actor access.Actor, op Op) (Result, error) {
	where, err := s.criteriaOf(ctx, actor, access.Update, op.Type, *op.Criteria)
	if err != nil {
		return Result{}, err
	}
	op.ID = ""
	r, err := op.resource()
	if err != nil {
		return Result{}, err
	}
	var result Result
	err = s.again(func() error {
		c, err := s.matched(ctx, actor, where, op, r.ID)
		if err != nil {
			return err
		}
		c.resource = r
		return s.commitMatched(ctx, actor, where, c, &result)
	})
	return result, err
}

// matched finds what a conditional update is of.
func (s *Service) matched(ctx context.Context, actor access.Actor, where criteria, op Op, own string) (*change, error) {
	id, err := match(ctx, s.store, where, nil)
	if err != nil {
		return nil, err
	}
	c := &change{typ: op.Type, id: id, method: "PUT", interaction: access.Update}
	if c.expect, err = op.expect(); err != nil {
		return nil, err
	}
	switch {
	case id != "" && own != "" && id != own:
		return nil, errs.New(errs.Invalid, "the body's id is not that of the match").At(op.Type + ".id")
	case id == "" && own != "":
		c.id, c.expect.absent = own, true
		return c, mayBeID(own)
	case id == "":
		c.id, c.fresh, c.method, c.interaction = s.ids.New(op.Type), true, "POST", access.Create
	}
	return c, nil
}

// errMoved says that the match is another one by the time of the transaction.
var errMoved = errors.New("records: the match has changed")

// again repeats what was prepared on a match that has changed since.
func (s *Service) again(try func() error) error {
	for range 5 {
		if err := try(); !errors.Is(err, errMoved) {
			return err
		}
	}
	return errs.New(errs.Conflict, "others change what the condition matches; try again")
}

// commitMatched writes the change if the criteria still lead to it.
func (s *Service) commitMatched(ctx context.Context, actor access.Actor, where criteria, c *change, result *Result) error {
	if err := s.settle(ctx, actor, c); err != nil {
		return err
	}
	if err := s.prepare(ctx, s.store, actor, []*change{c}); err != nil {
		return err
	}
	return stale(s.inTx(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := tx.Claim(ctx, where.hash); err != nil {
			return err
		}
		id, err := match(ctx, tx, where, nil)
		if err != nil {
			return err
		}
		if id != c.id && (id != "" || !c.fresh && !c.expect.absent) {
			return errMoved
		}
		results, err := s.commit(ctx, tx, actor, c.interaction, []*change{c})
		if err == nil {
			*result = results[0]
		}
		return err
	}))
}

// conditionalDelete deletes the only match; none is not an error.
func (s *Service) conditionalDelete(ctx context.Context, actor access.Actor, op Op) (Result, error) {
	where, err := s.criteriaOf(ctx, actor, access.Delete, op.Type, *op.Criteria)
	var id string
	if err == nil {
		id, err = match(ctx, s.store, where, nil)
	}
	switch {
	case err != nil:
		return Result{}, s.refuse(ctx, actor, access.Delete, op.Type, "", err)
	case id == "":
		return Result{Unchanged: true}, s.audit.Record(ctx, actor, audit.PurposeOf(actor), audit.Event{Interaction: access.Delete, Type: op.Type})
	}
	return s.Delete(ctx, actor, Op{Type: op.Type, ID: id, IfMatch: op.IfMatch, IfNoneMatch: op.IfNoneMatch})
}
