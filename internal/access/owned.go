package access

import (
	"crypto/sha256"
	"encoding/hex"

	"tributary/fhir/search"
	"tributary/internal/errs"
)

// OwnerSystem is the system of the meta.tag that says whose an owned resource is:
// the client's that made it, for the person or system that it acted for. The
// server alone sets it.
const OwnerSystem = "https://tributary.example/fhir/owner"

// Owner is the code of the owner's tag: a hash, since the tag is shown. What a
// delegate's client made for one participant is out of reach for another. An actor
// without a client owns nothing.
func Owner(a Actor) string {
	if a.Client == "" {
		return ""
	}
	who := string(a.Role) + "\x00" + a.Client + "\x00" + a.ID
	if a.Role == Delegate {
		who += "\x00" + a.Patient
	}
	sum := sha256.Sum256([]byte(who))
	return hex.EncodeToString(sum[:16])
}

// own narrows to what the actor's client made for the same person.
func (d *Decision) own(params *search.Registry) error {
	owner := Owner(d.actor)
	param, ok := params.Lookup(d.request.Type, "_tag")
	if owner == "" || !ok {
		return errs.New(errs.Forbidden, "%s of %s is not allowed to this client", d.request.Interaction, d.request.Type)
	}
	d.Narrow = append(d.Narrow, search.Clause{
		Param: param.Rows(), AnyOf: []search.Value{search.TokenValue{Hash: search.TokenHash(OwnerSystem, owner)}},
	})
	return nil
}
