package export

import (
	"context"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/store"
)

// tier is how far a release goes: what of whom it holds, and in which form.
type tier struct {
	name   string
	frozen bool // a release is whole: no _since
	// types are those that the actor's releases may hold.
	types func(ctx context.Context, s *Service, a access.Actor) ([]string, error)
	// admits tells whether somebody with these permissions is in a release, and
	// with their health records.
	admits func(a access.Actor, p access.Permissions) (ehr, ok bool)
	// open makes what writes the lines of one release.
	open func(ctx context.Context, r *run) (lines, error)
}

// lines turn stored resources into what leaves. It is for one goroutine.
type lines interface {
	// narrow are the conditions on what is read of a type.
	narrow(typ string) []search.Clause
	// person begins a participant.
	person(ctx context.Context, m store.ReleaseMember) error
	// line appends a resource to dst, without a line's end; false: it does not
	// leave with this participant.
	line(dst []byte, res store.Resource) ([]byte, bool, error)
	// shared are the resources in nobody's compartment that the participant's
	// refer to, each handed out once.
	shared() []store.Ref
}

var (
	registered = &tier{name: "registered", frozen: true, types: registeredTypes, admits: admitsResearch, open: openRegistered}
	standard   = &tier{name: "standard", types: standardTypes, admits: admitsStandard, open: openStandard}
)

var tiers = map[string]*tier{registered.name: registered, standard.name: standard}

// operational are the roles whose clients see people as they are. Everyone else
// gets the registered tier.
var operational = map[access.Role]bool{access.EHR: true, access.Maintenance: true}

func tierOf(a access.Actor) *tier {
	if operational[a.Role] {
		return standard
	}
	return registered
}
