package authserver_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"tributary/internal/authserver"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func appClient() store.Client {
	return store.Client{ID: "app-1", Name: "App", Purpose: store.PurposeApp, RedirectURIs: []string{"https://a.example.org/cb"}, Scopes: "openid patient/*.rs"}
}

func researchClient() store.Client {
	return store.Client{ID: "wh", Name: "Warehouse", Purpose: store.PurposeResearch, Scopes: "system/*.rs", Groups: []string{"g"}, JWKS: keySet(keys().ec)}
}

func TestRegisterRefuses(t *testing.T) {
	s := storetest.SQLite(t, storetest.Options{})
	private, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{keys().ec}})
	if err != nil {
		t.Fatal(err)
	}
	p256 := `{"keys":[{"kty":"EC","kid":"x","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`
	for name, row := range map[string]struct {
		client store.Client
		change func(*store.Client)
	}{
		"id":                  {appClient(), func(c *store.Client) { c.ID = "a b" }},
		"id missing":          {appClient(), func(c *store.Client) { c.ID = "" }},
		"name":                {appClient(), func(c *store.Client) { c.Name = "" }},
		"purpose":             {appClient(), func(c *store.Client) { c.Purpose = "admin" }},
		"another's provider":  {appClient(), func(c *store.Client) { c.Organization = "hospital" }},
		"no provider":         {researchClient(), func(c *store.Client) { c.Purpose = store.PurposeEHR }},
		"maintenance":         {researchClient(), func(c *store.Client) { c.Purpose = store.PurposeMaintenance }},
		"no redirect":         {appClient(), func(c *store.Client) { c.RedirectURIs = nil }},
		"http redirect":       {appClient(), func(c *store.Client) { c.RedirectURIs = []string{"http://a.example.org/"} }},
		"relative redirect":   {appClient(), func(c *store.Client) { c.RedirectURIs = []string{"/cb"} }},
		"redirect fragment":   {appClient(), func(c *store.Client) { c.RedirectURIs = []string{"https://a.example.org/#x"} }},
		"redirect user":       {appClient(), func(c *store.Client) { c.RedirectURIs = []string{"https://a@b.example.org/"} }},
		"redirect scheme":     {appClient(), func(c *store.Client) { c.RedirectURIs = []string{"javascript:alert(1)"} }},
		"redirect localhost.": {appClient(), func(c *store.Client) { c.RedirectURIs = []string{"http://localhost.evil.org/"} }},
		"no scopes":           {appClient(), func(c *store.Client) { c.Scopes = " " }},
		"scope unknown":       {appClient(), func(c *store.Client) { c.Scopes = "patient/Nonsense.rs" }},
		"scope word":          {appClient(), func(c *store.Client) { c.Scopes = "everything" }},
		"system for an app":   {appClient(), func(c *store.Client) { c.Scopes = "system/*.rs" }},
		"patient for backend": {researchClient(), func(c *store.Client) { c.Scopes = "patient/*.rs" }},
		"groups for an app":   {appClient(), func(c *store.Client) { c.Groups = []string{"g"} }},
		"a given secret":      {appClient(), func(c *store.Client) { c.SecretHash = "0123" }},
		"secret and keys":     {appClient(), func(c *store.Client) { c.SecretHash, c.JWKS = authserver.MakeSecret, keySet(keys().ec) }},
		"research, no group":  {researchClient(), func(c *store.Client) { c.Groups = nil }},
		"keys twice":          {researchClient(), func(c *store.Client) { c.JWKSURL = "https://a.example.org/keys" }},
		"no keys":             {researchClient(), func(c *store.Client) { c.JWKS = "" }},
		"backend redirect":    {researchClient(), func(c *store.Client) { c.RedirectURIs = []string{"https://a.example.org/"} }},
		"private key":         {researchClient(), func(c *store.Client) { c.JWKS = string(private) }},
		"shared key":          {researchClient(), func(c *store.Client) { c.JWKS = `{"keys":[{"kty":"oct","kid":"x","k":"c2VjcmV0"}]}` }},
		"key without kid":     {researchClient(), func(c *store.Client) { c.JWKS = strings.Replace(keySet(keys().ec), `"kid":"ec"`, `"kid":""`, 1) }},
		"another curve":       {researchClient(), func(c *store.Client) { c.JWKS = p256 }},
		"not a key set":       {researchClient(), func(c *store.Client) { c.JWKS = "[]" }},
		"http key URL":        {researchClient(), func(c *store.Client) { c.JWKS, c.JWKSURL = "", "http://a.example.org/keys" }},
	} {
		c := row.client
		row.change(&c)
		if _, err := authserver.Register(t.Context(), s, c); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRegisterSaysAllFaultsAtOnce(t *testing.T) {
	s := storetest.SQLite(t, storetest.Options{})
	keyless := strings.ReplaceAll(keySet(keys().ec), `"kid":"ec"`, `"kid":""`)
	wrong := appClient()
	wrong.RedirectURIs, wrong.Scopes = []string{"/one", "http://two.example.org/", "https://ok.example.org/"}, "first patient/*.rs second system/*.rs"
	warehouse := store.Client{ID: "wh", Name: "W", Purpose: store.PurposeResearch, Scopes: "system/*.rs",
		JWKS: `{"keys":[{"kty":"oct","kid":"x","k":"c2VjcmV0"},` + strings.TrimPrefix(keyless, `{"keys":[`)}
	for _, row := range []struct {
		client store.Client
		faults []string
	}{
		{store.Client{}, []string{"id:", "name:", "purpose:", "scopes:", "besides"}},
		{wrong, []string{`"/one"`, `"http://two.example.org/"`, "first", "second", `"system/*.rs"`, "besides"}},
		{warehouse, []string{"number 1", "number 2", "groups:", "besides"}},
	} {
		_, err := authserver.Register(t.Context(), s, row.client, errors.New("besides"))
		if !errs.Is(err, errs.Invalid) {
			t.Fatalf("%q: %v", row.client.ID, err)
		}
		for _, fault := range row.faults {
			if strings.Count(err.Error(), fault) != 1 || !strings.Contains(errs.Of(err).Safe, fault) {
				t.Errorf("%q: %s is not told once in: %v", row.client.ID, fault, err)
			}
		}
	}
}

func TestRegister(t *testing.T) {
	s := storetest.SQLite(t, storetest.Options{})
	public := appClient()
	if secret, err := authserver.Register(t.Context(), s, public); secret != "" || err != nil {
		t.Errorf("public: %q, %v", secret, err)
	}
	if _, err := authserver.Register(t.Context(), s, public); !errs.Is(err, errs.Conflict) {
		t.Errorf("again: %v", err)
	}
	symmetric := appClient()
	symmetric.ID, symmetric.SecretHash = "app-2", authserver.MakeSecret
	if secret, err := authserver.Register(t.Context(), s, symmetric); len(secret) != 43 || err != nil {
		t.Errorf("symmetric: a secret of %d characters, %v", len(secret), err)
	}
	if secret, err := authserver.Register(t.Context(), s, researchClient()); secret != "" || err != nil {
		t.Errorf("research: %q, %v", secret, err)
	}
}
