package records

import (
	"context"
	"slices"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// EncounterEverything is an Encounter/id/$everything (R4, operation Encounter-everything).
type EncounterEverything struct {
	Encounter string
	Types     []string // "" of all
	Since     string   // only what was changed since, an instant or date
	Count     int      // resources on a page; 0 is MaxCount
	Query     string   // as asked, for the audit
	After     *store.Cursor
}

// inEncounter are the references by which a type is in the compartment of an Encounter,
// where they are not called encounter (R4, CompartmentDefinition encounter).
var inEncounter = map[string]string{"ChargeItem": "context", "MedicationAdministration": "context", "DocumentManifest": "related-ref"}

// EncounterEverything returns a page of the Encounter, what is in its compartment, and
// its Patient; and what these refer to outside of any compartment. Of a compartment with
// more than MaxIncluded resources the rest is missing, and Page.Cut says so.
func (s *Service) EncounterEverything(ctx context.Context, actor access.Actor, e EncounterEverything) (Page, error) {
	page, err := s.ofEncounter(ctx, actor, e)
	if err != nil {
		return Page{}, s.refuse(ctx, actor, access.Read, "Encounter", e.Encounter, err)
	}
	return page, s.audit.Record(ctx, actor, audit.PurposeOf(actor), audit.Event{
		Interaction: access.Search, Type: "Encounter", Query: e.Query, Entities: seen(slices.Concat(page.Resources, page.Included)),
	})
}

func (s *Service) ofEncounter(ctx context.Context, actor access.Actor, e EncounterEverything) (page Page, err error) {
	since, _, err := s.instant("_since", e.Since, 0, 0)
	if err != nil {
		return page, err
	}
	d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Read, Type: "Encounter", ID: e.Encounter})
	if err != nil {
		return page, err
	}
	encounter, err := s.current(ctx, s.store, &d, "Encounter", e.Encounter)
	if err != nil {
		return page, err
	}
	n := s.inclusion(s.store, actor, access.Read)
	n.add(encounter)
	if err := n.encountered(ctx, encounter, e.Types); err != nil {
		return page, err
	}
	all := slices.DeleteFunc(n.found, func(r store.Resource) bool {
		return !wants(e.Types, r.Type) || store.Micros(r.Updated) < since
	})
	page = Page{Cut: n.cut}
	if page.Page, err = portionOf(all, e.Count, e.After); err != nil {
		return page, err
	}
	n.found = nil
	err = n.around(ctx, page.Resources, e.Types)
	page.Included, page.Cut = n.found, page.Cut || n.cut
	return page, err
}

// encountered adds the Encounter's Patient and its compartment.
func (n *inclusion) encountered(ctx context.Context, encounter store.Resource, types []string) error {
	var people []store.Ref
	for ref := range references(encounter.Body, n.service.base) {
		if ref.Type == "Patient" {
			people = append(people, store.Ref(ref))
		}
	}
	if err := n.read(ctx, people); err != nil {
		return err
	}
	for _, typ := range store.TypeNames() {
		code, named := inEncounter[typ]
		if !named {
			code = "encounter"
		}
		param, ok := n.service.registry.Lookup(typ, code)
		if !ok || !wants(types, typ) || param.Kind != search.Reference || !slices.Contains(param.Targets, "Encounter") || access.ClassOf(typ) != access.InPatient {
			continue
		}
		include := search.Include{Type: typ, Param: param, Reverse: true}
		if err := n.referring(ctx, include, []store.Resource{encounter}); err != nil || n.cut {
			return err
		}
	}
	return nil
}

// portionOf is a page of a list that is made anew for each.
func portionOf(all []store.Resource, count int, after *store.Cursor) (page store.Page, err error) {
	from := int64(0)
	if after != nil {
		if len(after.Sort) != 1 {
			return page, errs.New(errs.Invalid, "the page link does not belong here")
		}
		if from, err = whole(after.Sort[0]); err != nil {
			return page, errs.Wrap(err, errs.Invalid, "the page link is damaged")
		}
	}
	if count <= 0 || count > MaxCount {
		count = MaxCount
	}
	page.Total = int64(len(all))
	all = all[min(max(from, 0), page.Total):]
	if len(all) > count {
		page.Next = &store.Cursor{Sort: []any{from + int64(count)}}
		all = all[:count]
	}
	page.Resources = slices.Clip(all)
	return page, nil
}
