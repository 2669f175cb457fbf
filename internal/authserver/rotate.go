package authserver

import (
	"context"

	"github.com/go-jose/go-jose/v4"

	"tributary/internal/store"
)

// RotateKeys makes the next key of each algorithm when it is due, and forgets those
// that nothing is verified by any more. It is to be called from time to time, by any
// process.
func (s *Server) RotateKeys(ctx context.Context) error {
	rows, err := s.tables.Keys(ctx, s.c.Store)
	if err != nil {
		return err
	}
	for _, alg := range idTokenAlgorithms {
		if newest, ok := newestKey(rows, alg); ok && !s.now().Before(newest.CreatedAt.Add(s.c.RotateEvery)) {
			if _, err := s.addKey(ctx, s.c.Store, alg); err != nil {
				return err
			}
		}
	}
	for _, row := range rows {
		if !s.overdue(row, rows) {
			continue
		}
		if err := s.tables.DropKey(ctx, s.c.Store, row.ID); err != nil {
			return err
		}
	}
	return nil
}

func newestKey(rows []store.SigningKey, alg jose.SignatureAlgorithm) (newest store.SigningKey, ok bool) {
	for _, row := range rows {
		if row.Algorithm == string(alg) && row.RetiredAt.IsZero() {
			newest, ok = row, true
		}
	}
	return newest, ok
}

// overdue: a key that has not signed for as long as it is retained.
func (s *Server) overdue(row store.SigningKey, rows []store.SigningKey) bool {
	if !row.RetiredAt.IsZero() {
		return s.now().After(row.RetiredAt.Add(keyRetention))
	}
	then, ok := signing(rows, jose.SignatureAlgorithm(row.Algorithm), s.now().Add(-keyRetention))
	return ok && then.CreatedAt.After(row.CreatedAt)
}

// ReplaceKeys signs with new keys from now on: for keys that somebody else may have.
// What the old ones signed is believed for a day still by who keeps the key set.
func (s *Server) ReplaceKeys(ctx context.Context) error {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	s.keys.signer = nil
	return s.c.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := s.tables.Keys(ctx, tx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := s.tables.RetireKey(ctx, tx, row.ID, s.now()); err != nil {
				return err
			}
		}
		for _, alg := range idTokenAlgorithms {
			if _, err := s.addKey(ctx, tx, alg); err != nil {
				return err
			}
		}
		return nil
	})
}
