package reindex

import (
	"context"
	"slices"

	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
)

// Repair adds the rows that are missing of resources, and drops rows, if what is
// stored by then still says so.
func (s *Service) Repair(ctx context.Context, incomplete []store.Ref, extra []sqlindex.Row) (added, dropped int64, err error) {
	for part := range slices.Chunk(incomplete, walkBatch) {
		n, err := s.repairMissing(ctx, part)
		if err != nil {
			return added, dropped, err
		}
		added += n
	}
	byTable := map[int][][]any{}
	for _, row := range extra {
		byTable[row.Table] = append(byTable[row.Table], row.Cells)
	}
	for table, rows := range byTable {
		for part := range slices.Chunk(rows, sweepRows) {
			n, err := s.repairExtra(ctx, table, part)
			if err != nil {
				return added, dropped, err
			}
			dropped += n
		}
	}
	return added, dropped, nil
}

func (s *Service) repairMissing(ctx context.Context, refs []store.Ref) (added int64, err error) {
	found, err := s.Store.ReadMany(ctx, refs)
	if err != nil {
		return 0, err
	}
	ready := make(map[string]prepared, len(found))
	for _, r := range found {
		ready[keyOf(r)] = s.prepare(r, nil)
	}
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		step := store.ReindexStep{}
		if err := s.complete(ctx, tx, store.Reindex{}, &step, found, ready); err != nil {
			return err
		}
		added = step.Added
		return nil
	})
	return added, err
}

func (s *Service) repairExtra(ctx context.Context, table int, rows [][]any) (dropped int64, err error) {
	owners, err := s.owners(ctx, s.Store, table, rows)
	if err != nil {
		return 0, err
	}
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		dropped, err = s.drop(ctx, tx, table, rows, owners)
		return err
	})
	return dropped, err
}
