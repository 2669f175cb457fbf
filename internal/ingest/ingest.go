// Package ingest brings the records that a participant shares from their
// provider into the store.
//
// A connection begins with a launch (launch.go): the browser goes to the
// provider and comes back with a code. From then on the work is done by jobs:
//
//	waiting → running → done        every query ended
//	                  → partial     some types failed; they are named, what came is kept
//	                  → held        another person's record, or already somebody else's: staff decide
//	                  → stopped     consent revoked, withdrawn, or disconnected
//
// A pull is a plan of queries (one type each, made by the connector) with a
// checkpoint in each. Pages wait for one another, for a second at most (waiting.go),
// and are one transaction: the stored resources, the provider's bytes, the
// quarantine, what is referred to and the checkpoints change together, so a process
// killed at any point goes on from the last checkpoints without a loss or a
// repetition. While a page is stored, the one after it is fetched (query.go).
// Whoever works on a pull holds its lease; a lease that ends unrenewed
// belongs to a dead process, and the pull is taken up again.
//
// What fails (failure.go): one type, and it is named; the whole provider, and the
// job is tried again; its patience with us, and the job rests for as long as it
// says; its grant, and the person connects again. The references that a pull could
// not follow are carried into the next. What is missing for a passing reason is
// asked for again soon, and every connection from time to time (refresh.go).
//
// Ids: what the provider calls Type/x has in Tributary an id that is a keyed hash
// of provider, type and x, so that a reference can be rewritten
// before its target has come, and a second pull meets what the first one stored.
// The provider's Patient is kept as source bytes only; references to it become
// references to the participant's Patient. Content is compared with the source
// of the last pull: what has not changed makes no new version.
//
// Consent is asked before every page. No credentials, names or ids are logged.
//
// Neighbours: connectors speaks with providers; records writes; store/tables
// keeps connections, pulls and sources; internal/jobs runs the work; the portal
// shows what Status says.
package ingest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"tributary/connectors"
	"tributary/internal/access"
	"tributary/internal/records"
	"tributary/internal/session"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Records is the write path.
type Records interface {
	Prepare(ctx context.Context, actor access.Actor, drafts []records.Draft) error
	Write(ctx context.Context, actor access.Actor, fn func(ctx context.Context, tx *records.Tx) error) error
}

// Queue enqueues jobs in a transaction.
type Queue interface {
	Enqueue(ctx context.Context, tx store.Tx, args river.JobArgs, o *river.InsertOpts) error
}

// Consents answers what a participant permits now.
type Consents interface {
	Permissions(ctx context.Context, patient string) (access.Permissions, error)
}

// Sealer encrypts credentials, bound to the connection that they belong to.
type Sealer interface {
	Seal(plain, associated []byte) ([]byte, error)
	Open(sealed, associated []byte) ([]byte, error)
}

// Config is what a Service works with; all of it is needed but for Base, Lease, Every and Logger.
type Config struct {
	Store     store.Store
	Records   Records
	Queue     Queue
	Consents  Consents
	Sealer    Sealer
	Launches  session.Store // pending launches, by state
	Connector connectors.Connector
	Providers []connectors.Provider
	Redirect  string // the callback URL
	Base      string // of our own FHIR API: a provider's reference to it is refused; "" asks nothing
	Key       []byte // of ids and identities, 32 bytes; never changes
	Now       func() time.Time
	NewID     func() string // ids of our own rows
	Owner     string        // names this process, unique at any time
	Lease     time.Duration // how long a dead process' work rests; 0 means 20 s
	Every     time.Duration // after which a connection is pulled again by itself; 0: never
	Logger    *slog.Logger
}

// Service connects, pulls and reports.
type Service struct {
	Config
	providers   map[string]connectors.Provider
	connections tables.Connections
	pulls       tables.Pulls
}

// New returns a Service.
func New(c Config) *Service {
	if c.Lease == 0 {
		c.Lease = 20 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	s := &Service{Config: c, providers: map[string]connectors.Provider{}}
	for _, p := range c.Providers {
		s.providers[p.ID] = p
	}
	return s
}

var job = access.Job("ingest", "HRESCH")

// mac is the keyed hash of some parts, for one purpose.
func (s *Service) mac(purpose string, parts ...string) []byte {
	h := hmac.New(sha256.New, s.Key)
	h.Write([]byte(purpose))
	for _, p := range parts {
		h.Write([]byte{0})
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// id is the id under which a provider's resource is stored: a UUID of version
// 8 (RFC 9562), the keyed hash of whose resource it is.
func (s *Service) id(provider, typ, id string) string {
	sum := s.mac("id", provider, typ, id)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	text := hex.EncodeToString(sum[:16])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// identity names a provider's patient without telling who it is.
func (s *Service) identity(provider, patient string) string {
	return hex.EncodeToString(s.mac("identity", provider, patient))
}
