package portal

import (
	"context"
	"net/url"

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
	// Held lists the connections that wait for a decision of the study's staff.
	Held(ctx context.Context) ([]Connection, error)
	// Decide takes that decision.
	Decide(ctx context.Context, staff access.Actor, connection string, accept bool, reason string) error
}

// Provider is an entry of the directory.
type Provider struct{ ID, Name, Place string }

// Connection is one participant's link with one provider.
type Connection struct {
	ID, Provider, Name, Place, Patient string
	State                              string // waiting, running, complete, partial, failed, held, stopped
	Reason                             string // for the participant; empty when all is well
	Types                              []TypeCount
}

// TypeCount is how far the resources of one type have come.
type TypeCount struct {
	Type        string `json:"type"`
	Stored      int64  `json:"stored"`
	Quarantined int64  `json:"quarantined"`
	State       string `json:"state"`            // pending, done, failed
	Reason      string `json:"reason,omitempty"` // why it is missing
}

// Authorizations are the requests of apps for access, which the participant
// answers (SMART App Launch). A request is answered once.
type Authorizations interface {
	Request(ctx context.Context, id string) (AppRequest, error)
	Complete(ctx context.Context, id string, g AppGrant) (redirectURL string, err error)
	Deny(ctx context.Context, id string) (redirectURL string, err error)
}

// AppRequest is what an app asks for.
type AppRequest struct {
	ClientName string
	Scopes     []string
	Offline    bool // the app keeps access when the participant is away
}

// AppGrant is the participant's approval.
type AppGrant struct {
	Subject  string // account
	Patient  string
	FHIRUser string
	Scopes   []string
	Role     access.Role
}

// Mailbox is the development mailbox.
type Mailbox interface {
	Latest(ctx context.Context, to string) ([]store.Mail, error)
}
