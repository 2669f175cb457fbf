package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// poll is what a client is asked to wait between two looks at a status.
const poll = "1"

// find returns the caller's own release; for others, and once it is deleted or
// expired, there is none. Access is decided again.
func (s *Service) find(ctx context.Context, id string, a access.Actor) (store.Release, error) {
	r, err := s.rows.Get(ctx, s.Store, id)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && (r.Client != owner(a) || closed(r, s.Now())):
		return r, errs.New(errs.NotFound, "there is no such export")
	case err != nil:
		return r, err
	}
	return r, s.decide(ctx, a, r.Scope)
}

func closed(r store.Release, now time.Time) bool {
	return r.State == store.ReleaseDeleted || r.State == store.ReleaseExpired || !r.Expires.IsZero() && !now.Before(r.Expires)
}

// Status answers how far an export is (Bulk Data, "Bulk Data Status Request"):
// 202 while it runs, the manifest when it is done.
func (s *Service) Status(w http.ResponseWriter, r *http.Request, a access.Actor) error {
	release, err := s.find(r.Context(), path.Base(r.URL.Path), a)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	switch release.State {
	case store.ReleaseDone:
		return s.manifest(w, r, release)
	case store.ReleaseFailed:
		return errs.New(errs.Internal, "the export failed: %s", release.Reason)
	}
	if s.Now().Sub(release.Beat) > stalled {
		if err := s.revive(r.Context(), release.ID); err != nil {
			return err
		}
	}
	w.Header().Set("X-Progress", progress(release))
	w.Header().Set("Retry-After", poll)
	w.WriteHeader(http.StatusAccepted)
	return nil
}

func progress(r store.Release) string {
	if r.State == store.ReleaseQueued || r.Total == 0 {
		return "waiting to begin"
	}
	return fmt.Sprintf("%d of %d participants", r.Written, r.Total)
}

// Cancel ends an export, running or done, and deletes its files (Bulk Data,
// "Bulk Data Delete Request").
func (s *Service) Cancel(w http.ResponseWriter, r *http.Request, a access.Actor) error {
	release, err := s.find(r.Context(), path.Base(r.URL.Path), a)
	if err != nil {
		return err
	}
	if err := s.close(r.Context(), release.ID, store.ReleaseDeleted); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// manifest is the answer to a status request of a finished export.
type manifest struct {
	TransactionTime     string   `json:"transactionTime"`
	Request             string   `json:"request"`
	RequiresAccessToken bool     `json:"requiresAccessToken"`
	Output              []output `json:"output"`
	Error               []output `json:"error"`
}

type output struct {
	Type  string `json:"type"`
	URL   string `json:"url"`
	Count int64  `json:"count"`
}

const instant = "2006-01-02T15:04:05.000Z"

// outcomes is the name of the file that says what is missing.
const outcomes = "outcomes.ndjson"

func (s *Service) manifest(w http.ResponseWriter, r *http.Request, release store.Release) error {
	files, err := s.rows.Files(r.Context(), s.Store, release.ID)
	if err != nil {
		return err
	}
	m := manifest{TransactionTime: release.At.UTC().Format(instant), Request: release.Request, RequiresAccessToken: true,
		Output: []output{}, Error: []output{}}
	for _, f := range files {
		if f.State == store.PartReady {
			m.Output = append(m.Output, output{f.Type, s.fileURL(release, fileName(f)), f.Count})
		}
	}
	issues, err := missing(release, files)
	if err != nil {
		return err
	}
	if len(issues) > 0 {
		m.Error = append(m.Error, output{"OperationOutcome", s.fileURL(release, outcomes), int64(len(issues))})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Expires", release.Expires.UTC().Format(http.TimeFormat))
	return json.NewEncoder(w).Encode(m)
}

func (s *Service) fileURL(r store.Release, name string) string {
	return strings.Join([]string{s.FilesBase, r.ID, name}, "/")
}

func fileName(f store.ReleaseFile) string { return fmt.Sprintf("%d.%s.ndjson", f.Part, f.Type) }
