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
	return scanStaff(db.QueryRow(ctx, `SELECT `+staffColumns+` FROM staff WHERE login = $1`, login))
}

// ByID finds a member of staff by the id that sessions and passkeys have.
func (Staff) ByID(ctx context.Context, db store.DB, id string) (store.Staff, error) {
	return scanStaff(db.QueryRow(ctx, `SELECT `+staffColumns+` FROM staff WHERE id = $1`, id))
}

const staffColumns = `login, id, name, password, role, site, disabled`

func scanStaff(row store.Row) (s store.Staff, err error) {
	var disabled int64
	err = row.Scan(&s.Login, &s.ID, &s.Name, &s.Password, &s.Role, &s.Site, &disabled)
	s.Disabled = disabled != 0
	return s, err
}
