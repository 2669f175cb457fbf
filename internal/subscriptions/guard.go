package subscriptions

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

var (
	_ records.Shaper = (*Service)(nil)
	_ records.Guard  = (*Service)(nil)
)

// job is who keeps the status of Subscriptions.
var job = access.Job("subscriptions", "HOPERAT")

func ours(a access.Actor) bool { return a.Role == job.Role && a.ID == job.ID }

// Shape implements records.Shaper: a Subscription that can be served is stored as
// requested, or off, with its secrets sealed and without the error of before.
func (s *Service) Shape(_ context.Context, actor access.Actor, id string, r *fhir.Resource, _ *store.Resource) ([]tree.Edit, error) {
	if ours(actor) {
		return nil, nil
	}
	if actor.Client == "" {
		return nil, errs.New(errs.Forbidden, "a Subscription belongs to a client that subscribes")
	}
	spec, issues := readSpec(r.Root)
	w := &watched{spec: spec}
	if err := s.compile(w); err != nil {
		issues = append(issues, issuesOf(err)...)
	} else if !reaches(actor, w.topic) {
		issues = append(issues, fhir.Issue{Severity: "error", Code: "forbidden", Expression: "Subscription.criteria",
			Diagnostics: "no scope of the token lets this client read what the topic is about"})
	}
	if spec.Channel == restHook {
		if err := s.allowed(actor.Client, spec.Endpoint); err != nil {
			issues = append(issues, issuesOf(err)...)
		}
	}
	edits, err := s.seal(id, r.Root)
	if err != nil {
		issues = append(issues, issuesOf(err)...)
	}
	if len(issues) > 0 {
		return nil, errs.Wrap(&fhir.Invalid{Issues: issues}, errs.Unprocessable, "this Subscription cannot be served")
	}
	return append(edits, restated(r.Root)...), nil
}

// reaches asks the token alone: what it reaches of the data is decided event by event.
func reaches(a access.Actor, t *Topic) bool {
	for _, typ := range t.types() {
		if a.Unscoped || len(a.Scopes.Covering(typ, access.LetterR)) > 0 {
			return true
		}
	}
	return false
}

func issuesOf(err error) []fhir.Issue {
	e := errs.Of(err)
	code := e.Kind.IssueCode()
	if faults := search.Faults(e.Cause); len(faults) > 0 {
		list := make([]fhir.Issue, len(faults))
		for i, f := range faults {
			list[i] = fhir.Issue{Severity: "error", Code: code, Expression: e.Expression, Diagnostics: f.Error()}
		}
		return list
	}
	return []fhir.Issue{{Severity: "error", Code: code, Expression: e.Expression, Diagnostics: e.Safe}}
}

// restated sets the status that a client's Subscription begins with.
func restated(root tree.Value) (edits []tree.Edit) {
	if status := root.Get("status"); status.Text() != store.SubscriptionOff && status.Text() != store.SubscriptionRequested {
		edits = append(edits, tree.Replace(status, []byte(`"requested"`)))
	}
	return append(edits, without(root.Get("error"))...)
}

// without takes a member out of its object, with one comma.
func without(member tree.Value) []tree.Edit {
	if !member.Exists() {
		return nil
	}
	start, _ := member.KeySpan()
	_, end := member.Span()
	if next := member.Next(); next.Exists() {
		end, _ = next.KeySpan()
	} else if source := member.Source(); start > 0 {
		for start > 0 && source[start-1] != '{' {
			if start--; source[start] == ',' {
				break
			}
		}
	}
	return []tree.Edit{{Start: start, End: end}}
}

// stated are the edits that put a status, and why, into a Subscription.
func stated(root tree.Value, status, why string) []tree.Edit {
	text, _ := json.Marshal(status) //nolint:errchkjson // a string
	if why != "" {
		reason, _ := json.Marshal(why) //nolint:errchkjson // a string
		text = append(append(text, `,"error":`...), reason...)
	}
	return append([]tree.Edit{tree.Replace(root.Get("status"), text)}, without(root.Get("error"))...)
}

// Written implements records.Guard: what is asked for is kept in the transaction of
// the resource, with a job that begins it.
func (s *Service) Written(ctx context.Context, tx store.Tx, actor access.Actor, r store.Resource) error {
	switch {
	case r.Deleted:
		return s.rows.Delete(ctx, tx, r.ID)
	case ours(actor):
		return nil
	}
	root, err := tree.Parse(r.Body)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "the Subscription cannot be read back")
	}
	row, err := s.row(ctx, tx, actor, r.ID, root)
	if err != nil {
		return err
	}
	if err := s.rows.Ask(ctx, tx, row); err != nil || row.Status == store.SubscriptionOff {
		return err
	}
	return s.enqueue(ctx, tx, r.ID)
}

func (s *Service) row(ctx context.Context, tx store.Tx, actor access.Actor, id string, root tree.Value) (row store.Subscription, err error) {
	spec, _ := readSpec(root)
	row = store.Subscription{ID: id, Status: root.Get("status").Text(), Changed: store.Micros(tx.Now())}
	if row.Spec, err = json.Marshal(spec); err != nil {
		return row, err
	}
	known, err := s.rows.Get(ctx, tx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return row, err
	}
	by := ownerOf(actor)
	if err == nil && !by.same(known.Owner) {
		return row, nil // somebody else corrects it: it stays its owner's
	}
	row.Owner, err = json.Marshal(by)
	return row, err
}

// setStatus changes the state of a subscription and of its resource together.
func (s *Service) setStatus(ctx context.Context, id, status, why string) error {
	return s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		current, err := tx.Read(ctx, resource, id)
		if errs.Is(err, errs.Gone) || errs.Is(err, errs.NotFound) {
			return s.rows.Delete(ctx, tx.Store(), id)
		}
		if err != nil {
			return err
		}
		root, err := tree.Parse(current.Body)
		if err != nil {
			return errs.Wrap(err, errs.Internal, "the Subscription cannot be read back")
		}
		if root.Get("status").Text() == store.SubscriptionOff {
			status = store.SubscriptionOff // the client stopped it meanwhile
		}
		draft := records.Draft{Type: resource, ID: id, JSON: tree.Apply(current.Body, stated(root, status, why)), SkipUnchanged: true, IfVersion: current.Version}
		results, err := tx.Put(ctx, draft)
		if err != nil {
			return err
		}
		at := results[0].Resource.Updated
		if at.IsZero() {
			at = time.Now()
		}
		return s.rows.SetStatus(ctx, tx.Store(), id, status, why, at)
	})
}
