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
	"unicode"

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
// (errs.Invalid), with those that the caller found besides, and adds it. The
// secret of a symmetric client is returned once and kept as a hash; it is empty
// for all others.
func Register(ctx context.Context, db store.DB, c store.Client, besides ...error) (secret string, err error) {
	if err := errors.Join(append(checkClient(c), besides...)...); err != nil {
		return "", errs.New(errs.Invalid, "the client cannot be registered:\n%v", err)
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

func checkClient(c store.Client) []error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	app := c.Purpose == store.PurposeApp
	fault(!clientID.MatchString(c.ID), "id: 1 to 128 letters, digits, dots, hyphens, underscores")
	fault(c.Name == "" || len(c.Name) > 200 || strings.ContainsFunc(c.Name, unicode.IsControl), "name: 1 to 200 characters, none of which controls")
	fault(!slices.Contains([]string{store.PurposeApp, store.PurposeResearch, store.PurposeEHR}, c.Purpose),
		"purpose: app, research or ehr")
	fault(app != (len(c.RedirectURIs) > 0), "redirect URIs: an app needs one, others have none")
	fault(!app && c.JWKS == "" && c.JWKSURL == "", "keys: %s clients authenticate by key", c.Purpose)
	fault(c.IDTokenAlg != "" && c.IDTokenAlg != string(jose.RS256) && c.IDTokenAlg != string(jose.ES384), "id_token algorithm: RS256 or ES384")
	fault(c.SecretHash != "" && c.SecretHash != MakeSecret, "secret: made here, not given")
	fault(ways(c) > 1, "a secret, keys or the URL of keys: one of them at most")
	fault(len(c.Groups) > 0 && app, "groups: not for apps")
	fault(c.Organization != "" && c.Purpose != store.PurposeEHR, "provider: of an EHR system only")
	fault(len(c.Groups) > 0 && c.Purpose == store.PurposeEHR && c.Organization == "", "provider: an EHR system that reaches people is of a provider")
	fault(len(c.Groups) == 0 && c.Purpose == store.PurposeResearch, "groups: a research client needs one to export")
	return slices.Concat(faults, checkRedirects(c), checkScopes(c), checkKeysURL(c), checkKeys(c))
}

func ways(c store.Client) (n int) {
	for _, given := range []string{c.SecretHash, c.JWKS, c.JWKSURL} {
		if given != "" {
			n++
		}
	}
	return n
}

func checkRedirects(c store.Client) (faults []error) {
	for _, uri := range c.RedirectURIs {
		if err := errors.Join(checkURL(uri), checkPlain(uri)); err != nil {
			faults = append(faults, fmt.Errorf("redirect URI %q: %w", uri, err))
		}
	}
	return faults
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

// checkPlain refuses what one reader of a URL may take for another place than the
// next: wildcards, dots that go up, escapes of them, backslashes and what is not
// printed.
func checkPlain(text string) error {
	path, _, _ := strings.Cut(text, "?")
	for _, segment := range strings.Split(strings.ToLower(path), "/") {
		if plain := strings.ReplaceAll(segment, "%2e", "."); plain == "." || plain == ".." {
			return errors.New("must not hold . or .. as a part of its path")
		}
	}
	if len(text) > 2000 || strings.ContainsAny(path, "*\\") || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return errors.New("must be one full URL of printed ASCII, without wildcards")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkScopes wants scopes that are known and that the client's flow can use.
func checkScopes(c store.Client) (faults []error) {
	words := strings.Fields(c.Scopes)
	if len(words) == 0 {
		return []error{errors.New("scopes: at least one")}
	}
	for _, word := range words {
		if err := checkScope(c, word); err != nil {
			faults = append(faults, fmt.Errorf("scopes: %w", err))
		}
	}
	return faults
}

func checkScope(c store.Client, word string) error {
	if word == scopeIntrospect {
		return nil
	}
	if _, err := access.ParseScopes(word); err != nil {
		return err
	}
	if !flowOf(c).within([]string{word}, c.Scopes) {
		return fmt.Errorf("%q is not for a client of this purpose", word)
	}
	return nil
}

func checkKeysURL(c store.Client) []error {
	if c.JWKSURL == "" {
		return nil
	}
	if err := checkURL(c.JWKSURL); err != nil {
		return []error{fmt.Errorf("URL of keys: %w", err)}
	}
	return nil
}

// checkKeys wants bare public keys with key ids, at least one of them usable
// for ES384 or RS384.
func checkKeys(c store.Client) (faults []error) {
	if c.JWKS == "" {
		return nil
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(c.JWKS), &set); err != nil {
		return []error{errors.New("keys: not a JSON Web Key Set")}
	}
	for i, k := range set.Keys {
		switch {
		case !k.IsPublic() || !k.Valid():
			faults = append(faults, fmt.Errorf("keys: number %d is not public; never a private or shared one", i+1))
		case k.KeyID == "":
			faults = append(faults, fmt.Errorf("keys: number %d needs its kid", i+1))
		}
	}
	if !slices.ContainsFunc(set.Keys, func(k jose.JSONWebKey) bool { return isP384(k) || isRSA(k) }) {
		faults = append(faults, errors.New("keys: none that signs with ES384 or RS384"))
	}
	return faults
}
