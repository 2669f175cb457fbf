package app

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tributary/internal/access"
	"tributary/internal/apps"
	"tributary/internal/audit"
	"tributary/internal/authserver"
	"tributary/internal/errs"
	"tributary/internal/exampleapp"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// operator is who gives a command on the machine itself.
var operator = access.Actor{Role: access.Operator, ID: "command line", Unscoped: true, Purpose: "HSYSADMIN"}

// given audits what a command gave, in its transaction: to whom what is opened
// is told by the details.
func (c *core) given(ctx context.Context, tx store.Tx, what string, details url.Values) error {
	return c.audit.Append(ctx, tx, operator, audit.PurposeOf(operator),
		audit.Event{Interaction: access.Create, Type: what, Query: details.Encode()})
}

// token makes a maintenance token.
func (c *core) token(ctx context.Context, scope string, ttl time.Duration) (token string, err error) {
	err = c.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if token, err = authserver.IssueMaintenance(ctx, tx, scope, ttl); err != nil {
			return err
		}
		return c.given(ctx, tx, "token", url.Values{"scope": {scope}, "ttl": {ttl.String()}})
	})
	return token, err
}

// RegisterClient adds a client to the authorization server and returns its
// secret, if it has one.
func (s *Service) RegisterClient(ctx context.Context, c store.Client) (secret string, err error) {
	return s.RegisterApp(ctx, c, store.Listing{Client: c.ID}, nil)
}

// RegisterApp adds a client with what people are told of it; both, or neither.
func (s *Service) RegisterApp(ctx context.Context, c store.Client, l store.Listing, logo []byte) (secret string, err error) {
	c.CreatedAt, l.Changed = s.Now(), s.Now()
	err = s.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		unknown, err := unknownGroups(ctx, tx, c.Groups)
		if err != nil {
			return err
		}
		if secret, err = authserver.Register(ctx, tx, c, unknown...); err != nil {
			return err
		}
		if err := apps.Publish(ctx, tx, l, logo); err != nil {
			return err
		}
		return s.given(ctx, tx, "client", url.Values{"id": {c.ID}, "purpose": {c.Purpose}, "scope": {c.Scopes}, "group": c.Groups})
	})
	return secret, err
}

// List says what people are told of an app, and where it can be opened: an app that
// registered itself is in no gallery before.
func (s *Service) List(ctx context.Context, l store.Listing, logo []byte) error {
	l.Changed = s.Now()
	return s.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		c, err := tables.OAuth{}.Client(ctx, tx, l.Client)
		if errors.Is(err, store.ErrNotFound) || err == nil && c.Purpose != store.PurposeApp {
			err = errs.New(errs.NotFound, "there is no app %q", l.Client)
		}
		if err != nil {
			return err
		}
		if err := apps.Publish(ctx, tx, l, logo); err != nil {
			return err
		}
		return s.given(ctx, tx, "client", url.Values{"id": {l.Client}, "publisher": {l.Publisher}, "launch": {l.LaunchURL}, "audience": {l.Audience}})
	})
}

// Client is a registered client, and what it says of itself.
type Client struct {
	store.Client
	Said   string // JSON (RFC 7591, section 2); "" for nothing
	Listed bool   // in a gallery
}

// Clients lists all that are registered.
func (s *Service) Clients(ctx context.Context) (out []Client, err error) {
	all, err := tables.OAuth{}.Clients(ctx, s.store)
	for _, c := range all {
		one := Client{Client: c}
		if one.Said, err = (tables.Apps{}).Said(ctx, s.store, c.ID); err != nil {
			return nil, err
		}
		l, err := tables.Apps{}.Listing(ctx, s.store, c.ID)
		if err != nil {
			return nil, err
		}
		one.Listed = l.LaunchURL != ""
		out = append(out, one)
	}
	return out, err
}

// AddExample registers the example app, unless it is.
func (s *Service) AddExample(ctx context.Context) error {
	c, l := exampleapp.Client(s.base)
	if _, err := s.listings().Listing(ctx, c.ID); errs.Of(err).Kind != errs.NotFound {
		return err
	}
	_, err := s.RegisterApp(ctx, c, l, nil)
	return err
}

// unknownGroups are the faults of Groups that are not there.
func unknownGroups(ctx context.Context, r store.Reader, groups []string) (faults []error, err error) {
	for _, id := range groups {
		found, err := r.Read(ctx, "Group", id)
		switch {
		case errors.Is(err, store.ErrNotFound) || err == nil && found.Deleted:
			faults = append(faults, fmt.Errorf("groups: there is no Group %q", id))
		case err != nil:
			return nil, err
		}
	}
	return faults, nil
}

// AddStaff adds a member of staff, or gives one a new password, which is made
// here and returned once. role is center or study; site is of center staff. Who
// is signed in with the old password, role or site is so no longer.
func (s *Service) AddStaff(ctx context.Context, login, role, site string) (password string, err error) {
	if role == string(access.CenterStaff) && !slices.Contains(s.Sites(), site) {
		return "", errs.New(errs.Invalid, "there is no site %q; the sites are %s", site, strings.Join(s.Sites(), ", "))
	}
	raw := make([]byte, 15)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	password = strings.ToLower(base32.StdEncoding.EncodeToString(raw))
	m := store.Staff{ID: login, Login: login, Name: login, Role: role, Site: site}
	err = s.accounts.PutStaff(ctx, m, password, func(ctx context.Context, tx store.Tx) error {
		return s.given(ctx, tx, "staff", url.Values{"login": {login}, "role": {role}, "site": {site}})
	})
	if err != nil {
		return "", err
	}
	if err = s.browserSessions(staffCookie).DestroyAll(ctx, login); err == nil {
		err = s.auth.EndOver(ctx, login)
	}
	return password, err
}

// Sites are the ids of the study's sites.
func (s *Service) Sites() []string {
	var out []string
	for _, site := range s.study.Sites {
		out = append(out, site.ID)
	}
	return out
}
