package consent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"tributary/internal/errs"
	"tributary/internal/records"
)

// The journal of withdrawals is a file outside of the database: a line for each
// person who has left for good. A database that was restored from a backup does not
// know who left since; Replay takes from the journal that they have, before the first
// request is answered. A line is written after its transaction; what a crash kept
// from the file is in the database, and Replay adds it.

// left is a line of the journal. It names nobody but by the id of the Patient.
type left struct {
	Patient  string    `json:"patient"`
	Decision Decision  `json:"decision"` // withdraw, erase
	At       time.Time `json:"at"`
}

// keepLeft adds a line, and has it on the disk before it returns.
func (s *Service) keepLeft(l left) error {
	if s.Journal == "" {
		return nil
	}
	s.journal.Lock()
	defer s.journal.Unlock()
	f, err := os.OpenFile(s.Journal, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	line, err := json.Marshal(l)
	if err == nil {
		_, err = f.Write(append(line, '\n'))
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// readLeft reads the journal; no file is no lines. A line that was cut off by a
// crash is passed over: its transaction had been committed before.
func (s *Service) readLeft() (all []left, err error) {
	f, err := os.Open(s.Journal)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var l left
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			s.Logger.Warn("a line of the journal of withdrawals cannot be read", "error", err)
			continue
		}
		all = append(all, l)
	}
	return all, lines.Err()
}

// Replay brings the database and the journal together: who is in the journal has
// left, with the hooks of leaving; who has left is in the journal. It returns how
// many people the database had not known to have left.
func (s *Service) Replay(ctx context.Context) (n int, err error) {
	if s.Journal == "" {
		return 0, nil
	}
	all, err := s.readLeft()
	if err != nil {
		return 0, err
	}
	known := map[string]bool{}
	for _, l := range all {
		if known[l.Patient] {
			continue
		}
		known[l.Patient] = true
		again, err := s.leaveAgain(ctx, l)
		if err != nil {
			return n, err
		}
		if again {
			n++
		}
	}
	return n, s.complete(ctx, known)
}

// leaveAgain withdraws somebody whom the database does not know to have left. Who
// joined after the backup is not there at all.
func (s *Service) leaveAgain(ctx context.Context, l left) (again bool, err error) {
	events, err := s.Events(ctx, l.Patient)
	if err != nil || len(events) == 0 || Current(events, s.Now()).Withdrawn {
		return false, err
	}
	g := Signing{Patient: l.Patient, Kind: Research, Reason: "left on " + l.At.Format(time.DateOnly) + ", before the database was restored"}
	err = s.decide(ctx, l.Patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if p.Withdrawn {
			return nil
		}
		return s.takeBack(ctx, tx, g, Withdraw, s.hooks[Withdraw])
	})
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// complete adds who is missing in the journal.
func (s *Service) complete(ctx context.Context, known map[string]bool) error {
	gone, err := s.Withdrawn(ctx)
	if err != nil {
		return err
	}
	slices.Sort(gone)
	for _, patient := range slices.Compact(gone) {
		if known[patient] {
			continue
		}
		now, err := s.Current(ctx, patient)
		if err != nil {
			return err
		}
		if err := s.keepLeft(left{patient, Withdraw, now.WithdrawnAt}); err != nil {
			return err
		}
	}
	return nil
}

// noteLeft puts a person who has just left into the journal. They have left, whether
// or not the disk takes the line: Replay makes up for it.
func (s *Service) noteLeft(patient string, d Decision) {
	if err := s.keepLeft(left{patient, d, s.Now().UTC()}); err != nil {
		s.Logger.Error("somebody who has left is not in the journal of withdrawals yet", "error", err)
	}
}
