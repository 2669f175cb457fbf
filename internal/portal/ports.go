package portal

import (
	"context"
	"net/url"
	"time"

	"tributary/internal/access"
	"tributary/internal/store"
)

// Connections links participants with the providers of their health records.
type Connections interface {
	// Providers lists the directory.
	Providers(ctx context.Context) ([]Provider, error)
	// Start begins a connection; the browser goes to the URL and comes back to
	// /connect/callback.
	Start(ctx context.Context, account, patient, provider string) (redirectURL string, err error)
	// Callback ends what Start began. The error's safe text is for the participant.
	Callback(ctx context.Context, account, patient string, params url.Values) error
	// Status reports on the participant's connections, oldest first.
	Status(ctx context.Context, patient string) ([]Connection, error)
	// Retry pulls again what failed.
	Retry(ctx context.Context, patient, connection string) error
	// Held lists the connections that wait for a decision of the study's staff,
	// oldest first; those that have ended meanwhile are among them. That staff
	// see them is audited.
	Held(ctx context.Context, staff access.Actor) ([]Held, error)
	// Decide takes that decision. The reason is kept with it.
	Decide(ctx context.Context, staff access.Actor, connection string, accept bool, reason string) error
	// Quarantine lists what providers sent and could not be stored, the newest
	// first, without the bytes; audited.
	Quarantine(ctx context.Context, staff access.Actor) ([]Aside, error)
	// SetAside is one of these with the provider's bytes; audited.
	SetAside(ctx context.Context, staff access.Actor, id string) (Aside, error)
}

// Provider is an entry of the directory.
type Provider struct{ ID, Name, Place string }

// Connection is one participant's link with one provider.
type Connection struct {
	ID, Provider, Name, Place, Patient string
	State                              string // waiting, running, complete, partial, failed, held, stopped
	Reason                             string // a code, see words.go; empty when all is well
	Types                              []TypeCount
}

// TypeCount is how far the resources of one type have come.
type TypeCount struct {
	Type        string
	Stored      int64
	Quarantined int64
	State       string // pending, done, failed
	Reason      string // why it is missing: a code, see words.go
}

// Held is a connection that was held back, with what staff decide on.
type Held struct {
	Connection
	Cause  string        // why it was held: a code, see words.go
	Ours   Demographics  // as the participant told us
	Theirs *Demographics // as the provider says; nil when that is not known
	Other  *Claimant     // another account that has claimed the record
}

// Demographics are what a person is compared by.
type Demographics struct{ BirthDate, Sex string }

// Claimant is the account that a provider's record belongs to so far.
type Claimant struct {
	Patient string
	Demographics
}

// Aside is a resource of a provider's that could not be stored.
type Aside struct {
	ID, Patient, Provider, Type, ProviderID, Reason string
	Received                                        time.Time
	Body                                            []byte // the provider's bytes; nil in lists
}

// Mailbox is the development mailbox.
type Mailbox interface {
	Latest(ctx context.Context, to string) ([]store.Mail, error)
}
