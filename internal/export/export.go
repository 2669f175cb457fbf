// Package export is the way out in bulk: FHIR Bulk Data exports (v2, with what v3
// shares with it) of those who are on a Group, for research warehouses at the
// registered tier, for operational clients as FHIR stores it.
//
//	kick-off   the access policy decides; a release row and its job are written together
//	job        a snapshot of the store -> participants, in batches -> consent ->
//	           what of them is permitted -> the tier's de-identification -> files
//	status     progress, then the manifest
//	download   consent is asked again, then the file streams
//
// The middle cannot be left out: a tier is chosen from the client's role, not
// from the request, and everything that leaves is a line that a tier has written.
//
// A release is written in parts. A part has some hundred participants and, for
// each type, one file; it is the unit of withdrawal. Participants are put on a
// part's list, in a transaction that locks their Patient and looks at their
// consent, before anything of theirs is read. A withdrawal runs Withdrawn in its
// own transaction, which makes every part that lists the person gone:
//
//	writing -> ready -> gone     a part that is gone never comes back; its files
//	       \-----------^         answer 410 and are deleted by a job
//
// A part that goes while it is being written is written anew without the person.
// What is in a manifest afterwards: the files that are left as output, and an
// error file whose OperationOutcome says that others were taken back, so that a
// warehouse knows that it holds a partial release and starts another.
//
// A job that is killed begins anew, with a new snapshot, under the next attempt's
// number; the files of one attempt are never seen by another, and nothing is
// listed before it is whole. Memory does not grow with the data: one page of
// resources and one batch of participants at a time.
//
//	release: queued -> running -> done | failed -> deleted | expired
//
// Neighbours: deid is the registered tier; internal/blob keeps files,
// internal/jobs runs the work; internal/app mounts the handlers and registers
// Withdrawn and Revoked with internal/consent.
package export

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/blob"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Decider takes the access decisions: access.Policy.
type Decider interface {
	Decide(ctx context.Context, a access.Actor, r access.Request) (access.Decision, error)
}

// Consents answers what a participant permits, as a transaction sees it.
type Consents interface {
	PermittedIn(ctx context.Context, db store.DB, patient string) (access.Permissions, error)
}

// Participants opens the sealed map from participants to research: what stands
// for them, and the days (1..364) by which their dates move back.
type Participants interface {
	ResearchID(ctx context.Context, patient string) (id string, shiftDays int, err error)
}

// Queue enqueues background work.
type Queue interface {
	Enqueue(ctx context.Context, tx store.Tx, args river.JobArgs, o *river.InsertOpts) error
}

// Sealer encrypts what is secret at rest; aad names the owner.
type Sealer interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Config is what a Service works with. What follows Blobs has defaults.
type Config struct {
	Store        store.Store
	Access       Decider
	Consents     Consents
	Groups       access.Groups
	Participants Participants
	Audit        *audit.Log
	Queue        Queue
	Sealer       Sealer
	Blobs        blob.Sink
	FHIRBase     string // URL of the FHIR API, without a slash at the end
	FilesBase    string // URL below which files are served: https://…/export/files

	Registry    *search.Registry
	Keep        time.Duration // how long a finished export can be had; 7 days
	PartMembers int           // participants in a part, at most; 500
	PartBytes   int64         // a part that has so many is closed; 256 MiB
	Now         func() time.Time
	Rand        io.Reader
	Logger      *slog.Logger
}

// Service exports.
type Service struct {
	Config
	rows tables.Releases
}

// New returns a Service.
func New(c Config) *Service {
	if c.Registry == nil {
		c.Registry = search.Base()
	}
	if c.Keep == 0 {
		c.Keep = 7 * 24 * time.Hour
	}
	if c.PartMembers == 0 {
		c.PartMembers = 500
	}
	if c.PartBytes == 0 {
		c.PartBytes = 256 << 20
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Service{Config: c}
}
