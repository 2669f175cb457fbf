package providers

import (
	"context"
	"net/url"
	"time"

	"tributary/internal/access"
)

// Connections links participants with the providers of their health records.
type Connections interface {
	// Directory lists the providers that can be connected.
	Directory(ctx context.Context) ([]Provider, error)
	// Start begins a connection; the browser goes to the URL and comes back to
	// /connect/callback.
	Start(ctx context.Context, account, patient, provider string) (redirectURL string, err error)
	// Callback ends what Start began. The error's safe text is for the participant.
	Callback(ctx context.Context, account, patient string, params url.Values) error
	// Status reports on the participant's connections, oldest first.
	Status(ctx context.Context, patient string) ([]Connection, error)
	// Retry pulls again what failed.
	Retry(ctx context.Context, patient, connection string) error
	// Disconnect ends a connection; with remove, what it brought goes too, in a while.
	Disconnect(ctx context.Context, participant access.Actor, connection string, remove bool) error
}

// Provider is an entry of the directory.
type Provider struct{ ID, Name, Place string }

// Connection is one participant's link with one provider.
type Connection struct {
	ID, Provider, Name, Place string
	State                     string // see the package comment
	Reason                    string // a code, see words.go; empty when all is well
	Types                     []Type
	Updated                   time.Time // when the last update began that was complete; zero before
	Next                      time.Time // when the next one begins; zero: not by itself
}

// Type is how far the resources of one type have come.
type Type struct {
	Name        string
	Stored      int64
	Quarantined int64
	State       string // pending, done, failed
	Reason      string // why it is missing: a code, see words.go
}
