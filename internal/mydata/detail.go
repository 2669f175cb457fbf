package mydata

import (
	"context"

	"tributary/fhir/model"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Version is one state of a record.
type Version struct {
	Number  int64
	At      When
	Deleted bool
}

// Detail is all that is kept about one record.
type Detail struct {
	Entry
	Fields   []Field
	Version  int64 // that is shown
	Versions []Version
	More     bool   // there are older versions
	Cut      bool   // there are more fields
	Amount   bool   // it has a value that charts show
	JSON     []byte // as stored
}

// maxVersions is how many versions a page names.
const maxVersions = 50

// Detail reads a record; version 0 is the current one.
func (s *Service) Detail(ctx context.Context, who access.Actor, typ, id string, version int64) (Detail, error) {
	r, err := s.read(ctx, who, typ, id, version)
	if err != nil {
		return Detail{}, err
	}
	entries, err := s.entries(ctx, who, []store.Resource{r})
	if err != nil {
		return Detail{}, err
	}
	root, err := tree.Parse(r.Body)
	if err != nil {
		return Detail{}, errs.Wrap(err, errs.Internal, "a record cannot be read back")
	}
	w := walk{left: maxFields}
	d := Detail{Entry: entries[0], Fields: w.fields(root, typ, 0), Version: r.Version, JSON: r.Body}
	nameLinks(d.Fields, d.medicine, d.Title)
	d.Cut, d.Amount = w.left <= 0, typ == observation && measures(root) && !d.Wrong
	history, err := s.Records.Versions(ctx, who, records.Versions{Type: typ, ID: id, Count: maxVersions})
	if err != nil {
		return Detail{}, err
	}
	for _, v := range history.Resources {
		d.Versions = append(d.Versions, Version{v.Version, When{v.Updated, Minute}, v.Deleted})
	}
	d.More = history.Next != nil
	return d, nil
}

// measures tells whether an Observation, or a part of it, has an amount that charts show.
func measures(root tree.Value) bool {
	if !root.At("code", "coding").Exists() {
		return false
	}
	for c := range root.Get("component").Elements() {
		if a, ok := amountOf(c.Get("valueQuantity")); ok && a.drawable() && codeOf(c.Get("code")) != "" {
			return true
		}
	}
	a, ok := amountOf(root.Get("valueQuantity"))
	return ok && a.drawable()
}

func (s *Service) read(ctx context.Context, who access.Actor, typ, id string, version int64) (store.Resource, error) {
	if !model.IsResource(typ) {
		return store.Resource{}, errs.New(errs.NotFound, "there is no such record")
	}
	if version > 0 {
		return s.Records.ReadVersion(ctx, who, typ, id, version)
	}
	return s.Records.Read(ctx, who, typ, id)
}

// JSON is a record as it is stored; version 0 is the current one.
func (s *Service) JSON(ctx context.Context, who access.Actor, typ, id string, version int64) ([]byte, error) {
	r, err := s.read(ctx, who, typ, id, version)
	return r.Body, err
}
