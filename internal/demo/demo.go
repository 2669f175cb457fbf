// Package demo drives the whole main job over HTTP, as browsers and clients
// would: people sign up, sign the consent, decide about their health records,
// connect their provider, answer a survey, book a visit and are measured; a
// warehouse exports, a participant withdraws, the warehouse exports again.
//
// It then compares four counts for every participant and resource type, and
// fails where they disagree: what the provider holds (counted from the bundles
// themselves), what was pulled, what is in quarantine, what was exported.
//
// It drives the service by its pages and its API alone. What only an operator can
// know or do on the machine (registering a client, printing a token, what is in
// quarantine, which alias a person has in a release) comes through Installation;
// what was pulled is counted there and, a second time, over the API.
//
// Neighbours: cmd/tributary starts both servers and calls Run; internal/synth
// makes the provider's patients where no folder is given.
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Installation is what the operator of the machine can do.
type Installation interface {
	PortalURL() string
	FHIRBase() string
	ProviderFHIRBase() string
	// ProviderToken is a token to load the sandbox provider with.
	ProviderToken(ctx context.Context) (string, error)
	// Token is a token of the service that reads everything.
	Token(ctx context.Context) (string, error)
	// RegisterWarehouse adds a research client with its public key set, named on
	// the cohort Group, and returns the Group's id.
	RegisterWarehouse(ctx context.Context, clientID string, jwks []byte) (group string, err error)
	// Alias is the id of a participant's Patient in an export, given by its
	// status URL.
	Alias(ctx context.Context, statusURL, patient string) (string, error)
	// Pulled says what was pulled for a participant, and what is in quarantine.
	Pulled(ctx context.Context, patient string) (map[string]int, []Quarantined, error)
	// Staff are the name and password of a member of staff of a center.
	Staff(ctx context.Context) (login, password string, err error)
}

// Quarantined is a resource that was held back.
type Quarantined struct {
	Type   string `json:"type"`
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Options of a run.
type Options struct {
	Data         string // folder of R4 transaction bundles; "" makes patients
	Participants int
	Out          string // folder for the results
	BuildSeconds float64
	Seed         uint64
	Print        io.Writer
	Now          func() time.Time
}

// Summary is written to summary.json.
type Summary struct {
	Participants []*Participant     `json:"participants"`
	Seconds      map[string]float64 `json:"seconds"`
}

// Participant is one person's row of the summary. Counts are by resource type.
type Participant struct {
	Participant     string         `json:"participant"`
	ProviderPatient string         `json:"providerPatient"`
	EHRConsent      bool           `json:"ehrConsent"`
	Withdrawn       bool           `json:"withdrawn"`
	Held            map[string]int `json:"held"`
	Pulled          map[string]int `json:"pulled"`
	Quarantined     []Quarantined  `json:"quarantined"`
	ExportedBefore  map[string]int `json:"exportedBefore"`
	Exported        map[string]int `json:"exported"`
	ProgramBefore   map[string]int `json:"programBefore"` // exported resources that the program itself made
	Program         map[string]int `json:"program"`

	person   person
	browser  *browser
	measured bool
}

// run is the state of one run.
type run struct {
	Options
	Installation
	start     time.Time
	summary   Summary
	providers []person
	warehouse *warehouse
	// observations are made at each visit, by the study's protocol.
	observations int
}

// Run drives the main job. The error says every count that disagrees.
func Run(ctx context.Context, in Installation, o Options) error {
	r := &run{Options: o, Installation: in, start: o.Now(), summary: Summary{Seconds: map[string]float64{"build": o.BuildSeconds}}}
	steps := []struct {
		name string // of the seconds that the step counts to; "" for none
		does string
		fn   func(context.Context) error
	}{
		{"load", "the provider is loaded", r.loadProvider},
		{"consent", "people join, sign and decide", r.enroll},
		{"pull", "records are pulled from the provider", r.pull},
		{"visit", "surveys, visits and measurements", r.visits},
		{"export", "the warehouse exports", r.exportBefore},
		{"", "a participant withdraws", r.withdraw},
		{"export", "the warehouse exports again", r.exportAfter},
		{"", "the counts are compared", r.check},
	}
	for _, step := range steps {
		r.say("%s …", step.does)
		begun := r.Now()
		if err := step.fn(ctx); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", step.does, err), r.write())
		}
		if step.name != "" {
			r.summary.Seconds[step.name] += r.Now().Sub(begun).Seconds()
		}
	}
	r.say("done: %s", filepath.Join(r.Out, "summary.json"))
	return nil
}

func (r *run) say(format string, args ...any) {
	fmt.Fprintf(r.Print, "%7.1fs  %s\n", r.Now().Sub(r.start).Seconds(), fmt.Sprintf(format, args...))
}

func (r *run) write() error {
	raw, err := json.MarshalIndent(r.summary, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.Out, "summary.json"), append(raw, '\n'), 0o644)
}

// check compares the counts, and writes the summary where they agree; Run does
// where they do not.
func (r *run) check(context.Context) error {
	var faults []error
	for i, p := range r.summary.Participants {
		for _, fault := range p.disagreements(r.observations) {
			faults = append(faults, fmt.Errorf("participant %d, %s", i+1, fault))
		}
	}
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	return r.write()
}
