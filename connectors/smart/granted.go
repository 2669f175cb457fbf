package smart

import (
	"slices"
	"strings"

	"tributary/connectors"
)

// Granted scopes may be fewer than those asked for, without an error (RFC 6749,
// section 3.3; SMART App Launch 2.2, "Scopes for requesting FHIR Resources").
// What is missing is told to the person; it is asked for all the same, since a
// provider's echo of scopes is less reliable than its answers.

// lacking compares the scopes of a launch with what was granted. An answer
// without scopes grants all. That the access can be renewed is told by the
// refresh token, not by the scope.
func lacking(asked []string, c connectors.Credentials) []string {
	var out []string
	if len(c.Scopes) > 0 {
		out = lackingTypes(readable(asked), readable(c.Scopes))
	}
	if slices.Contains(asked, "offline_access") && c.Refresh == "" {
		out = append(out, connectors.Renewal)
	}
	return out
}

// lackingTypes are the types that one grant lets read and another does not; of
// the wildcard, those that every certified provider has.
func lackingTypes(asked, granted map[string]bool) []string {
	if granted["*"] {
		return nil
	}
	names := usCore
	if !asked["*"] {
		names = names[:0:0]
		for name := range asked {
			names = append(names, name)
		}
		slices.Sort(names)
	}
	var out []string
	for _, name := range names {
		if !granted[name] {
			out = append(out, name)
		}
	}
	return out
}

// readable are the resource types, or "*", that scopes let read: those of
// version 1 (patient/Type.read) and of version 2 (patient/Type.rs?criteria).
func readable(scopes []string) map[string]bool {
	out := map[string]bool{}
	for _, scope := range scopes {
		level, rest, found := strings.Cut(scope, "/")
		typ, rights, dotted := strings.Cut(rest, ".")
		rights, _, _ = strings.Cut(rights, "?")
		if found && dotted && readers[level] && (rights == "*" || rights == "read" || version2(rights) && strings.Contains(rights, "r")) {
			out[typ] = true
		}
	}
	return out
}

// readers are the contexts in which a scope gives access to resources.
var readers = map[string]bool{"patient": true, "user": true, "system": true}

func version2(rights string) bool { return strings.Trim(rights, "cruds") == "" }
