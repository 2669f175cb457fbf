package portal

import (
	"context"
	"time"

	"tributary/internal/access"
)

// Authorizations are what apps ask of people, and were given (SMART App Launch). A
// request is answered once.
type Authorizations interface {
	Request(ctx context.Context, id string) (AppRequest, error)
	Complete(ctx context.Context, id string, g AppGrant) (redirectURL string, err error)
	Deny(ctx context.Context, id string) (redirectURL string, err error)
	// Given lists what an account has given and not taken back, newest first.
	Given(ctx context.Context, account string) ([]AppGiven, error)
	// GivenByDelegates lists what people who act for a participant have given, about
	// the participant's data, likewise.
	GivenByDelegates(ctx context.Context, patient string) ([]AppGiven, error)
	// End takes back, at once, all that the account has given the app about a
	// participant; errs.NotFound when that is nothing.
	End(ctx context.Context, account, client, patient string) error
	// EndDelegates takes back one of what people who act for a participant have given.
	EndDelegates(ctx context.Context, patient, id string) error
	// Used is what the app did with a participant's data since a time.
	Used(ctx context.Context, patient, client string, since time.Time) (AppUse, error)
	// Launch opens an app: the browser goes on to the URL.
	Launch(ctx context.Context, l AppLaunch) (redirectURL string, err error)
	// Practitioner is the reference of a member of staff, Practitioner/ID, who has one
	// from then on.
	Practitioner(ctx context.Context, staff access.Actor, name string) (string, error)
	// VisitEncounter is the id of the Encounter that is kept about a visit; "" for none.
	VisitEncounter(ctx context.Context, staff access.Actor, patient, appointment string) (string, error)
}

// Online ends what apps may do for as long as somebody is signed in: by the session,
// or by all of the account's where the handle is "".
type Online interface {
	EndOnline(ctx context.Context, account, handle string) error
	// EndOver ends what they may do by sessions of the account that are over.
	EndOver(ctx context.Context, account string) error
}

// AppRequest is what an app asks for.
type AppRequest struct {
	Client      string
	ClientName  string
	Scopes      []string
	Offline     bool      // the app keeps access when the participant is away
	Always      bool      // the app wants the person to be asked, although they were before
	Assured     bool      // nobody else can get at the answer: it may be given without asking
	SignInSince time.Time // the person must have signed in then or later; zero for any time
	Host        string    // where the answer goes: host of the redirect URI

	By      string // who opened the app; "" when they did not from here
	Role    access.Role
	Patient string // for whom it was opened
}

// AppGrant is a person's approval.
type AppGrant struct {
	Subject  string // account
	Patient  string
	FHIRUser string
	Scopes   []string
	Role     access.Role
	Site     string    // of center staff
	Session  string    // handle of the session, for what lasts as long as it does
	SignedIn time.Time // when the session began
}

// AppGiven is something that an app was given.
type AppGiven struct {
	ID      string
	Account string // who gave it
	Patient string // whose data it is about
	Client  string
	Scopes  []string
	Since   time.Time
}

// AppUse is what an app did.
type AppUse struct {
	Last    time.Time // zero when it did nothing
	Types   []TypeUse // by type
	Partial bool      // there is more, further back
}

// TypeUse is what an app did with the resources of one type.
type TypeUse struct {
	Type          string
	Read, Written int64
	Last          time.Time
}

// AppLaunch is how an app is opened.
type AppLaunch struct {
	Client, Patient, Encounter string
	By                         string // account
	Role                       access.Role
	Intent                     string // what for, as agreed with the app; "" for nothing special
}
