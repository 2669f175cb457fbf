package audit

import (
	"encoding/json"

	"tributary/internal/access"
	"tributary/internal/errs"
)

// Written reads what is kept of an event: the id of its AuditEvent, and the versions
// that it says were written, for whoever checks that they are there.
func Written(kept []byte) (id string, versions []Entity, err error) {
	var f facts
	if err := json.Unmarshal(kept, &f); err != nil {
		return "", nil, errs.Wrap(err, errs.Internal, "an audit event cannot be read back")
	}
	if f.Outcome != "" && f.Outcome != Success {
		return f.ID, nil, nil
	}
	for _, e := range f.Entities {
		action := e.Action
		if action == "" {
			action = f.Interaction
		}
		if e.Version > 0 && (action.Writes() || action == access.Transaction) {
			versions = append(versions, Entity{Type: e.Type, ID: e.ID, Version: e.Version})
		}
	}
	return f.ID, versions, nil
}
