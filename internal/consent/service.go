package consent

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"time"

	"tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/jobs"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Sealer encrypts what is secret at rest; aad names the owner.
type Sealer interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Config is what the service needs. Store alone is enough to answer what is
// permitted; deciding needs the rest.
type Config struct {
	Store  store.Store
	Study  *program.Study
	Sealer Sealer
	Signer Signer
	Now    func() time.Time
	Logger *slog.Logger // slog.Default() by default
	// ProviderName tells the name of a care provider; nil: its id stands for it.
	ProviderName func(id string) string
	// Journal is the path of the journal of withdrawals; "": none is kept.
	Journal string
}

// Service keeps the decisions of participants. It is made before the records
// service, whose access policy asks it; Join brings the two together.
type Service struct {
	Config
	rows        tables.Consents
	delegations tables.Delegations
	records     *records.Service
	hooks       map[Decision][]Hook
	queue       *jobs.Queue // nil: no copies are mailed
	journal     sync.Mutex
	cache       cache
}

var _ access.Consents = (*Service)(nil)

// New returns a service that answers; it decides once Join was called.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Service{Config: c, hooks: map[Decision][]Hook{}, cache: cache{kept: map[string]cached{}}}
}

// Join gives the service the one write path.
func (s *Service) Join(r *records.Service) { s.records = r }

func (s *Service) providerName(id string) string {
	if s.ProviderName == nil {
		return id
	}
	return s.ProviderName(id)
}

// actor is who writes Consents.
func actor() access.Actor { return access.Job("consent", "HRESCH") }

// Permissions answers what a participant's consent permits now.
func (s *Service) Permissions(ctx context.Context, patient string) (access.Permissions, error) {
	p, err := s.Current(ctx, patient)
	return p.Access(), err
}

// Current is what a participant's consent permits now, with its dates. It may
// be a second old where another process has written.
func (s *Service) Current(ctx context.Context, patient string) (Permissions, error) {
	now := s.Now()
	if p, ok := s.cache.get(patient, now); ok {
		return p, nil
	}
	generation := s.cache.begin()
	events, err := s.Events(ctx, patient)
	if err != nil {
		return Permissions{}, err
	}
	p := Current(events, now)
	s.cache.put(patient, p, now, generation)
	return p, nil
}

// Holds reports whether the participant has agreed to the kind now (access.Holding).
func (s *Service) Holds(ctx context.Context, patient, kind string) (bool, error) {
	p, err := s.Current(ctx, patient)
	return p.Has(Kind(kind)), err
}

// CurrentIn is the same as a transaction sees it, never from the cache: what a
// write depends on.
func (s *Service) CurrentIn(ctx context.Context, db store.DB, patient string) (Permissions, error) {
	rows, err := s.rows.Of(ctx, db, patient)
	return Current(s.events(rows), s.Now()), err
}

// Events returns a participant's decisions, oldest first.
func (s *Service) Events(ctx context.Context, patient string) ([]Event, error) {
	rows, err := s.rows.Of(ctx, s.Store, patient)
	return s.events(rows), err
}

// EventsIn is the same as a transaction sees it.
func (s *Service) EventsIn(ctx context.Context, db store.DB, patient string) ([]Event, error) {
	rows, err := s.rows.Of(ctx, db, patient)
	return s.events(rows), err
}

// Withdrawn lists the Patients of everyone who has withdrawn.
func (s *Service) Withdrawn(ctx context.Context) ([]string, error) {
	return s.rows.Taking(ctx, s.Store, string(Research), string(Withdraw))
}

// Participants lists the Patients of everyone who takes part at the time: the
// members of the cohort.
func (s *Service) Participants(ctx context.Context, db store.DB, at time.Time) ([]string, error) {
	var members []string
	err := s.eachPerson(ctx, db, func(patient string, events []Event) {
		if Current(events, at).Research {
			members = append(members, patient)
		}
	})
	return members, err
}

// events reads rows. The text that was signed may have been followed by a major
// change since: what the signature permits then ends when the kind says so.
func (s *Service) events(rows []store.ConsentEvent) []Event {
	out := make([]Event, len(rows))
	for i, r := range rows {
		out[i] = Event{Patient: r.Patient, Kind: Kind(r.Kind), Decision: Decision(r.Decision), At: r.At,
			Expires: r.Expires, ConsentID: r.Consent, Document: r.Document, DocumentHash: r.Hash, Language: r.Language,
			Providers: strings.Fields(r.Providers), Staff: r.Staff, Site: r.Site, By: r.Represented}
		if c, ok := s.Study.Consent(r.Kind); ok && out[i].Decision == Agree {
			out[i].Suspended = c.Suspended(out[i].Version(), s.Now())
		}
	}
	return out
}

// newID is for rows that no resource stands for.
func newID() string { return rand.Text() }

// Members are the people on a Group: those who take part now for the study's
// cohort, which lists nobody itself; nobody for any other Group.
func (s *Service) Members(ctx context.Context, group string) ([]string, error) {
	if group != s.Study.Cohort {
		return nil, nil
	}
	return s.Participants(ctx, s.Store, s.Now())
}

var (
	_ access.Groups      = (*Service)(nil)
	_ access.Changing    = (*Service)(nil)
	_ access.Holding     = (*Service)(nil)
	_ access.Delegations = (*Service)(nil)
)
