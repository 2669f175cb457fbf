package authserver

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/session"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// MakeSecret as a Client's SecretHash asks Register for a symmetric client: it
// makes the secret and returns it.
const MakeSecret = "new"

// Register checks a client as a whole, so that all its faults come at once
// (errs.Invalid), and adds it. The secret of a symmetric client is returned
// once and kept as a hash; it is empty for all others.
func Register(ctx context.Context, db store.DB, c store.Client) (secret string, err error) {
	if err := checkClient(c); err != nil {
		return "", errs.Wrap(err, errs.Invalid, "the client cannot be registered: %v", err)
	}
	if c.SecretHash == MakeSecret {
		if secret, err = session.NewToken(rand.Reader); err != nil {
			return "", err
		}
		c.SecretHash = hashSecret(secret)
	}
	switch err := (tables.OAuth{}).AddClient(ctx, db, c); {
	case errors.Is(err, store.ErrStale):
		return "", errs.New(errs.Conflict, "a client with this id exists")
	case err != nil:
		return "", err
	}
	return secret, nil
}

var clientID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

func checkClient(c store.Client) error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	app := c.Purpose == store.PurposeApp
	fault(!clientID.MatchString(c.ID), "id: 1 to 128 letters, digits, dots, hyphens, underscores")
	fault(c.Name == "" || len(c.Name) > 200, "name: 1 to 200 characters")
	fault(!slices.Contains([]string{store.PurposeApp, store.PurposeResearch, store.PurposeEHR}, c.Purpose),
		"purpose: app, research or ehr")
	fault(app != (len(c.RedirectURIs) > 0), "redirect URIs: an app needs one, others have none")
	fault(!app && c.JWKS == "" && c.JWKSURL == "", "keys: %s clients authenticate by key", c.Purpose)
	fault(c.SecretHash != "" && c.SecretHash != MakeSecret, "secret: made here, not given")
	fault(ways(c) > 1, "a secret, keys or the URL of keys: one of them at most")
	fault(len(c.Groups) > 0 && app, "groups: not for apps")
	return errors.Join(append(faults, checkRedirects(c), checkScopes(c), checkKeys(c))...)
}

func ways(c store.Client) (n int) {
	for _, given := range []string{c.SecretHash, c.JWKS, c.JWKSURL} {
		if given != "" {
			n++
		}
	}
	return n
}

func checkRedirects(c store.Client) error {
	for _, uri := range c.RedirectURIs {
		if err := checkURL(uri); err != nil {
			return fmt.Errorf("redirect URI %q: %w", uri, err)
		}
	}
	return nil
}

// checkURL wants https, or http on this machine, absolute and without a
// fragment.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return errors.New("not an absolute URL")
	case strings.Contains(text, "#"):
		return errors.New("must not have a fragment")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return errors.New("must be https, or http on a loopback address")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkScopes wants scopes that are known and that the client's flow can use.
func checkScopes(c store.Client) error {
	words := strings.Fields(c.Scopes)
	if len(words) == 0 {
		return errors.New("scopes: at least one")
	}
	for _, word := range words {
		if word == scopeIntrospect {
			continue
		}
		if _, err := access.ParseScopes(word); err != nil {
			return fmt.Errorf("scopes: %w", err)
		}
		if !flowOf(c).within([]string{word}, c.Scopes) {
			return fmt.Errorf("scopes: %q is not for a client of this purpose", word)
		}
	}
	return nil
}

// checkKeys wants bare public keys with key ids, at least one of them usable
// for ES384 or RS384.
func checkKeys(c store.Client) error {
	if c.JWKSURL != "" {
		if err := checkURL(c.JWKSURL); err != nil {
			return fmt.Errorf("URL of keys: %w", err)
		}
	}
	if c.JWKS == "" {
		return nil
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(c.JWKS), &set); err != nil {
		return errors.New("keys: not a JSON Web Key Set")
	}
	usable := 0
	for _, k := range set.Keys {
		switch {
		case !k.IsPublic() || !k.Valid():
			return errors.New("keys: public keys only, never a private or shared one")
		case k.KeyID == "":
			return errors.New("keys: each needs its kid")
		case isP384(k) || isRSA(k):
			usable++
		}
	}
	if usable == 0 {
		return errors.New("keys: none that signs with ES384 or RS384")
	}
	return nil
}
