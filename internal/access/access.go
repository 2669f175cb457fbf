// Package access takes the one decision: who may do what to which resource.
//
// A request is allowed when all of these hold, and refused otherwise:
//
//	role            the policy table: role × type class × interaction (table.go)
//	permit          what else must hold for the role: a delegate's permission is in force (permit.go)
//	scope           some SMART scope of the token covers the interaction (scopes.go)
//	compartment     the resource is in the compartment of a Patient that the actor reaches (reach.go)
//	consent         that Patient's participant has not withdrawn, and shares the EHR with an ehr client;
//	                what a consent of its own governs is shown to the person with it alone (results.go)
//
// The first three are known before a resource is: Decide answers them. The last
// two come back as a Decision: clauses that every search is narrowed by, so that
// results, counts and paging show nothing more, and that a resource about to be
// read, stored or replaced is checked against by its index entries, so that a
// search and a read can never disagree about what is visible.
//
// Traps of the R4 patient compartment: Group.member puts one person's Groups, and
// with them everyone else on them, into the compartment (Groups are closed);
// Patient.link widens it (a Patient is reached by its own id only); Binary is in
// none (closed); a Device, in none either, goes by the patient that it names (Membership).
// What a client makes for itself, a Subscription, is nobody else's (owned).
//
// The table in docs/access.md is generated from the policy (gen).
//
// Neighbours: internal/records calls it for every interaction; internal/export
// asks it about a kick-off; internal/consent answers Consents.
package access

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Role is the part that an actor plays.
type Role string

// The roles. The zero Role is nobody: it may do nothing.
const (
	Participant Role = "participant" // a person, on the portal or through an app
	Delegate    Role = "delegate"    // a person who acts for the participant in Actor.Patient
	CenterStaff Role = "center"      // staff of a partner center, on the portal or through an app that they opened
	StudyStaff  Role = "study"       // staff of the study, by the portal only
	Research    Role = "research"    // client of a research warehouse
	Researcher  Role = "researcher"  // an approved person of research, by an app
	EHR         Role = "ehr"         // client of a provider's EHR system
	Operator    Role = "operator"    // who runs the service; reaches no resource
	Maintenance Role = "maintenance" // client for repair and load tests
	System      Role = "system"      // one of our own jobs, named in Actor.ID
)

// Actor is who asks. Every access names one.
type Actor struct {
	Role      Role
	ID        string // account, member of staff, or the name of a job
	Client    string // id of the OAuth client; "" on the portal and for jobs
	Patient   string // id of the Patient that the participant is, or that is in the launch context
	Scopes    Scopes
	Unscoped  bool     // portal and jobs: no token, so no scopes to ask
	Groups    []string // ids of the Groups that the client is named on
	Provider  string   // id of the provider whose EHR system the client is; "" for none
	Site      string   // of center staff
	Purpose   string   // v3 PurposeOfUse: TREAT, HRESCH, PATRQT, HOPERAT…
	Address   string   // network address of the request
	RequestID string
	Grant     string // id of the authorization that the token descends from; "" without a token
}

// OriginSystem is the system of the meta.tag that says where data comes from; the
// server alone sets it.
const OriginSystem = "https://tributary.example/fhir/origin"

// Job is the actor of one of our own jobs; its name must be in the table of jobs.
func Job(name, purpose string) Actor {
	return Actor{Role: System, ID: name, Unscoped: true, Purpose: purpose}
}

// Interaction is a FHIR interaction (R4, section 3.1.0).
type Interaction string

// The interactions that are decided.
const (
	Read        Interaction = "read"
	VRead       Interaction = "vread"
	History     Interaction = "history"
	Search      Interaction = "search"
	Create      Interaction = "create"
	Update      Interaction = "update"
	Delete      Interaction = "delete"
	Patch       Interaction = "patch"
	Transaction Interaction = "transaction" // or batch: the envelope; each entry is decided on its own
	Export      Interaction = "export"      // of a Group
	Metadata    Interaction = "metadata"
)

// Writes reports whether the interaction changes something.
func (i Interaction) Writes() bool {
	return i == Create || i == Update || i == Delete || i == Patch
}

// Request is what is asked; ID is empty where there is none (search, create).
type Request struct {
	Interaction Interaction
	Type, ID    string
}

// Permissions is what a person's current consent allows.
type Permissions struct {
	Research  bool // takes part
	EHR       bool // shares the health record
	Withdrawn bool
	// Closed is since when nothing further is collected about who has not
	// withdrawn: deactivated, dead, or reported so. What was collected before
	// stays in use. Zero: not.
	Closed time.Time
	// Providers are the ids of those that the record is shared by, parted by
	// spaces; "" all that are connected.
	Providers string
}

// Collects reports whether health records may come in now.
func (p Permissions) Collects() bool { return p.EHR && !p.Withdrawn && p.Closed.IsZero() }

// From reports whether they may from the provider.
func (p Permissions) From(provider string) bool {
	return p.Collects() && (p.Providers == "" || slices.Contains(strings.Fields(p.Providers), provider))
}

// Consents answers what the participant behind a Patient currently permits; a
// Patient who is no participant has the zero Permissions.
type Consents interface {
	Permissions(ctx context.Context, patientID string) (Permissions, error)
	// Withdrawn lists the Patients of everyone who has withdrawn.
	Withdrawn(ctx context.Context) ([]string, error)
}

// Groups answers who is on a Group: ids of Patients.
type Groups interface {
	Members(ctx context.Context, groupID string) ([]string, error)
}

type contextKey struct{}

// WithActor returns a context that carries the actor.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, contextKey{}, a)
}

// ActorFrom returns the actor of the context.
func ActorFrom(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(contextKey{}).(Actor)
	return a, ok
}
