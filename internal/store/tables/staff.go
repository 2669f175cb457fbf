package tables

import (
	"context"

	"tributary/internal/store"
)

// Staff keeps who works at partner centers and for the study.
type Staff struct{}

// Put adds a member of staff or replaces the one with the login.
func (Staff) Put(ctx context.Context, db store.DB, s store.Staff) error {
	disabled := 0
	if s.Disabled {
		disabled = 1
	}
	_, err := db.Exec(ctx, `INSERT INTO staff (login, id, name, password, role, site, disabled) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (login) DO UPDATE SET name = excluded.name, password = excluded.password, role = excluded.role,
		site = excluded.site, disabled = excluded.disabled`, s.Login, s.ID, s.Name, s.Password, s.Role, s.Site, disabled)
	return err
}

// ByLogin finds a member of staff. store.ErrNotFound: there is none.
func (Staff) ByLogin(ctx context.Context, db store.DB, login string) (store.Staff, error) {
	s := store.Staff{Login: login}
	var disabled int64
	err := db.QueryRow(ctx, `SELECT id, name, password, role, site, disabled FROM staff WHERE login = $1`, login).
		Scan(&s.ID, &s.Name, &s.Password, &s.Role, &s.Site, &disabled)
	s.Disabled = disabled != 0
	return s, err
}
