package authserver

import (
	"slices"
	"strings"

	"tributary/internal/access"
	"tributary/internal/store"
)

// The scopes that are not of resources (SMART App Launch 2.2, section 3.0).
const (
	scopeOpenID    = "openid"
	scopeUser      = "fhirUser"
	scopeLaunch    = "launch"
	scopePatient   = "launch/patient"
	scopeEncounter = "launch/encounter"
	scopeOffline   = "offline_access"
	scopeOnline    = "online_access"
)

// flow is a way to get tokens, with the scopes that make sense in it.
type flow struct {
	contexts []string // of resource scopes
	others   []string
}

var (
	codeFlow = flow{
		contexts: []string{"patient", "user"},
		others:   []string{scopeOpenID, scopeUser, scopeLaunch, scopePatient, scopeEncounter, scopeOffline, scopeOnline},
	}
	backendFlow = flow{contexts: []string{"system"}}
)

// narrow returns what of the requested scopes the allowed ones permit in this
// flow, each in the spelling in which it was requested where all of it is
// permitted. What is unknown, malformed or not permitted is left out (SMART
// App Launch 2.2, section 3.0.2; RFC 6749, section 3.3).
func (f flow) narrow(requested []string, allowed string) []string {
	all, seen := readScopes(strings.Fields(allowed)), map[string]bool{}
	var granted []string
	for _, word := range requested {
		for _, text := range f.permitted(word, all) {
			if !seen[text] {
				seen[text] = true
				granted = append(granted, text)
			}
		}
	}
	return granted
}

func (f flow) permitted(word string, allowed access.Scopes) []string {
	asked, err := access.ParseScopes(word)
	switch {
	case err != nil:
		return nil
	case len(asked.Resource) == 0:
		return f.permittedOther(word, allowed)
	case !slices.Contains(f.contexts, asked.Resource[0].Context):
		return nil
	}
	return overlap(asked.Resource[0], allowed.Resource)
}

func (f flow) permittedOther(word string, allowed access.Scopes) []string {
	if slices.Contains(f.others, word) && allowed.Has(word) {
		return []string{word}
	}
	return nil
}

// overlap spells what of a scope the allowed ones permit: the scope itself
// where one of them permits it all.
func overlap(asked access.Scope, allowed []access.Scope) []string {
	var parts []string
	for _, a := range allowed {
		both, ok := intersect(asked, a)
		if ok && both.Type == asked.Type && both.Letters == asked.Letters && both.Query == asked.Query {
			return []string{asked.String()}
		}
		if ok {
			parts = append(parts, both.String())
		}
	}
	return parts
}

// intersect is the scope that grants what both grant. A query joined by & asks
// for both conditions.
func intersect(a, b access.Scope) (access.Scope, bool) {
	both := access.Scope{Context: a.Context, Type: a.Type, Letters: a.Letters & b.Letters, Query: a.Query}
	if both.Type == "*" {
		both.Type = b.Type
	}
	if a.Context != b.Context || both.Letters == 0 || b.Type != "*" && b.Type != both.Type {
		return access.Scope{}, false
	}
	switch {
	case both.Query == "":
		both.Query = b.Query
	case b.Query != "" && b.Query != both.Query:
		both.Query += "&" + b.Query
	}
	return both, true
}

// grantable is narrow without what this server could not hold an app to: the
// granular scopes whose queries it does not understand, and online_access where
// it does not know whether a session lasts.
func (s *Server) grantable(f flow, requested []string, allowed string) []string {
	return slices.DeleteFunc(f.narrow(requested, allowed), func(word string) bool {
		scope := readScopes([]string{word})
		return word == scopeOnline && s.c.SessionLives == nil ||
			len(scope.Resource) == 1 && scope.Resource[0].Query != "" &&
				(s.c.CheckQuery == nil || s.c.CheckQuery(scope.Resource[0].Type, scope.Resource[0].Query) != nil)
	})
}

// within reports whether every one of the words is permitted in full.
func (f flow) within(words []string, allowed string) bool {
	all := readScopes(strings.Fields(allowed))
	for _, word := range words {
		if got := f.permitted(word, all); len(got) != 1 || got[0] != word {
			return false
		}
	}
	return true
}

// readScopes parses word by word, so that one that is unknown drops out alone.
func readScopes(words []string) access.Scopes {
	var all access.Scopes
	for _, word := range words {
		if s, err := access.ParseScopes(word); err == nil {
			all.Resource = append(all.Resource, s.Resource...)
			all.Other = append(all.Other, s.Other...)
		}
	}
	return all
}

// needsPatient reports whether the scopes need a Patient in context (SMART App
// Launch 2.2, section 3.0.1).
func needsPatient(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		return w == scopePatient || isPatientScope(w)
	})
}

func isPatientScope(word string) bool {
	s, err := access.ParseScopes(word)
	return err == nil && len(s.Resource) == 1 && s.Resource[0].Context == "patient"
}

// flowOf is the flow in which a client gets its tokens.
func flowOf(c store.Client) flow {
	if c.Purpose == store.PurposeApp {
		return codeFlow
	}
	return backendFlow
}
