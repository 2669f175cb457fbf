package ingest

import (
	"context"
	"slices"

	"github.com/riverqueue/river"

	"tributary/fhir/search"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// RemoveArgs asks for the removal of what a connection, and others to the same record,
// have brought.
type RemoveArgs struct {
	Connection string `json:"connection"`
}

// Kind implements river.JobArgs.
func (RemoveArgs) Kind() string { return "remove" }

// atOnce is how many resources are removed in a transaction: few enough that nobody
// else waits long for a database with one writer.
const atOnce = 200

// Remove runs a removal's job: resources with their earlier versions and index rows,
// the provider's bytes, the quarantine, the claim. A run that is killed has removed
// what its transactions did, and the next goes on with the rest.
func (s *Service) Remove(ctx context.Context, j *river.Job[RemoveArgs]) error {
	c, err := s.connections.Get(ctx, s.Store, j.Args.Connection)
	if err != nil || c.State != store.ConnectionStopped || c.Reason != ReasonRemoving {
		return err
	}
	brought, err := s.connections.Brought(ctx, s.Store, c.Identity, c.Patient)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(brought, atOnce) {
		err := s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error { return s.forget(ctx, tx, c, c.Patient, some) })
		if err != nil {
			return err
		}
	}
	return s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error { return s.removed(ctx, tx, c) })
}

// removed ends a removal: nothing is brought any more while it goes on.
func (s *Service) removed(ctx context.Context, tx *records.Tx, c store.Connection) error {
	db := tx.Store()
	if err := s.unquarantine(ctx, db, c.Identity, c.Patient); err != nil {
		return err
	}
	same, err := s.sameRecord(ctx, db, c)
	for _, e := range same {
		if err == nil {
			err = s.connections.Stop(ctx, db, e.ID, ReasonRemoved, tx.Now())
		}
	}
	if err != nil {
		return err
	}
	return s.connections.Release(ctx, db, c.Identity, c.Patient)
}

// forget takes what sources became away from an account, with the earlier versions,
// which it could read by id for ever, and the sources. What is not about the person,
// such as a practitioner, who came with others' records as well, stays.
func (s *Service) forget(ctx context.Context, tx *records.Tx, c store.Connection, owner string, brought []store.Source) error {
	var gone []search.Key
	for _, source := range brought {
		id := s.id(c.Provider, source.Type, source.ProviderID)
		theirs, err := s.concerns(ctx, tx, source.Type, id, owner)
		if err == nil && theirs && source.Type != "Patient" { // of which only the source is kept
			err = tx.Delete(ctx, source.Type, id)
		}
		if err != nil {
			return err
		}
		if theirs {
			gone = append(gone, source.Key)
		}
	}
	if err := (tables.Versions{}).Purge(ctx, tx.Store(), gone); err != nil {
		return err
	}
	return s.connections.Forget(ctx, tx.Store(), gone)
}
