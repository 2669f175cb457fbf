package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"tributary/fhir"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// File answers a file of a finished export, {job}/{file} being the end of the
// path (Bulk Data, "Bulk Data Output File Request"). Everyone's consent is asked
// again before the first byte.
func (s *Service) File(w http.ResponseWriter, r *http.Request, a access.Actor) error {
	dir, name := path.Split(r.URL.Path)
	release, err := s.find(r.Context(), path.Base(dir), a)
	if err != nil {
		return err
	}
	if release.State != store.ReleaseDone {
		return errs.New(errs.NotFound, "there is no such file")
	}
	w.Header().Set("Cache-Control", "no-store")
	if name == outcomes {
		return s.outcomes(w, r, release)
	}
	return s.send(w, r, a, release, name)
}

var takenBack = errs.New(errs.Gone, "somebody whose data this file held has taken back their consent; start a new export, and delete what you have of it")

func (s *Service) send(w http.ResponseWriter, r *http.Request, a access.Actor, release store.Release, name string) error {
	ctx := r.Context()
	f, err := s.fileNamed(ctx, release, name)
	if err != nil {
		return err
	}
	if err := s.permitted(ctx, release, f); err != nil {
		return err
	}
	blob, err := s.Blobs.Open(ctx, prefix(release.ID, release.Attempt, f.Part)+f.Type+".ndjson")
	if err != nil {
		return errs.Wrap(err, errs.Internal, "the file cannot be read; start a new export")
	}
	defer blob.Close()
	if blob.Size() != f.Bytes {
		return errs.New(errs.Internal, "the file is damaged; start a new export")
	}
	if err := s.Audit.Record(ctx, a, audit.PurposeOf(a), audit.Event{Interaction: access.Export, Type: f.Type}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.FormatInt(f.Bytes, 10))
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := io.Copy(w, blob); err != nil {
		panic(http.ErrAbortHandler) // the client must not take half a file for a whole one
	}
	return nil
}

// fileNamed finds a file by the name that the manifest gave it.
func (s *Service) fileNamed(ctx context.Context, release store.Release, name string) (f store.ReleaseFile, err error) {
	number, rest, _ := strings.Cut(name, ".")
	typ, known := strings.CutSuffix(rest, ".ndjson")
	part, bad := strconv.ParseInt(number, 10, 64)
	if known && bad == nil {
		f, err = s.rows.File(ctx, s.Store, store.PartRef{Release: release.ID, Part: part}, typ)
	}
	if !known || bad != nil || errors.Is(err, store.ErrNotFound) {
		return f, errs.New(errs.NotFound, "there is no such file")
	}
	return f, err
}

// permitted refuses a file that is gone, and makes gone what has to be: a consent
// may also end by its date, without an event.
func (s *Service) permitted(ctx context.Context, release store.Release, f store.ReleaseFile) error {
	if f.State != store.PartReady {
		return takenBack
	}
	_, actor, err := readAsker(release.Actor)
	if err != nil {
		return err
	}
	ref := store.PartRef{Release: release.ID, Part: f.Part}
	err = s.stillPermitted(ctx, s.Store, tiers[release.Policy], actor, ref)
	if !errors.Is(err, store.ErrStale) {
		return err
	}
	if err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return s.gone(ctx, tx, ref, s.Now()) }); err != nil {
		return err
	}
	return takenBack
}

// outcomes answers the error file.
func (s *Service) outcomes(w http.ResponseWriter, r *http.Request, release store.Release) error {
	files, err := s.rows.Files(r.Context(), s.Store, release.ID)
	if err != nil {
		return err
	}
	issues, err := missing(release, files)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for _, i := range issues {
		out.Write(fhir.OperationOutcome(i))
		out.WriteByte('\n')
	}
	w.Header().Set("Content-Type", contentType)
	_, err = w.Write(out.Bytes())
	return err
}

// missing says what a release does not hold, or holds no more.
func missing(release store.Release, files []store.ReleaseFile) ([]fhir.Issue, error) {
	k, _, err := readAsker(release.Actor)
	var issues []fhir.Issue
	for _, what := range k.Ignored {
		issues = append(issues, fhir.Issue{Severity: "warning", Code: "not-supported", Diagnostics: what})
	}
	gone := 0
	for _, f := range files {
		if f.State == store.PartGone {
			gone++
		}
	}
	if gone > 0 {
		issues = append(issues, fhir.Issue{Severity: "error", Code: "deleted",
			Diagnostics: fmt.Sprintf("%d files of this export were taken back with a consent: it is partial, start a new one", gone)})
	}
	return issues, err
}
