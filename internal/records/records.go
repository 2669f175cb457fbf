// Package records is the one way to resources: every read and write of the FHIR
// API, the portal, the ingest and the exports goes through it, and nothing else
// calls the store for resources.
//
// A write is made in two steps, because on the embedded database one writer runs
// at a time. Outside of the transaction, over all processors: parse and validate,
// decide (package access), resolve references, stamp id, version and origin,
// extract index entries, compare them with those of the version that is replaced.
// Inside: lock, hold the conditions against what is there now, set the time,
// put rows and the audit event. When another writer came between, that one
// resource is prepared again inside.
//
//	Create, Update, Delete   one resource, for an actor of the API
//	Bundle                   transaction (all or nothing) or batch
//	Write                    our own code: several writes and rows of tables together
//	Read, ReadVersion, Versions, Search, Everything
//
// A resource's id, meta.versionId and meta.lastUpdated are the server's; so is
// its origin, a meta.tag that no client can set. Everything else is kept as sent.
//
// Neighbours: access decides, audit records, store keeps; fhirserver, portal,
// ingest, consent and export call it.
package records

import (
	"context"
	"time"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/store"
)

// Config is what a Service works with; Store, Policy, Audit, IDs and BaseURL must
// be set.
type Config struct {
	Store    store.Store
	Policy   *access.Policy
	Audit    *audit.Log
	IDs      *search.IDs
	Registry *search.Registry // search.Base() by default
	BaseURL  string           // of the FHIR API, without a slash at the end: references to it are ours
	Now      func() time.Time // for dates with the prefix ap; time.Now by default
	// Withdrawn is asked inside of the transaction of a write, so that none can
	// slip in behind a withdrawal; without it the policy's Consents alone decide.
	Withdrawn Withdrawn
	// FullText says that the full text of resources is kept: _text, _content and :text
	// are answered from it.
	FullText    bool
	SearchLimit time.Duration // longest search, over all of its queries; 0 does not bound it
	// Guards watch over types that mean something to the service itself.
	Guards map[string]Guard
}

// Guard puts the resources of a type into effect, such as SearchParameters, or
// refuses them: in the transaction that writes the version, which may be a
// deletion. Its error takes the transaction back.
type Guard interface {
	Written(ctx context.Context, tx store.Tx, actor access.Actor, r store.Resource) error
}

// Withdrawn tells whether the participant behind a Patient has withdrawn, as a
// transaction sees it.
type Withdrawn func(ctx context.Context, db store.DB, patient string) (bool, error)

// Service reads and writes resources.
type Service struct {
	store     store.Store
	policy    *access.Policy
	audit     *audit.Log
	ids       *search.IDs
	registry  *search.Registry
	base      string
	now       func() time.Time
	withdrawn Withdrawn
	fullText  bool
	guards    map[string]Guard
	limit     time.Duration // of a search
	terms     *terms
	shapers   map[string]Shaper
}

// New returns a Service.
func New(c Config) *Service {
	if c.Registry == nil {
		c.Registry = search.Base()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{store: c.Store, policy: c.Policy, audit: c.Audit, ids: c.IDs, registry: c.Registry, base: c.BaseURL, now: c.Now, fullText: c.FullText, withdrawn: c.Withdrawn, guards: c.Guards, limit: c.SearchLimit, terms: newTerms(termsLimit)}
}

// FullText tells whether text searches are answered.
func (s *Service) FullText() bool { return s.fullText }

// OriginSystem is the system of the meta.tag that says where data comes from.
const OriginSystem = access.OriginSystem

// Origin says where a resource comes from; exports permit by it.
type Origin string

// The origins. What came over the API has none.
const (
	Survey      Origin = "survey"
	Measurement Origin = "measurement"
	FromEHR     Origin = "ehr"
	Program     Origin = "program"
)

// Op is one write of the API.
type Op struct {
	Type, ID    string         // ID is empty for a create
	JSON        []byte         // the body as sent, or
	Resource    *fhir.Resource // already validated
	IfMatch     string         // as in the header: W/"3", a list of such, or *
	IfNoneMatch string         // likewise: only if the current version is none of these; *: if there is none
	IfNoneExist string         // criteria of a conditional create
	Criteria    *string        // of a conditional update or delete; ID is empty then
}

// Result is what a write led to.
type Result struct {
	Resource  store.Resource
	Created   bool
	Unchanged bool // a conditional create that found one, a delete of what was gone, a draft without changes
}

// Search is a search as a client asks it.
type Search struct {
	Type    string
	Query   []search.Pair
	Lenient bool          // ignore unknown parameters, and say so
	Patient string        // search in this Patient's compartment only (GET Patient/1/Condition)
	Of      store.Ref     // search in the compartment of this resource, which is no Patient (GET Encounter/1/Condition)
	After   *store.Cursor // Next of the page before
}

// Page is a part of a search's results.
type Page struct {
	store.Page
	Used    []search.Pair        // what was understood, for the self link
	Ignored []*search.QueryError // what was passed over in a lenient search
	// Included joins the matches by _include and _revinclude; Cut: that was not all.
	Included []store.Resource
	Cut      bool
	// Summary and Elements are how the client wants its resources cut.
	Summary  string
	Elements []string
}

// Draft is one write of our own code.
type Draft struct {
	Type, ID      string // ID "" mints one
	JSON          []byte // the resource, or
	Parsed        *fhir.Resource
	Origin        Origin
	Source        string      // meta.source
	Edits         []tree.Edit // of Parsed, such as rewritten references
	Method        string      // of the version; "" is POST for a first version, PUT for a further one
	SkipUnchanged bool        // write no version when nothing but meta would change
	IfVersion     int64       // the version that must be current; 0 asks nothing, -1 that there is none

	ready *change // by Prepare
}

// EntryResult is the outcome of one entry of a transaction or batch.
type EntryResult struct {
	Status   int            // HTTP status
	Resource store.Resource // as stored; Type is empty where there is none
	Location bool           // whether the response names Resource's version
	Search   *Page          // of an entry that searches
	History  *store.Page    // of an entry that asks for a history
	Asked    Asked          // of either: what for
	Answer   []byte         // of an operation: a resource, which is an OperationOutcome where Status is a failure
	Err      error          // of a batch entry
}

// Asked is what a search or a history was asked for: the links of its pages say so.
type Asked struct {
	Where string // below the base: Observation, Patient/1/_history
	Pairs []search.Pair
}

// Write runs fn as the actor in one transaction: all its writes, and the rows of
// package tables that it changes through tx.Store(), happen or none. fn may run
// more than once, and must not wait for anything but the database. Resources that
// take time to validate are better given to Prepare before.
func (s *Service) Write(ctx context.Context, actor access.Actor, fn func(ctx context.Context, tx *Tx) error) error {
	return s.inTx(ctx, func(ctx context.Context, inner store.Tx) error {
		return fn(ctx, &Tx{service: s, actor: actor, inner: inner})
	})
}

// Tx is one transaction of our own code.
type Tx struct {
	service *Service
	actor   access.Actor
	inner   store.Tx
}

// Store is the transaction itself: for package tables, and for jobs to be enqueued.
func (t *Tx) Store() store.Tx { return t.inner }

// Now is the time that is stamped on what the transaction writes.
func (t *Tx) Now() time.Time { return t.inner.Now() }
