package audit

import (
	"encoding/json"
	"strconv"

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
	For     string `json:"f,omitempty"` // the Patient on whose behalf a delegate acts
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

// factsOf are those that all rows of an event have.
func factsOf(a access.Actor, why Purpose, e Event) facts {
	f := facts{
		Interaction: e.Interaction, Outcome: e.Outcome, Reason: e.Reason, Purpose: why, Type: e.Type, Query: e.Query,
		Actor: actorFacts{string(a.Role), a.ID, a.Client, a.Address, a.RequestID, ""},
	}
	if a.Role == access.Delegate {
		f.Actor.For = a.Patient
	}
	return f
}

// rest renders the facts as encoding/json reads them back, but for the id that they
// begin with; by hand, because an event is written for each read.
func (f *facts) rest(b []byte) []byte {
	b = member(b, ',', "i", string(f.Interaction))
	b = optional(b, "o", string(f.Outcome))
	b = optional(b, "r", f.Reason)
	b = optional(b, "w", string(f.Purpose))
	b = optional(b, "t", f.Type)
	b = optional(b, "q", f.Query)
	b = optional(b, "p", f.Patient)
	b = f.Actor.encode(append(b, `,"a":`...))
	open := `,"e":[`
	for i := range f.Entities {
		b = f.Entities[i].encode(append(b, open...))
		open = ","
	}
	if open == "," {
		b = append(b, ']')
	}
	return append(b, '}')
}

// identified puts the id before the rest.
func identified(id string, rest []byte) []byte {
	b := make([]byte, 0, len(`{"id":""`)+len(id)+len(rest))
	return append(member(b, '{', "id", id), rest...)
}

func (a *actorFacts) encode(b []byte) []byte {
	b = member(b, '{', "r", a.Role)
	b = optional(b, "i", a.ID)
	b = optional(b, "c", a.Client)
	b = optional(b, "n", a.Address)
	b = optional(b, "q", a.Request)
	b = optional(b, "f", a.For)
	return append(b, '}')
}

func (e *entityFacts) encode(b []byte) []byte {
	b = member(b, '{', "t", e.Type)
	b = member(b, ',', "i", e.ID)
	if e.Version != 0 {
		b = strconv.AppendInt(append(b, `,"v":`...), e.Version, 10)
	}
	b = optional(b, "a", string(e.Action))
	return append(b, '}')
}

func optional(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return member(b, ',', name, value)
}

func member(b []byte, open byte, name, value string) []byte {
	b = append(b, open, '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return text(b, value)
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
