package records

import (
	"context"
	"time"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// placeholder stands for the time until the transaction knows it; any time will do.
var placeholder = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

const instantLayout = "2006-01-02T15:04:05.000Z"

// ready does the work of one change that needs no transaction.
func (s *Service) ready(ctx context.Context, c *change) error {
	c.indexed = s.registry.Version()
	old, err := s.held(c.previous)
	if err != nil {
		return err
	}
	if c.previous != nil && !c.previous.Deleted && c.decision.Narrowed() {
		if err := c.decision.Check(c.id, old); err != nil {
			return c.at(err)
		}
	}
	if c.patch != nil {
		if err := s.patched(ctx, c); err != nil {
			return c.at(err)
		}
	}
	if c.resource == nil {
		c.entries, c.add, c.drop = search.Entries{}, search.Entries{}, old
		c.patients = s.patients(c.typ, c.id, old, bodyOf(c.previous))
		return c.at(s.consented(ctx, c))
	}
	if err := s.stamp(ctx, c); err != nil {
		return c.at(err)
	}
	c.add, c.drop = search.Diff(old, c.entries)
	c.same = c.skip && c.previous != nil && !c.previous.Deleted && sameContent(c.previous.Body, c.body)
	if err := c.decision.CheckWrite(c.id, c.entries); err != nil {
		return c.at(err)
	}
	return c.at(s.consented(ctx, c))
}

// consented asks the policy about consent, outside of the transaction: early and
// from its cache. Inside, another connection must not be waited for.
func (s *Service) consented(ctx context.Context, c *change) error {
	if c.inside && s.withdrawn != nil {
		return nil
	}
	return c.decision.Consented(ctx, c.patients)
}

// still asks about consent as the transaction sees it.
func (s *Service) still(ctx context.Context, tx store.Tx, changes []*change) error {
	if s.withdrawn == nil {
		return nil
	}
	asked := map[string]bool{}
	for _, c := range changes {
		if !c.decision.Guarded() {
			continue
		}
		for _, patient := range c.patients {
			if asked[patient] {
				continue
			}
			asked[patient] = true
			gone, err := s.withdrawn(ctx, tx, patient)
			if err == nil && gone {
				err = access.ErrWithdrawn
			}
			if err != nil {
				return c.at(err)
			}
		}
	}
	return nil
}

func bodyOf(r *store.Resource) []byte {
	if r == nil {
		return nil
	}
	return r.Body
}

// held extracts what the index holds of a stored version.
func (s *Service) held(r *store.Resource) (search.Entries, error) {
	if r == nil || r.Deleted {
		return search.Entries{}, nil
	}
	root, err := tree.Parse(r.Body)
	if err != nil {
		return search.Entries{}, errs.Wrap(err, errs.Internal, "%s/%s cannot be read back", r.Type, r.ID)
	}
	return s.extract(r.Type, r.ID, root)
}

// ownSystems are those of the tags that the server alone sets.
var ownSystems = []string{OriginSystem, access.OwnerSystem}

// stamp renders the version that will be stored, but for its time, and indexes it.
func (s *Service) stamp(ctx context.Context, c *change) error {
	edits, err := s.shaped(ctx, c)
	if err != nil {
		return err
	}
	stamp := fhir.Stamp{
		ID: c.id, VersionID: c.version(), LastUpdated: placeholder, Source: c.source,
		OwnedSystems: ownSystems, Edits: edits, Tags: c.owner(),
	}
	if origin := c.label(); origin != "" {
		stamp.Tags = append(stamp.Tags, fhir.Coding{System: OriginSystem, Code: string(origin)})
	}
	c.body = c.resource.Stamp(stamp)
	root, err := tree.Parse(c.body)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "the %s cannot be stored", c.typ)
	}
	start, end := root.At("meta", "lastUpdated").Span()
	if end-start != len(instantLayout)+2 {
		return errs.New(errs.Internal, "the %s was stamped without a time", c.typ)
	}
	c.timeAt = start + 1
	if c.entries, err = s.extract(c.typ, c.id, root); err != nil {
		return err
	}
	c.patients = s.patients(c.typ, c.id, c.entries, c.body)
	return nil
}

// version is the number of the version to be written.
func (c *change) version() int64 {
	if c.previous == nil {
		return 1
	}
	return c.previous.Version + 1
}

// patients are the ids of the Patients in whose compartment the resource is: of
// those that its JSON names, those that the index has.
func (s *Service) patients(typ, id string, e search.Entries, body []byte) []string {
	if typ == "Patient" {
		return []string{id}
	}
	ids := []string{}
	param, ok := access.Membership(s.registry, typ)
	if !ok || len(e.References) == 0 {
		return ids
	}
	for _, candidate := range audit.PatientsNamed(body) {
		key := int64(search.KeyOf("Patient", candidate))
		for _, r := range e.References {
			if r.Param == param.Rows().Number && r.Target == key {
				ids = append(ids, candidate)
				break
			}
		}
	}
	return ids
}

// sameContent compares two bodies without what the server sets in meta.
func sameContent(a, b []byte) bool { return string(withoutStamp(a)) == string(withoutStamp(b)) }

// withoutStamp blanks meta.versionId and meta.lastUpdated.
func withoutStamp(body []byte) []byte {
	root, err := tree.Parse(body)
	if err != nil {
		return body
	}
	var edits []tree.Edit
	for _, name := range []string{"versionId", "lastUpdated"} {
		if v := root.At("meta", name); v.Exists() {
			edits = append(edits, tree.Replace(v, []byte(`""`)))
		}
	}
	return tree.Apply(body, edits)
}

func (s *Service) extract(typ, id string, root tree.Value) (search.Entries, error) {
	e, err := s.registry.Extract(typ, id, root, s.base)
	if err != nil {
		return e, errs.Wrap(err, errs.Internal, "the %s cannot be indexed", typ)
	}
	return e, nil
}
