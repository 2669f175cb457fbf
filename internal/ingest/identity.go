package ingest

import (
	"context"
	"runtime"
	"sync"

	"tributary/connectors"
	"tributary/fhir/tree"
	"tributary/internal/records"
	"tributary/internal/store"
)

// identify compares the provider's patient with the participant before
// anything of the record is stored. A person may have picked a child's record,
// or be given another's: what differs is for staff to decide.
func (r *run) identify(ctx context.Context, page connectors.Page) error {
	if r.connection.Reason == Accepted {
		return nil
	}
	if len(page.Resources) != 1 {
		return r.end(ctx, store.ConnectionHeld, ReasonUnreadable)
	}
	theirs, err := tree.Parse(page.Resources[0])
	if err != nil || theirs.Get("resourceType").Text() != "Patient" || theirs.Get("id").Text() != r.creds.Patient {
		return r.end(ctx, store.ConnectionHeld, ReasonUnreadable)
	}
	ours, err := r.patient(ctx, r.connection.Patient)
	if err != nil {
		return err
	}
	said := demographics(theirs)
	if said == demographics(ours) {
		return nil
	}
	sealed, err := r.sealTheirs(r.connection.ID, said)
	if err != nil {
		return err
	}
	if err := r.connections.SetTheirs(ctx, r.Store, r.connection.ID, sealed); err != nil {
		return err
	}
	return r.end(ctx, store.ConnectionHeld, ReasonDemographics)
}

// patient is a participant's Patient.
func (s *Service) patient(ctx context.Context, id string) (patient tree.Value, err error) {
	err = s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		stored, err := tx.Read(ctx, "Patient", id)
		if err != nil {
			return err
		}
		patient, err = tree.Parse(stored.Body)
		return err
	})
	return patient, err
}

// inParallel runs fn over all items on all processors.
func inParallel[T any](items []T, fn func(T)) {
	var group sync.WaitGroup
	next := make(chan T)
	for range min(len(items), runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for item := range next {
				fn(item)
			}
		})
	}
	for _, item := range items {
		next <- item
	}
	close(next)
	group.Wait()
}
