package portal

import (
	"context"
	"time"

	"tributary/internal/access"
	"tributary/internal/store"
)

// Connections are those with providers that staff have to look at.
type Connections interface {
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

// Held is a connection that was held back, with what staff decide on.
type Held struct {
	ID, Patient, Name, Place string
	State                    string        // held; anything else: it has ended meanwhile
	Reason                   string        // of its end: a code, see words.go
	Cause                    string        // why it was held: a code, see words.go
	Ours                     Demographics  // as the participant told us
	Theirs                   *Demographics // as the provider says; nil when that is not known
	Other                    *Claimant     // another account that has claimed the record
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
