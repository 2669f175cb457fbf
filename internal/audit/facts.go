package audit

import (
	"encoding/json"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// facts are what is kept of an event: a fifth of the AuditEvent's bytes. The
// letters are the format of the stored rows; they are only ever added to.
type facts struct {
	ID          string             `json:"id"`
	Interaction access.Interaction `json:"i"`
	Outcome     Outcome            `json:"o,omitempty"`
	Reason      string             `json:"r,omitempty"`
	Purpose     Purpose            `json:"w,omitempty"`
	Type        string             `json:"t,omitempty"`
	Query       string             `json:"q,omitempty"`
	Patient     string             `json:"p,omitempty"`
	Actor       actorFacts         `json:"a"`
	Entities    []entityFacts      `json:"e,omitempty"`
}

type actorFacts struct {
	Role    string `json:"r,omitempty"`
	ID      string `json:"i,omitempty"`
	Client  string `json:"c,omitempty"`
	Address string `json:"n,omitempty"`
	Request string `json:"q,omitempty"`
}

type entityFacts struct {
	Type    string             `json:"t"`
	ID      string             `json:"i"`
	Version int64              `json:"v,omitempty"`
	Action  access.Interaction `json:"a,omitempty"`
}

// who is the account, member of staff or job; a client that acts for itself.
func (a *actorFacts) who() string {
	if a.ID == "" {
		return a.Client
	}
	return a.ID
}

func factsOf(id string, q queued, patient string, entities []Entity) facts {
	f := facts{
		ID: id, Interaction: q.event.Interaction, Outcome: q.event.Outcome, Reason: q.event.Reason, Purpose: q.purpose,
		Type: q.event.Type, Query: q.event.Query, Patient: patient, Entities: make([]entityFacts, len(entities)),
		Actor: actorFacts{string(q.actor.Role), q.actor.ID, q.actor.Client, q.actor.Address, q.actor.RequestID},
	}
	for i, e := range entities {
		f.Entities[i] = entityFacts{e.Type, e.ID, e.Version, e.Action}
	}
	return f
}

func (f *facts) encode() []byte {
	out, err := json.Marshal(f)
	if err != nil {
		panic("audit: " + err.Error()) // strings and numbers cannot fail to encode
	}
	return out
}

// resource is the AuditEvent of a row.
func resource(r store.AuditRow, source string) (store.Resource, error) {
	var f facts
	if err := json.Unmarshal(r.Facts, &f); err != nil {
		return store.Resource{}, errs.Wrap(err, errs.Internal, "an audit event cannot be read back")
	}
	return store.Resource{
		Type: "AuditEvent", ID: f.ID, Version: 1, Updated: r.At, Method: "POST", Body: f.render(source, r.At),
	}, nil
}
