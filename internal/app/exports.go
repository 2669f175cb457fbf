package app

import (
	"context"
	"net/http"
	"path/filepath"
	"time"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/blob"
	"tributary/internal/consent"
	"tributary/internal/export"
	"tributary/internal/operation"
	"tributary/internal/store"
)

// bulkData is where the operations of Bulk Data are defined.
const bulkData = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/"

// openExport makes the exports and mounts their operations on the FHIR API.
func (s *Service) openExport() error {
	files, err := blob.Folder(filepath.Join(s.config.DataDir, "exports"))
	if err != nil {
		return err
	}
	s.export = export.New(export.Config{
		Store: s.store, Access: s.policy, Consents: permitted{s.consent}, Groups: s.consent, Participants: researchers{s.accounts},
		Audit: s.audit, Queue: s.queue, Sealer: s.ring, Blobs: files, FHIRBase: s.fhirBase(), FilesBase: s.base + "/export/files",
		Keep: s.config.Export.TTL, Now: s.Now, Logger: s.Logger,
	})
	for _, o := range []operation.Route{
		{Path: "/Group/{id}/$export", Name: "export", Types: []string{"Group"}, Definition: bulkData + "group-export"},
		{Path: "/Patient/$export", Name: "export", Types: []string{"Patient"}, Definition: bulkData + "patient-export"},
		{Path: "/$export", Name: "export", Definition: bulkData + "export"},
	} {
		o.Method, o.Handle, o.About, o.Parameters = http.MethodGet, s.export.KickOff, exportAbout, exportParameters
		s.mount(o, operation.Route{Method: http.MethodPost, Path: o.Path, Handle: s.export.KickOff})
	}
	s.mount(operation.Route{Method: http.MethodGet, Path: "/$export-status/{job}", Handle: s.export.Status},
		operation.Route{Method: http.MethodDelete, Path: "/$export-status/{job}", Handle: s.export.Cancel})
	return nil
}

const exportAbout = "Bulk Data: what the consent of each participant permits, as files of NDJSON, made in the background."

// exportParameters are those of Bulk Data that are served.
var exportParameters = []operation.Parameter{
	{Name: "_outputFormat", Use: "in", Max: "1", Type: "string"},
	{Name: "_since", Use: "in", Max: "1", Type: "instant"},
	{Name: "_type", Use: "in", Max: "*", Type: "string"},
}

// permitted asks consent inside a transaction.
type permitted struct{ *consent.Service }

// PermittedIn implements export.Consents.
func (p permitted) PermittedIn(ctx context.Context, db store.DB, patient string) (access.Permissions, error) {
	now, err := p.CurrentIn(ctx, db, patient)
	return now.Access(), err
}

// researchers opens the map from participants to research.
type researchers struct{ *account.Service }

// ResearchID implements export.Participants.
func (r researchers) ResearchID(ctx context.Context, patient string) (id string, shiftDays int, err error) {
	codes, err := r.Codes(ctx, patient)
	return codes.Research, codes.ShiftDays, err
}

// tidyEvery is how often what has ended is cleared away.
const tidyEvery = time.Hour

// tidy clears away until ctx ends.
func (s *Service) tidy(ctx context.Context) {
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()
	for {
		s.tidyOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// tidyOnce expires exports, tokens and unconfirmed accounts, and moves the slots'
// horizon on.
func (s *Service) tidyOnce(ctx context.Context) {
	for name, clear := range map[string]func() error{
		"exports":   func() error { return s.export.Expire(ctx) },
		"tokens":    func() error { _, err := s.auth.Purge(ctx); return err },
		"keys":      func() error { return s.auth.RotateKeys(ctx) },
		"accounts":  func() error { return s.purgeUnconfirmed(ctx) },
		"retention": func() error { return s.retention.Ask(ctx, s.queue) },
		"slots":     func() error { return s.program.Setup(ctx) },
	} {
		if err := clear(); err != nil && ctx.Err() == nil {
			s.Logger.Warn("tidying up failed", "what", name, "error", err)
		}
	}
}

// Alias implements demo.Installation: at the registered tier a participant's
// Patient is called by their research id.
func (d demonstration) Alias(ctx context.Context, _, patient string) (string, error) {
	codes, err := d.accounts.Codes(ctx, patient)
	return codes.Research, err
}
