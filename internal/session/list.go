package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"tributary/internal/errs"
)

// maxSessions bounds the sessions that one account has at a time; one more ends
// the oldest.
const maxSessions = 20

// Entry is a session as its owner sees it in the list of all.
type Entry struct {
	ID     string    `json:"id"` // names it to its owner, and opens nothing
	Device string    `json:"device,omitempty"`
	Since  time.Time `json:"since"`
	Used   time.Time `json:"-"`                // to the minute
	Origin string    `json:"origin,omitempty"` // as in Data
	Key    string    `json:"key"`              // where the session is kept
}

// usedEvery is how exactly the last use of a session is known.
const usedEvery = time.Minute

// slot is where the nth session of an account is listed. A slot is claimed with
// PutNew and given up with Take, so that processes need no lock: a session that is
// alive stands in the list.
func slot(account string, n int) string {
	return Key("slot", fmt.Sprintf("%s\x00%d", account, n))
}

// enlist claims a slot for a session that begins.
func (s *Sessions) enlist(ctx context.Context, d *Data, key string) error {
	var err error
	if d.ID, err = NewToken(s.o.Rand); err != nil {
		return err
	}
	value, err := json.Marshal(Entry{ID: d.ID, Device: d.Device, Since: d.CreatedAt, Origin: d.Origin, Key: key})
	if err != nil {
		return err
	}
	for range maxSessions {
		for d.Slot = 0; d.Slot < maxSessions; d.Slot++ {
			if created, err := s.store.PutNew(ctx, slot(d.Account, d.Slot), value, s.o.Absolute+time.Minute); created || err != nil {
				return errors.Join(err, s.trace(ctx, *d))
			}
		}
		if err := s.makeRoom(ctx, d.Account); err != nil {
			return err
		}
	}
	return errs.New(errs.TooMany, "you are signed in too often at the same moment; please try again")
}

// trace lets EndOrigin find the account.
func (s *Sessions) trace(ctx context.Context, d Data) error {
	if d.Origin == "" {
		return nil
	}
	return s.store.Put(ctx, Key("origin", d.Origin), []byte(d.Account), s.o.Absolute+time.Minute)
}

// makeRoom gives up the slots of sessions that have ended, or else that of the
// oldest, which ends.
func (s *Sessions) makeRoom(ctx context.Context, account string) error {
	oldest, at, freed := -1, time.Time{}, false
	for n := range maxSessions {
		e, alive, err := s.listed(ctx, account, n)
		if err != nil {
			return err
		}
		if !alive {
			freed = true
			err = s.giveUp(ctx, account, n)
		} else if oldest < 0 || e.Since.Before(at) {
			oldest, at = n, e.Since
		}
		if err != nil {
			return err
		}
	}
	if freed {
		return nil
	}
	return s.giveUp(ctx, account, oldest)
}

// giveUp ends what is in a slot, and frees it.
func (s *Sessions) giveUp(ctx context.Context, account string, n int) error {
	value, found, err := s.store.Take(ctx, slot(account, n))
	if err != nil || !found {
		return err
	}
	var e Entry
	if err := json.Unmarshal(value, &e); err != nil {
		return fmt.Errorf("session: decode: %w", err)
	}
	return s.store.Delete(ctx, e.Key)
}

// listed is what is in a slot, and whether that session is alive.
func (s *Sessions) listed(ctx context.Context, account string, n int) (e Entry, alive bool, err error) {
	value, found, err := s.store.Get(ctx, slot(account, n))
	if err != nil || !found {
		return e, false, err
	}
	if err := json.Unmarshal(value, &e); err != nil {
		return e, false, fmt.Errorf("session: decode: %w", err)
	}
	d, alive, err := s.read(ctx, e.Key)
	return e, alive && d.ID == e.ID, err
}

// List returns the sessions of an account that are alive.
func (s *Sessions) List(ctx context.Context, account string) (out []Entry, err error) {
	for n := range maxSessions {
		e, alive, err := s.listed(ctx, account, n)
		if err != nil {
			return nil, err
		}
		if !alive {
			continue
		}
		if e.Used, err = s.lastUse(ctx, e); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (s *Sessions) lastUse(ctx context.Context, e Entry) (time.Time, error) {
	value, found, err := s.store.Get(ctx, Key("used", e.ID))
	if err != nil || !found {
		return e.Since, err
	}
	return time.Parse(time.RFC3339, string(value))
}

// End ends one session of an account, by its ID; it is no error if it has ended.
func (s *Sessions) End(ctx context.Context, account, id string) error {
	return s.endWhere(ctx, account, func(e Entry) bool { return e.ID == id })
}

// EndOrigin ends the sessions that came from somewhere, in every process, and answers
// whose they were; "" for nobody's.
func (s *Sessions) EndOrigin(ctx context.Context, origin string) (account string, err error) {
	value, found, err := s.store.Get(ctx, Key("origin", origin))
	if err != nil || !found || origin == "" {
		return "", err
	}
	return string(value), s.endWhere(ctx, string(value), func(e Entry) bool { return e.Origin == origin })
}

// EndFrom ends an account's sessions whose origin begins so, in every process.
func (s *Sessions) EndFrom(ctx context.Context, account, prefix string) error {
	return s.endWhere(ctx, account, func(e Entry) bool { return strings.HasPrefix(e.Origin, prefix) })
}

func (s *Sessions) endWhere(ctx context.Context, account string, which func(Entry) bool) error {
	for n := range maxSessions {
		e, _, err := s.listed(ctx, account, n)
		if err == nil && e.ID != "" && which(e) { // also one that is not alive: it may be getting a new token
			err = s.giveUp(ctx, account, n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// noteUse keeps when a session was last used, once a minute.
func (s *Sessions) noteUse(ctx context.Context, d Data) error {
	now := s.o.Now()
	if d.ID == "" || !s.used.due(d.ID, now) {
		return nil
	}
	return s.store.Put(ctx, Key("used", d.ID), []byte(now.UTC().Format(time.RFC3339)), s.o.Absolute+time.Minute)
}
