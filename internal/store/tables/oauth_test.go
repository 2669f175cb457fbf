package tables_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

var oauthDay = time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)

func oauthFixture(t *testing.T, s store.Store) (store.Client, store.OAuthGrant, store.OAuthToken) {
	t.Helper()
	c := store.Client{ID: "app", Name: "An app", Organization: "hospital", Purpose: store.PurposeApp, RedirectURIs: []string{"https://a/", "https://b/?c"},
		Scopes: "openid", SecretHash: "ab", JWKS: "{}", JWKSURL: "https://k/", Groups: []string{"g"}, IDTokenAlg: "ES384", CreatedAt: oauthDay}
	g := store.OAuthGrant{ID: "g1", Client: "app", Subject: "s", Role: "participant", Patient: "p", FHIRUser: "Patient/p",
		Scopes: "openid patient/*.rs", Nonce: "n", Context: "{}", AuthTime: oauthDay, CreatedAt: oauthDay}
	k := store.OAuthToken{Hash: []byte{0, 1, 0xff}, Kind: store.TokenRefresh, Grant: "g1", Scopes: "openid",
		IssuedAt: oauthDay, ExpiresAt: oauthDay.Add(time.Hour)}
	var o tables.OAuth
	for _, err := range []error{o.AddClient(t.Context(), s, c), o.AddGrant(t.Context(), s, g), o.AddToken(t.Context(), s, k)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return c, g, k
}

func TestOAuthKeepsWhatItWasGiven(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var o tables.OAuth
		c, g, k := oauthFixture(t, s)
		got, err := o.Access(t.Context(), s, k.Hash)
		if want := (store.OAuthAccess{Token: k, Grant: g, Client: c}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("access %+v, %v; want %+v", got, err, want)
		}
		if client, err := o.Client(t.Context(), s, "app"); err != nil || !reflect.DeepEqual(client, c) {
			t.Errorf("client %+v, %v", client, err)
		}
		if all, err := o.Clients(t.Context(), s); err != nil || !reflect.DeepEqual(all, []store.Client{c}) {
			t.Errorf("clients %+v, %v", all, err)
		}
		if grant, err := o.Grant(t.Context(), s, "g1"); err != nil || grant != g {
			t.Errorf("grant %+v, %v", grant, err)
		}
		if err := o.AddClient(t.Context(), s, c); !errors.Is(err, store.ErrStale) {
			t.Errorf("the same id again: %v", err)
		}
	})
}

func TestOAuthUnknown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var o tables.OAuth
		_, clientErr := o.Client(t.Context(), s, "nobody")
		_, grantErr := o.Grant(t.Context(), s, "none")
		_, tokenErr := o.Access(t.Context(), s, []byte("none"))
		for _, err := range []error{clientErr, grantErr, tokenErr} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("want ErrNotFound, got %v", err)
			}
		}
		if err := o.SetClientDisabled(t.Context(), s, "nobody", true); !errors.Is(err, store.ErrStale) {
			t.Errorf("disabling nobody: %v", err)
		}
	})
}

func TestOAuthRefreshIsUsedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var o tables.OAuth
		_, _, k := oauthFixture(t, s)
		use := func() error {
			return s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				return o.UseRefresh(ctx, tx, k.Hash, oauthDay.Add(time.Minute), []byte("answer"))
			})
		}
		if err := use(); err != nil {
			t.Fatal(err)
		}
		if err := use(); !errors.Is(err, store.ErrStale) {
			t.Errorf("second use: %v", err)
		}
		got, err := o.Access(t.Context(), s, k.Hash)
		if err != nil || !got.Token.UsedAt.Equal(oauthDay.Add(time.Minute)) || string(got.Token.Replay) != "answer" {
			t.Errorf("token %+v, %v", got.Token, err)
		}
	})
}

func TestOAuthRevokedGrantTakesNoTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var o tables.OAuth
		_, g, k := oauthFixture(t, s)
		if open, err := o.GrantsOf(t.Context(), s, "s"); err != nil || len(open) != 1 || open[0] != g {
			t.Fatalf("grants %v, %v", open, err)
		}
		if err := o.RevokeSubject(t.Context(), s, "s", oauthDay); err != nil {
			t.Fatal(err)
		}
		if err := o.Revoke(t.Context(), s, "g1", oauthDay.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got, err := o.Grant(t.Context(), s, "g1"); err != nil || !got.RevokedAt.Equal(oauthDay) {
			t.Errorf("revoked at %v, %v; want the first time", got.RevokedAt, err)
		}
		if open, err := o.GrantsOf(t.Context(), s, "s"); err != nil || len(open) != 0 {
			t.Errorf("grants %v, %v", open, err)
		}
		k.Hash = []byte("new")
		if err := o.AddToken(t.Context(), s, k); !errors.Is(err, store.ErrStale) {
			t.Errorf("a token for a revoked grant: %v", err)
		}
	})
}

func TestOAuthExpiry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var o tables.OAuth
		_, _, k := oauthFixture(t, s)
		if n, err := o.Purge(t.Context(), s, k.ExpiresAt); n != 0 || err != nil {
			t.Errorf("purged %d, %v", n, err)
		}
		if _, err := o.Grant(t.Context(), s, "g1"); err != nil {
			t.Errorf("a grant with a token is gone: %v", err)
		}
		if err := o.ExpireToken(t.Context(), s, k.Hash, oauthDay); err != nil {
			t.Fatal(err)
		}
		if got, err := o.Access(t.Context(), s, k.Hash); err != nil || !got.Token.ExpiresAt.Equal(oauthDay) {
			t.Errorf("expires %v, %v", got.Token.ExpiresAt, err)
		}
		if n, err := o.Purge(t.Context(), s, k.ExpiresAt); n != 1 || err != nil {
			t.Errorf("purged %d, %v", n, err)
		}
		if _, err := o.Grant(t.Context(), s, "g1"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a grant without tokens is left: %v", err)
		}
	})
}

func TestOAuthKeysAreOldestFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var o tables.OAuth
		older := store.SigningKey{ID: "z", Algorithm: "RS256", Sealed: []byte{1}, CreatedAt: oauthDay, RetiredAt: oauthDay.Add(time.Hour)}
		newer := store.SigningKey{ID: "a", Algorithm: "RS256", Sealed: []byte{2}, CreatedAt: oauthDay.Add(time.Minute)}
		for _, k := range []store.SigningKey{newer, older} {
			if err := o.AddKey(t.Context(), s, k); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := o.Keys(t.Context(), s); err != nil || !reflect.DeepEqual(all, []store.SigningKey{older, newer}) {
			t.Errorf("keys %+v, %v", all, err)
		}
		at := oauthDay.Add(3 * time.Hour)
		for _, err := range []error{o.RetireKey(t.Context(), s, "a", at), o.RetireKey(t.Context(), s, "a", at.Add(time.Hour)), o.DropKey(t.Context(), s, "z")} {
			if err != nil {
				t.Fatal(err)
			}
		}
		newer.RetiredAt = at
		if all, err := o.Keys(t.Context(), s); err != nil || !reflect.DeepEqual(all, []store.SigningKey{newer}) {
			t.Errorf("after retiring: keys %+v, %v", all, err)
		}
	})
}

func TestOAuthClientChangesAndEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var o tables.OAuth
		c, _, k := oauthFixture(t, s)
		c.Name, c.RedirectURIs, c.Scopes, c.SecretHash, c.JWKS, c.JWKSURL, c.IDTokenAlg = "B", []string{"https://c/"}, "x", "1", "2", "3", ""
		if err := o.SetClient(t.Context(), s, c); err != nil {
			t.Fatal(err)
		}
		if got, err := o.Client(t.Context(), s, "app"); err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("changed: %+v, %v; want %+v", got, err, c)
		}
		if err := o.SetClient(t.Context(), s, store.Client{ID: "nobody"}); !errors.Is(err, store.ErrStale) {
			t.Errorf("nobody: %v", err)
		}
		if err := o.RevokeClient(t.Context(), s, "app", oauthDay.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if a, err := o.Access(t.Context(), s, k.Hash); err != nil || !a.Grant.RevokedAt.Equal(oauthDay.Add(time.Minute)) {
			t.Errorf("grant of an ended client: %+v, %v", a.Grant, err)
		}
	})
}
