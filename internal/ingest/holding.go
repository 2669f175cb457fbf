package ingest

import (
	"context"
	"encoding/json"

	"tributary/fhir/tree"
	"tributary/internal/store"
)

// Demographics are what a person is compared by.
type Demographics struct {
	BirthDate string `json:"birthDate,omitempty"`
	Sex       string `json:"sex,omitempty"`
}

func demographics(patient tree.Value) Demographics {
	return Demographics{BirthDate: patient.Get("birthDate").Text(), Sex: patient.Get("gender").Text()}
}

// Holding is a connection that waits for a decision of staff, with what they
// decide on.
type Holding struct {
	Status
	Ours   Demographics  // as the participant told us
	Theirs *Demographics // as the provider says; nil when that is not known
	Other  *Claimant     // another account that has claimed the record
}

// Claimant is the account that a provider's patient belongs to so far.
type Claimant struct {
	Patient string
	Demographics
}

// Held reports on the connections that wait for a decision of staff, oldest
// first; those that have ended meanwhile are among them.
func (s *Service) Held(ctx context.Context) ([]Holding, error) {
	waiting, err := s.connections.Undecided(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	reports, err := s.report(ctx, waiting)
	if err != nil {
		return nil, err
	}
	out := make([]Holding, len(reports))
	for i, r := range reports {
		if out[i], err = s.holding(ctx, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) holding(ctx context.Context, r Status) (h Holding, err error) {
	h.Status = r
	if h.Ours, err = s.person(ctx, r.Connection.Patient); err != nil {
		return h, err
	}
	if h.Theirs, err = s.unsealTheirs(r.Connection); err != nil {
		return h, err
	}
	owner, err := s.connections.Claimed(ctx, s.Store, r.Connection.Identity)
	if err != nil || owner == "" || owner == r.Connection.Patient {
		return h, err
	}
	h.Other = &Claimant{Patient: owner}
	if h.Other.Demographics, err = s.person(ctx, owner); err != nil || h.Theirs != nil {
		return h, err
	}
	h.Theirs, err = s.known(ctx, r.Connection.Identity, *h.Other)
	return h, err
}

func (s *Service) person(ctx context.Context, patient string) (Demographics, error) {
	p, err := s.patient(ctx, patient)
	if err != nil {
		return Demographics{}, err
	}
	return demographics(p), nil
}

// known is what the claimant's connections tell of the provider's patient: what
// held them, or that it was no other than the claimant.
func (s *Service) known(ctx context.Context, identity string, by Claimant) (*Demographics, error) {
	all, err := s.connections.OfIdentity(ctx, s.Store, identity)
	for _, c := range all {
		if err != nil || c.Patient != by.Patient {
			continue
		}
		if theirs, err := s.unsealTheirs(c); err != nil || theirs != nil {
			return theirs, err
		}
		if !c.Pulled.IsZero() && c.Held == "" {
			return &by.Demographics, nil
		}
	}
	return nil, err
}

func (s *Service) sealTheirs(connection string, d Demographics) ([]byte, error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return s.Sealer.Seal(plain, []byte("theirs:"+connection))
}

func (s *Service) unsealTheirs(c store.Connection) (*Demographics, error) {
	if len(c.Theirs) == 0 {
		return nil, nil
	}
	plain, err := s.Sealer.Open(c.Theirs, []byte("theirs:"+c.ID))
	if err != nil {
		return nil, err
	}
	d := &Demographics{}
	return d, json.Unmarshal(plain, d)
}
