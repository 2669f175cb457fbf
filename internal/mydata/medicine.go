package mydata

import (
	"context"
	"strings"

	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
)

// medicineName is what a Medication is called: by its code, else by what it is made of.
func medicineName(medication tree.Value) string {
	if text := plain(medication.Get("code")); text != "" {
		return clip(text)
	}
	var parts []string
	for i := range medication.Get("ingredient").Elements() {
		if text := plain(i.Get("itemCodeableConcept")); text != "" {
			parts = append(parts, text)
		}
	}
	return clip(strings.Join(parts, " + "))
}

// nameMedicines gives the entries whose records say no name of a medicine the name of the
// one that they refer to.
func (s *Service) nameMedicines(ctx context.Context, who access.Actor, entries []Entry) error {
	var references []string
	for _, e := range entries {
		if e.medicine != "" {
			references = append(references, e.medicine)
		}
	}
	names, err := s.medicines(ctx, who, references)
	for i := range entries {
		if e := &entries[i]; e.medicine != "" {
			e.Title = names[e.medicine]
		}
	}
	return err
}

// medicines are the names of medicines that the reader may read, by the references to
// them.
func (s *Service) medicines(ctx context.Context, who access.Actor, references []string) (map[string]string, error) {
	found, err := s.Records.Referred(ctx, who, references)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(found))
	for reference, r := range found {
		root, err := tree.Parse(r.Body)
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "a record cannot be read back")
		}
		names[reference] = medicineName(root)
	}
	return names, nil
}

// nameLinks fills in what a record's reference leads to.
func nameLinks(fields []Field, reference, name string) {
	for i := range fields {
		if f := &fields[i]; f.Link != "" && f.Link == reference && f.Value == "" {
			f.Value = name
		}
	}
}
