package tables

import (
	"context"
	"errors"

	"tributary/internal/store"
)

// Apps keeps what people are told of apps, and what they answered them.
type Apps struct{}

// PutListing says what people are told of a client, instead of what they were told
// before. A nil logo with a LogoType leaves the one that is there.
func (Apps) PutListing(ctx context.Context, db store.DB, l store.Listing, logo []byte) error {
	keep := logo == nil && l.LogoType != ""
	_, err := db.Exec(ctx, `INSERT INTO app_listing (client, publisher, description, spanish, website, launch_url, audience,
			logo_type, logo, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (client) DO UPDATE SET publisher = excluded.publisher, description = excluded.description,
			spanish = excluded.spanish, website = excluded.website, launch_url = excluded.launch_url, audience = excluded.audience,
			logo_type = excluded.logo_type, logo = CASE WHEN $11 = 1 THEN app_listing.logo ELSE excluded.logo END, changed = excluded.changed`,
		l.Client, l.Publisher, l.Description, l.Spanish, l.Website, l.LaunchURL, l.Audience,
		l.LogoType, blob(logo), store.Micros(l.Changed), bit(keep))
	return err
}

const listingColumns = `c.id, c.name, c.scopes, coalesce(a.publisher, ''), coalesce(a.description, ''), coalesce(a.spanish, ''),
	coalesce(a.website, ''), coalesce(a.launch_url, ''), coalesce(a.audience, ''), coalesce(a.logo_type, ''), coalesce(a.changed, 0)
	FROM oauth_client c LEFT JOIN app_listing a ON a.client = c.id`

func scanListing(row store.Row) (l store.Listing, err error) {
	var changed int64
	err = row.Scan(&l.Client, &l.Name, &l.Scopes, &l.Publisher, &l.Description, &l.Spanish, &l.Website, &l.LaunchURL, &l.Audience, &l.LogoType, &changed)
	l.Changed = store.Time(changed)
	return l, err
}

// Listing is what people are told of a client: its name, if nothing else;
// ErrNotFound when there is no such client.
func (Apps) Listing(ctx context.Context, db store.DB, client string) (store.Listing, error) {
	return scanListing(db.QueryRow(ctx, `SELECT `+listingColumns+` WHERE c.id = $1`, client))
}

// Listings are the apps that can be opened from here, by name.
func (Apps) Listings(ctx context.Context, db store.DB) ([]store.Listing, error) {
	return queryAll(ctx, db, scanListing,
		`SELECT `+listingColumns+` WHERE a.launch_url <> '' AND a.audience <> '' AND c.disabled = 0 ORDER BY c.name, c.id`)
}

// Logo is a client's picture; ErrNotFound when there is none.
func (Apps) Logo(ctx context.Context, db store.DB, client string) (mediaType string, logo []byte, err error) {
	err = db.QueryRow(ctx, `SELECT logo_type, logo FROM app_listing WHERE client = $1 AND logo_type <> ''`, client).Scan(&mediaType, &logo)
	return mediaType, logo, err
}

// PutSaid keeps what an app says of itself, as JSON, instead of what it said before.
func (Apps) PutSaid(ctx context.Context, db store.DB, client, said string) error {
	_, err := db.Exec(ctx, `INSERT INTO client_said (client, said) VALUES ($1, $2) ON CONFLICT (client) DO UPDATE SET said = excluded.said`, client, said)
	return err
}

// Said is what an app says of itself; "" for nothing.
func (Apps) Said(ctx context.Context, db store.DB, client string) (said string, err error) {
	err = db.QueryRow(ctx, `SELECT said FROM client_said WHERE client = $1`, client).Scan(&said)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return said, err
}

// PutChoice remembers what somebody answered an app, instead of what they
// answered before.
func (Apps) PutChoice(ctx context.Context, db store.DB, c store.Choice) error {
	_, err := db.Exec(ctx, `INSERT INTO app_choice (subject, client, asked, granted, decided_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (subject, client) DO UPDATE SET asked = excluded.asked, granted = excluded.granted, decided_at = excluded.decided_at`,
		c.Subject, c.Client, c.Asked, c.Granted, store.Micros(c.DecidedAt))
	return err
}

// Choice is what somebody last answered an app; ErrNotFound when they never did.
func (Apps) Choice(ctx context.Context, db store.DB, subject, client string) (store.Choice, error) {
	c := store.Choice{Subject: subject, Client: client}
	var at int64
	err := db.QueryRow(ctx, `SELECT asked, granted, decided_at FROM app_choice WHERE subject = $1 AND client = $2`, subject, client).
		Scan(&c.Asked, &c.Granted, &at)
	c.DecidedAt = store.Time(at)
	return c, err
}

// ForgetChoice lets the app ask again, or all apps, where client is "".
func (Apps) ForgetChoice(ctx context.Context, db store.DB, subject, client string) error {
	_, err := db.Exec(ctx, `DELETE FROM app_choice WHERE subject = $1 AND ($2 = '' OR client = $2)`, subject, client)
	return err
}
