package account

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"math/big"

	"tributary/internal/store"
)

// Codes stand for a participant outside the study's own care. They are random,
// so that nothing links them but the sealed map.
type Codes struct {
	Research  string `json:"research"`
	Biobank   string `json:"biobank"`
	ShiftDays int    `json:"shift"` // dates in the registered tier move back by 1–364 days
}

const maxShift = 364

// Codes opens the map for one participant.
func (s *Service) Codes(ctx context.Context, patient string) (Codes, error) {
	var c Codes
	row, err := s.rows.Participant(ctx, s.Store, patient)
	if err != nil {
		return c, err
	}
	plain, err := s.Sealer.Open(row.Sealed, owner("codes", patient))
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(plain, &c)
}

func (s *Service) putCodes(ctx context.Context, db store.DB, patient string) error {
	shift, err := rand.Int(s.Rand, big.NewInt(maxShift))
	if err != nil {
		return err
	}
	plain, err := json.Marshal(Codes{Research: "R" + s.newID(), Biobank: "B" + s.newID(), ShiftDays: 1 + int(shift.Int64())})
	if err != nil {
		return err
	}
	sealed, err := s.Sealer.Seal(plain, owner("codes", patient))
	if err != nil {
		return err
	}
	return s.rows.PutParticipant(ctx, db, store.ParticipantCode{Patient: patient, Sealed: sealed})
}
