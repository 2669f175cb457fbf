package cohort

import (
	"context"
	"sync"
	"time"

	"tributary/config/program"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/news"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Accounts finds participants by what they know of themselves.
type Accounts interface {
	// ByAddress is the Patient whose confirmed address this is; errs.NotFound: nobody's.
	ByAddress(ctx context.Context, email string) (string, error)
}

// Witness puts on record what a member of staff was shown, or did, beside the
// resources that they read: to a transaction where it is part of one.
type Witness interface {
	Shown(ctx context.Context, staff access.Actor, what string, patients ...string) error
	Did(ctx context.Context, tx store.Tx, staff access.Actor, what string, patients ...string) error
}

// Sealer encrypts what staff write of people; aad names the row.
type Sealer interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Config is what the service needs; all of it.
type Config struct {
	Study    *program.Study
	Store    store.Store
	Records  *records.Service
	Consent  *consent.Service
	News     *news.Service
	Accounts Accounts
	Witness  Witness
	Sealer   Sealer
	Queue    Queue
	Secret   []byte // makes counts of searches rough
	Now      func() time.Time
}

// Service answers the study's staff.
type Service struct {
	Config
	registry  *search.Registry
	everybody tables.Cohort
	decisions tables.Decisions
	released  tables.Released

	mu    sync.Mutex // one picture is made at a time
	taken *picture
}

// New returns the service.
func New(c Config) *Service { return &Service{Config: c, registry: search.Base()} }

func job() access.Actor { return access.Job("cohort", "HOPERAT") }

// each reads every resource that a query finds, from the store itself: for counts of
// everybody, which show nobody.
func (s *Service) each(ctx context.Context, typ string, query []search.Pair, see func(store.Resource) error) error {
	parsed, err := s.registry.ParseQuery(typ, query, search.Options{DefaultCount: records.MaxCount, MaxCount: records.MaxCount})
	if err != nil {
		return err
	}
	for after := (*store.Cursor)(nil); ; {
		page, err := s.Store.Search(ctx, parsed.Query, after)
		if err != nil {
			return err
		}
		for _, r := range page.Resources {
			if err := see(r); err != nil {
				return err
			}
		}
		if after = page.Next; after == nil {
			return nil
		}
	}
}
