package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"tributary/connectors"
	"tributary/internal/records"
	"tributary/internal/store"
)

// referencesAtATime is how many resources one request asks for by id.
const referencesAtATime = 50

// references fetches what the pulled resources refer to, and what those refer
// to in turn, until nothing is left; it reports whether some could not be had.
func (r *run) references(ctx context.Context) (missing bool, err error) {
	for {
		refs, err := r.pulls.References(ctx, r.Store, r.pull.ID, referencesAtATime)
		if err != nil {
			return missing, err
		}
		if len(refs) == 0 {
			failed, err := r.pulls.MissingReferences(ctx, r.Store, r.pull.ID)
			return len(failed) > 0, err
		}
		if err := r.follow(ctx, refs); err != nil {
			return missing, err
		}
	}
}

// follow fetches references of one type. Those that the provider does not have
// stay as they are: references to what is not here.
func (r *run) follow(ctx context.Context, refs []store.Ref) error {
	ids := make([]string, len(refs))
	for i, ref := range refs {
		ids[i] = ref.ID
	}
	page, err := r.fetch(ctx, func() (connectors.Page, error) {
		return r.Connector.Fetch(ctx, r.provider, r.creds, refs[0].Type, ids)
	})
	var e *connectors.Error
	switch {
	case err == nil:
	case errors.Is(err, errStopped), errors.Is(err, errLost), !errors.As(err, &e), e.Failure == connectors.Reconnect, r.pauses(e), r.down(e):
		return err
	default:
		r.passing = r.passing || passing[string(e.Failure)]
		r.Logger.Info("references could not be followed", "pull", r.pull.ID, "type", refs[0].Type, "failure", string(e.Failure), "status", e.Status)
		return r.update(ctx, func(ctx context.Context, tx store.Tx) error {
			return r.pulls.Followed(ctx, tx, r.pull.ID, refs, store.QueryFailed)
		})
	}
	arrivals, err := r.sift(ctx, page.Resources)
	if err != nil {
		return err
	}
	return r.store(ctx, arrivals, func(ctx context.Context, tx store.Tx, _ *batch) error {
		return r.pulls.Followed(ctx, tx, r.pull.ID, refs, store.QueryDone)
	})
}

type reference struct {
	Reference string `json:"reference,omitempty"`
	Display   string `json:"display,omitempty"`
}

type provenanceAgent struct {
	Type json.RawMessage `json:"type"`
	Who  reference       `json:"who"`
}

type provenance struct {
	ResourceType string            `json:"resourceType"`
	Target       []reference       `json:"target"`
	Recorded     time.Time         `json:"recorded"`
	Activity     json.RawMessage   `json:"activity"`
	Agent        []provenanceAgent `json:"agent"`
}

var (
	transmitter = json.RawMessage(`{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/provenance-participant-type","code":"transmitter"}]}`)
	assembler   = json.RawMessage(`{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/provenance-participant-type","code":"assembler"}]}`)
	pulled      = json.RawMessage(`{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-DataOperation","code":"CREATE"}]}`)
)

// provenance is the record of where resources came from (R4, Provenance): one
// for all that a page brought.
func (r *run) provenance(targets []reference) (records.Draft, error) {
	raw, err := json.Marshal(provenance{
		ResourceType: "Provenance", Target: targets, Recorded: r.Now().UTC().Truncate(time.Millisecond), Activity: pulled,
		Agent: []provenanceAgent{{transmitter, reference{Display: r.provider.Name}}, {assembler, reference{Display: "Tributary"}}},
	})
	return records.Draft{Type: "Provenance", JSON: raw, Origin: records.Program}, err
}
