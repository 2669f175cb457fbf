package records

import (
	"context"
	"math"
	"slices"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Everything is a Patient/id/$everything (R4, operation Patient-everything).
type Everything struct {
	Patient    string
	Types      []string // "" of all
	Since      string   // only what was changed since, an instant or date
	Start, End string   // only care within these dates; what has no date of care stays
	Count      int      // resources of the compartment on a page; 0 is MaxCount
	Query      string   // as asked, for the audit
	After      *store.Cursor
}

// Everything returns a page of the Patient, what is in the compartment, and what
// these refer to outside of any compartment (practitioners, places, medications).
// Next goes on. What the actor does not reach is not in it.
func (s *Service) Everything(ctx context.Context, actor access.Actor, e Everything) (Page, error) {
	page, err := s.everything(ctx, actor, e)
	if err != nil {
		return Page{}, s.refuse(ctx, actor, access.Read, "Patient", e.Patient, err)
	}
	return page, s.audit.Record(ctx, actor, audit.PurposeOf(actor), audit.Event{
		Interaction: access.Search, Type: "Patient", Query: e.Query, Entities: entitiesOf(e.Patient, page),
	})
}

// entitiesOf names whom the page is about without reading its bodies.
func entitiesOf(patient string, page Page) []audit.Entity {
	entities := make([]audit.Entity, 0, len(page.Resources)+len(page.Included))
	for _, r := range page.Resources {
		entities = append(entities, audit.Entity{Type: r.Type, ID: r.ID, Version: r.Version, Patients: []string{patient}})
	}
	for _, r := range page.Included {
		entities = append(entities, audit.Entity{Type: r.Type, ID: r.ID, Version: r.Version, Patients: []string{}})
	}
	return entities
}

func (s *Service) everything(ctx context.Context, actor access.Actor, e Everything) (Page, error) {
	d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Read, Type: "Patient", ID: e.Patient})
	if err != nil {
		return Page{}, err
	}
	patient, err := s.current(ctx, s.store, &d, "Patient", e.Patient)
	if err != nil {
		return Page{}, err
	}
	query, err := s.compartment(e)
	if err != nil {
		return Page{}, err
	}
	found, err := tables.Compartments{}.List(ctx, s.store, query)
	if err != nil {
		return Page{}, err
	}
	page := Page{Page: store.Page{Total: -1}}
	if len(found) == query.Limit {
		found = found[:len(found)-1]
		page.Next = &store.Cursor{Key: found[len(found)-1].Key()}
	}
	n := s.inclusion(s.store, actor, access.Search)
	if e.After == nil && wants(e.Types, "Patient") && store.Micros(patient.Updated) >= query.Since {
		n.add(patient)
	}
	if err := n.compartment(ctx, found, int64(query.Patient)); err != nil {
		return Page{}, err
	}
	page.Resources = slices.Clip(n.found)
	n.found, n.by, n.decisions = nil, access.Read, map[string]*access.Decision{}
	if err := n.around(ctx, page.Resources, e.Types); err != nil {
		return Page{}, err
	}
	page.Included, page.Cut = n.found, n.cut
	return page, nil
}

func wants(types []string, typ string) bool { return len(types) == 0 || slices.Contains(types, typ) }

// compartment is the query of the index. The Patient is not asked of it: by
// Patient.link others are in the same compartment.
func (s *Service) compartment(e Everything) (store.Compartment, error) {
	c := store.Compartment{Patient: search.KeyOf("Patient", e.Patient), Limit: MaxCount + 1}
	if e.Count > 0 {
		c.Limit = min(e.Count, MaxCount) + 1
	}
	if e.After != nil {
		c.After, c.Begun = e.After.Key, true
	}
	for _, typ := range s.compartmentTypes() {
		if param, ok := s.registry.Lookup(typ, search.Compartment); ok && typ != "Patient" && wants(e.Types, typ) {
			c.Params = append(c.Params, param.Rows().Number)
			if p, ok := s.registry.CareDate(typ); ok {
				c.Dates = append(c.Dates, p.Number)
			}
		}
	}
	var err error
	if c.Since, _, err = s.instant("_since", e.Since, 0, 0); err != nil {
		return c, err
	}
	if c.From, _, err = s.instant("start", e.Start, math.MinInt64, 0); err != nil {
		return c, err
	}
	_, c.To, err = s.instant("end", e.End, 0, math.MaxInt64)
	c.Care = e.Start != "" || e.End != ""
	return c, err
}

// compartmentTypes are those that can be reached through a Patient.
func (s *Service) compartmentTypes() (types []string) {
	for _, typ := range store.TypeNames() {
		if access.ClassOf(typ) == access.InPatient {
			types = append(types, typ)
		}
	}
	return types
}

// instant reads a date or time, as the microseconds that it covers; lo and hi
// stand for an empty one.
func (s *Service) instant(name, text string, lo, hi int64) (int64, int64, error) {
	if text == "" {
		return lo, hi, nil
	}
	parsed, err := s.registry.ParseQuery("Patient", []search.Pair{{Name: search.LastUpdated, Value: text}}, search.Options{Now: s.now()})
	if err == nil && len(parsed.Query.Where[0].AnyOf) == 1 {
		if v, ok := parsed.Query.Where[0].AnyOf[0].(search.DateValue); ok && v.Prefix == search.Eq {
			return v.Lo, v.Hi, nil
		}
	}
	return 0, 0, errs.New(errs.Invalid, "%s is a date or an instant, such as 2024-05-31T08:00:00Z", name).At("http." + name)
}

// compartment adds what of the compartment the actor reaches.
func (n *inclusion) compartment(ctx context.Context, found []store.Resource, patient int64) error {
	for i := range found {
		r := &found[i]
		d, err := n.decided(ctx, r.Type)
		if err != nil {
			return err
		}
		if d != nil && (within(d, patient) || n.service.visible(d, *r) == nil) {
			n.add(*r)
		}
	}
	return nil
}

// within reports whether all of the Patient's compartment is in the decision's reach.
func within(d *access.Decision, patient int64) bool {
	for _, c := range d.Narrow {
		if c.Not || c.Chain != nil || c.Missing != search.NotAsked || c.Param == nil || c.Param.Code != search.Compartment {
			return false
		}
		reached := slices.ContainsFunc(c.AnyOf, func(v search.Value) bool {
			ref, ok := v.(search.ReferenceValue)
			return ok && slices.Contains(ref.Targets, patient)
		})
		if !reached {
			return false
		}
	}
	return true
}

// around adds what the resources refer to and no Patient owns.
func (n *inclusion) around(ctx context.Context, found []store.Resource, types []string) error {
	asked := map[search.Ref]bool{}
	var refs []store.Ref
	for i := range found {
		for ref := range references(found[i].Body, n.service.base) {
			if asked[ref] || n.have[ref] || access.ClassOf(ref.Type) != access.Shared || !wants(types, ref.Type) {
				continue
			}
			if n.cut = len(refs) == MaxIncluded; n.cut {
				break
			}
			asked[ref] = true
			refs = append(refs, store.Ref(ref))
		}
	}
	if len(refs) == 0 {
		return nil
	}
	others, err := n.from.ReadMany(ctx, refs)
	for i := range others {
		if err == nil {
			err = n.admit(ctx, &others[i])
		}
	}
	return err
}
