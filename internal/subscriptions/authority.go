package subscriptions

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// owner is for whom a subscription acts: the client, the person, and what the token
// allowed with which it was last written.
type owner struct {
	Role    access.Role `json:"role"`
	ID      string      `json:"id"`
	Client  string      `json:"client"`
	Patient string      `json:"patient,omitempty"`
	Scopes  string      `json:"scopes"`
	Grant   string      `json:"grant,omitempty"`
	Purpose string      `json:"purpose,omitempty"`
}

func ownerOf(a access.Actor) owner {
	return owner{Role: a.Role, ID: a.ID, Client: a.Client, Patient: a.Patient, Scopes: a.Scopes.String(), Grant: a.Grant, Purpose: a.Purpose}
}

func (o owner) same(known []byte) bool {
	var k owner
	return json.Unmarshal(known, &k) == nil && k.Role == o.Role && k.ID == o.ID && k.Client == o.Client &&
		(o.Role != access.Delegate || k.Patient == o.Patient)
}

// errOver: the client may not ask for anything any more.
var errOver = errors.New("subscriptions: the authorization is over")

// actor is who the owner is now: with the client's groups and scopes of this moment,
// as long as its authorization holds. A person's authorization holds while it is not
// revoked and has a token that could still be used; a system's, which gets a token
// whenever it asks, while the client is registered and the grant is not revoked.
func (s *Service) actor(ctx context.Context, o owner) (access.Actor, error) {
	oauth := tables.OAuth{}
	client, err := oauth.Client(ctx, s.Store, o.Client)
	if errors.Is(err, store.ErrNotFound) || err == nil && client.Disabled {
		return access.Actor{}, errOver
	}
	if err != nil {
		return access.Actor{}, err
	}
	lives, known, err := oauth.Lives(ctx, s.Store, o.Grant, s.Now())
	if err != nil {
		return access.Actor{}, err
	}
	if known && !lives || !known && client.Purpose != store.PurposeEHR {
		return access.Actor{}, errOver
	}
	if err := s.holds(ctx, o); err != nil {
		return access.Actor{}, err
	}
	scopes, err := access.ParseScopes(o.Scopes)
	if err != nil {
		return access.Actor{}, errOver
	}
	return access.Actor{
		Role: o.Role, ID: o.ID, Client: o.Client, Patient: o.Patient, Grant: o.Grant, Purpose: o.Purpose,
		Groups: client.Groups, Provider: client.Organization, Scopes: stillGranted(scopes, client.Scopes),
	}, nil
}

// holds asks about a delegate's permission, errOver without one: one that is given anew
// does not bring back what was subscribed under an old one.
func (s *Service) holds(ctx context.Context, o owner) error {
	if o.Role != access.Delegate {
		return nil
	}
	if s.Holds == nil {
		return errOver
	}
	holds, err := s.Holds(ctx, o.Grant)
	if err == nil && !holds {
		err = errOver
	}
	return err
}

// stillGranted leaves out what the client could not be granted any more.
func stillGranted(scopes access.Scopes, allowed string) access.Scopes {
	var now []access.Scope
	for _, word := range strings.Fields(allowed) {
		if parsed, err := access.ParseScopes(word); err == nil {
			now = append(now, parsed.Resource...)
		}
	}
	scopes.Resource = slices.DeleteFunc(slices.Clone(scopes.Resource), func(s access.Scope) bool {
		return !slices.ContainsFunc(now, func(a access.Scope) bool { return covers(a, s) })
	})
	return scopes
}

func covers(a, s access.Scope) bool {
	return a.Context == s.Context && (a.Type == "*" || a.Type == s.Type) && a.Letters&s.Letters == s.Letters &&
		(a.Query == "" || s.Query == a.Query || strings.HasSuffix(s.Query, "&"+a.Query))
}
