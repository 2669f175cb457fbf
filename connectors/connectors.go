// Package connectors is the contract between Tributary and the systems whose
// records people share with it. A Connector knows one protocol: how a person
// authorizes, how tokens are renewed, how pages are fetched. It keeps nothing:
// what must survive (a pending authorization, credentials, the place in a pull)
// goes back to the caller as values, which internal/ingest seals and stores.
//
// Every failure is one of the typed errors below, so that the caller can tell a
// person what to do and a job when to go on. No request leaves for a host that
// the provider's directory entry does not name.
//
// Neighbours: connectors/smart implements it for SMART on FHIR,
// connectors/sandbox is a provider to develop against, connectors/connectortest
// the suite that each implementation passes.
package connectors

import (
	"context"
	"fmt"
	"net/url"
	"time"
)

// Provider is an entry of the provider directory.
type Provider struct {
	ID       string
	Name     string
	Place    string   // for a person to recognise it
	FHIRBase string   // its FHIR base URL, also the OAuth audience
	Hosts    []string // further hosts (host or host:port) that its endpoints may be on
	ClientID string
	Secret   string // "" for a public client
	Vendor   string // key of the table of known differences; "" for none
	Scopes   []string
}

// Authorization is a launch that waits for the person to come back. State is
// the handle under which the caller keeps it, once.
type Authorization struct {
	URL      string `json:"url"` // where to send the browser
	State    string `json:"state"`
	Verifier string `json:"verifier"` // PKCE
	Nonce    string `json:"nonce"`
	Redirect string `json:"redirect"`
}

// Credentials are what a provider gave; secrets, to be sealed by whoever keeps them.
type Credentials struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh,omitempty"` // "" when the access ends with the token
	Issued  time.Time `json:"issued"`
	Expiry  time.Time `json:"expiry"`            // zero when the provider does not say
	Patient string    `json:"patient"`           // id of the patient whose record is shared
	Scopes  []string  `json:"scopes"`            // granted; may be fewer than asked for
	Subject string    `json:"subject,omitempty"` // of the id_token, when one came
	Lacking []string  `json:"lacking,omitempty"` // of a launch: resource types asked for and not granted; Renewal
}

// Renewal, among what is lacking, says that the access ends with its first token.
const Renewal = "renewal"

// Query asks for the resources of one type, from its first page or from a
// continuation that a Page gave.
type Query struct {
	Type  string    `json:"type"`
	URL   string    `json:"url"`            // relative to the FHIR base, or a next link
	Since time.Time `json:"since,omitzero"` // only what changed since, where the provider can
}

// Page is one page of a query. Resources are the provider's own bytes.
type Page struct {
	Resources [][]byte
	Next      *Query   // nil after the last page
	Messages  []string // codes of issues the provider added, without their texts
	Bytes     int
}

// Connector speaks one protocol with providers. Implementations are safe for
// concurrent use and hold every call to a deadline of their own.
type Connector interface {
	// Begin discovers the provider's endpoints and starts a launch.
	Begin(ctx context.Context, p Provider, redirect string) (Authorization, error)
	// Complete takes the parameters with which the browser came back.
	Complete(ctx context.Context, p Provider, a Authorization, params url.Values) (Credentials, error)
	// Refresh renews credentials. The new ones may hold a new refresh token:
	// the caller stores them before their first use.
	Refresh(ctx context.Context, p Provider, c Credentials) (Credentials, error)
	// Plan says which queries make the whole record of the patient.
	Plan(ctx context.Context, p Provider, c Credentials, since time.Time) ([]Query, error)
	// Page fetches one page.
	Page(ctx context.Context, p Provider, c Credentials, q Query) (Page, error)
	// Fetch reads resources of one type by id; those that are not there are absent.
	Fetch(ctx context.Context, p Provider, c Credentials, typ string, ids []string) (Page, error)
}

// Failure is what went wrong in a way that decides what happens next.
type Failure string

// The failures of a connector.
const (
	Declined    Failure = "declined"     // the person or the provider said no to the launch
	CodeRefused Failure = "code"         // the code of a launch is not taken: too old, or used: launch again
	BadState    Failure = "state"        // the callback belongs to no launch of ours
	BadAnswer   Failure = "answer"       // the provider's answer breaks the protocol
	Expired     Failure = "expired"      // the access token is no longer good: refresh
	Reconnect   Failure = "reconnect"    // the refresh is refused: the person must connect again
	Refused     Failure = "refused"      // this query is not allowed
	Throttled   Failure = "throttled"    // too many requests: go on after After
	Down        Failure = "down"         // unreachable, too slow, or failing: try again later
	ForeignHost Failure = "foreign-host" // a link or endpoint on a host that is not allowed
)

// Error is a failure of a provider. Its text is safe: it holds no token, no id
// and nothing from a body.
type Error struct {
	Failure Failure
	Status  int           // HTTP status, 0 when there was no answer
	After   time.Duration // for Throttled and Down: when to try again; 0 when not said
	Detail  string        // in words, for staff and the log
	Cause   error
}

func (e *Error) Error() string {
	text := string(e.Failure) + ": " + e.Detail
	if e.Status != 0 {
		text += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }
