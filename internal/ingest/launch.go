package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"tributary/connectors"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// launchTTL is how long a person may take at their provider.
const launchTTL = 15 * time.Minute

// launch is a pending authorization, kept under the hash of its state.
type launch struct {
	Account  string                   `json:"account"`
	Patient  string                   `json:"patient"`
	Provider string                   `json:"provider"`
	Pending  connectors.Authorization `json:"pending"`
}

func launchKey(state string) string {
	sum := sha256.Sum256([]byte(state))
	return "launch:" + hex.EncodeToString(sum[:])
}

// Providers lists the directory.
func (s *Service) Directory() []connectors.Provider { return s.Config.Providers }

// Start begins to connect a participant with a provider and returns where to
// send the browser. It is refused without a current EHR authorization.
func (s *Service) Start(ctx context.Context, account, patient, provider string) (string, error) {
	p, ok := s.providers[provider]
	if !ok {
		return "", errs.New(errs.NotFound, "that provider is not in the directory")
	}
	if err := s.permitted(ctx, patient, provider); err != nil {
		return "", err
	}
	if err := s.settled(ctx, s.Store, patient, provider); err != nil {
		return "", err
	}
	pending, err := s.Connector.Begin(ctx, p, s.Redirect)
	if err != nil {
		return "", explain(err, p.Name)
	}
	value, err := json.Marshal(launch{account, patient, provider, pending})
	if err != nil {
		return "", err
	}
	return pending.URL, s.Launches.Put(ctx, launchKey(pending.State), value, launchTTL)
}

func (s *Service) permitted(ctx context.Context, patient, provider string) error {
	may, err := s.Consents.Permissions(ctx, patient)
	if err != nil {
		return err
	}
	if !may.From(provider) {
		return errs.New(errs.Forbidden, "sharing of health records is not authorized; it can be allowed under Consent")
	}
	return nil
}

// Callback finishes a launch with the parameters that the browser brought back.
// A state is good once and for the account that began; anything else is refused
// before the provider is asked.
func (s *Service) Callback(ctx context.Context, account string, params url.Values) error {
	l, err := s.take(ctx, account, params.Get("state"))
	if err != nil {
		return err
	}
	p, ok := s.providers[l.Provider]
	if !ok {
		return errs.New(errs.NotFound, "that provider is no longer in the directory")
	}
	creds, err := s.Connector.Complete(ctx, p, l.Pending, params)
	if err != nil {
		return explain(err, p.Name)
	}
	if err := s.permitted(ctx, l.Patient, l.Provider); err != nil {
		return err
	}
	return s.connect(ctx, p, l.Patient, creds)
}

func (s *Service) take(ctx context.Context, account, state string) (launch, error) {
	var l launch
	stale := errs.New(errs.Invalid, "this answer belongs to no open request: it was used already, has expired, or was begun elsewhere; please connect again")
	if state == "" {
		return l, stale
	}
	value, found, err := s.Launches.Take(ctx, launchKey(state))
	if err != nil {
		return l, err
	}
	if !found || json.Unmarshal(value, &l) != nil || l.Account != account {
		return l, stale
	}
	return l, nil
}

// connect keeps the credentials and asks for the first pull, in one
// transaction. A provider's patient who belongs to another account is held.
func (s *Service) connect(ctx context.Context, p connectors.Provider, patient string, creds connectors.Credentials) error {
	c := store.Connection{
		ID: s.NewID(), Patient: patient, Provider: p.ID, State: store.ConnectionActive,
		Identity: s.identity(p.ID, creds.Patient), Lacking: creds.Lacking,
	}
	sealed, err := s.seal(c.ID, creds)
	if err != nil {
		return err
	}
	c.Credentials = sealed
	return s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		db := tx.Store()
		c.Created, c.Updated = tx.Now(), tx.Now()
		owner, err := s.connections.Identify(ctx, db, c.Identity, patient, tx.Now())
		if err != nil {
			return err
		}
		if owner != patient {
			return s.duplicate(ctx, db, c)
		}
		if err := s.settled(ctx, db, patient, p.ID); err != nil {
			return err
		}
		earlier, err := s.replace(ctx, db, c)
		if err != nil {
			return err
		}
		if err := s.connections.Add(ctx, db, c); err != nil {
			return err
		}
		return s.enqueuePull(ctx, db, c, earlier, everything)
	})
}

// duplicate holds a connection to a record that another account has claimed.
// The participant's earlier ones to it have nothing left to decide.
func (s *Service) duplicate(ctx context.Context, db store.Tx, c store.Connection) error {
	earlier, err := s.connections.OfPatient(ctx, db, c.Patient)
	for _, e := range earlier {
		if err == nil && e.Identity == c.Identity {
			err = s.supersede(ctx, db, e, c)
		}
	}
	if err != nil {
		return err
	}
	c.State, c.Reason, c.Held = store.ConnectionHeld, ReasonDuplicate, ReasonDuplicate
	return s.connections.Add(ctx, db, c)
}

// replace ends earlier connections of the participant with the same provider,
// and returns the last one's last pull.
func (s *Service) replace(ctx context.Context, db store.Tx, c store.Connection) (pull string, err error) {
	earlier, err := s.connections.OfPatient(ctx, db, c.Patient)
	if err != nil {
		return "", err
	}
	for _, e := range earlier {
		if e.Provider != c.Provider {
			continue
		}
		if err := s.supersede(ctx, db, e, c); err != nil {
			return "", err
		}
		last, err := s.pulls.Latest(ctx, db, e.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", err
		}
		if err == nil && e.Identity == c.Identity {
			pull = last.ID
		}
	}
	return pull, nil
}

// supersede ends a connection of which a newer one takes the place. One that led
// to another record gives it up, unless it has been taken for the participant's;
// if it was held, staff are still to look at it.
func (s *Service) supersede(ctx context.Context, db store.Tx, e, by store.Connection) error {
	if e.State != store.ConnectionStopped {
		if err := s.stop(ctx, db, e, ReasonReplaced, by.Created); err != nil {
			return err
		}
	}
	if e.Identity != by.Identity {
		return s.connections.ReleaseUnused(ctx, db, e.Identity, e.Patient)
	}
	if waits(e) {
		return s.connections.Decide(ctx, db, e.ID, store.Decision{Verdict: store.VerdictSuperseded, At: by.Created})
	}
	return nil
}

func (s *Service) seal(connection string, creds connectors.Credentials) ([]byte, error) {
	plain, err := json.Marshal(creds)
	if err != nil {
		return nil, err
	}
	return s.Sealer.Seal(plain, []byte("connection:"+connection))
}

func (s *Service) unseal(c store.Connection) (creds connectors.Credentials, err error) {
	plain, err := s.Sealer.Open(c.Credentials, []byte("connection:"+c.ID))
	if err == nil {
		err = json.Unmarshal(plain, &creds)
	}
	return creds, err
}

var explanations = map[connectors.Failure]struct {
	kind errs.Kind
	text string
}{
	connectors.Declined:    {errs.Forbidden, "%s did not grant access. You can try again whenever you like."},
	connectors.CodeRefused: {errs.Invalid, "the sign-in at %s took too long or was used already; please connect again."},
	connectors.BadState:    {errs.Invalid, "the answer of %s belongs to no open request; please connect again."},
	connectors.BadAnswer:   {errs.Unavailable, "%s gave an answer that we could not use. We have noted it; please try again later."},
	connectors.ForeignHost: {errs.Unavailable, "%s led to an address that we do not know, so we stopped. We have noted it."},
	connectors.Throttled:   {errs.Unavailable, "%s is busy. Please try again in a while."},
	connectors.Down:        {errs.Unavailable, "%s cannot be reached at the moment. Please try again later."},
}

// explain turns a connector's failure into words for the person.
func explain(err error, provider string) error {
	var e *connectors.Error
	if !errors.As(err, &e) {
		return err
	}
	x, ok := explanations[e.Failure]
	if !ok {
		x = explanations[connectors.Declined]
	}
	return errs.Wrap(err, x.kind, x.text, provider)
}
