package signin

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tributary/internal/errs"
	"tributary/internal/session"
)

// Rule gives a role to whoever has a value in a claim.
type Rule struct {
	Claim string // name of a claim; a path of members with dots where there is no such claim
	Value string // that the claim is, or has among its values
	Role  string // as access.Role
	Site  string // of center staff
}

// Config is one provider, and us as its client. States, Issuer, ClientID and
// Redirect must be given, and Secret or Key unless we are a public client.
type Config struct {
	Name        string // as people know the provider
	Issuer      string
	ClientID    string
	Secret      string   // client_secret_basic or client_secret_post, as the provider takes it
	Key         []byte   // PEM of a private key: private_key_jwt
	Scopes      []string // beside openid
	Algorithms  []string // of signatures; Algorithms if empty
	Roles       []Rule
	Redirect    string // absolute URL of our callback, of this provider alone
	AfterLogout string // absolute URL where the provider sends the browser after EndSession
	Development bool   // plain http is allowed
	States      session.Store
	Now         func() time.Time
	Rand        io.Reader
}

// Algorithms are those of signatures that are taken unless the configuration
// says otherwise: none with a shared secret, for a public key is no secret.
var Algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

const (
	skew     = time.Minute // that the provider's clock may differ
	rethink  = time.Hour   // after which discovery is asked again
	patience = 10 * time.Second
	maxBody  = 1 << 20
)

// Provider is an OpenID provider.
type Provider struct {
	Config
	client    *http.Client
	assertion signer // nil: a secret, or nothing
	mu        sync.Mutex
	known     *metadata
}

// metadata is what discovery tells (OpenID Connect Discovery 1.0, section 3).
type metadata struct {
	provider   *oidc.Provider
	asked      time.Time
	EndSession string   `json:"end_session_endpoint"`
	GivesIss   bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207, section 3
	Methods    []string `json:"token_endpoint_auth_methods_supported"`
	Keys       string   `json:"jwks_uri"`
}

// New returns the provider, without asking it anything. The error is in Key or
// Algorithms.
func New(c Config) (*Provider, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if len(c.Algorithms) == 0 {
		c.Algorithms = Algorithms
	}
	for _, alg := range c.Algorithms {
		if !slices.Contains(Algorithms, alg) {
			return nil, fmt.Errorf("signin: %q is none of the algorithms %v", alg, Algorithms)
		}
	}
	c.Name = cmp.Or(c.Name, c.Issuer)
	p := &Provider{Config: c, client: newClient(c.Development)}
	if c.Key == nil {
		return p, nil
	}
	var err error
	p.assertion, err = newSigner(c.Key)
	return p, err
}

// discover asks the provider who it is, or remembers it.
func (p *Provider) discover(ctx context.Context) (*metadata, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil && p.Now().Sub(p.known.asked) < rethink {
		return p.known, nil
	}
	found, err := p.ask(ctx)
	if err != nil && p.known != nil {
		return p.known, nil // what it said before holds on
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "%s cannot be reached at the moment; please try again later", p.Name)
	}
	p.known = found
	return found, nil
}

func (p *Provider) ask(ctx context.Context) (*metadata, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.Issuer)
	if err != nil {
		return nil, err
	}
	m := &metadata{provider: provider, asked: p.Now()}
	if err := provider.Claims(m); err != nil {
		return nil, err
	}
	endpoint := provider.Endpoint()
	for _, address := range []string{endpoint.AuthURL, endpoint.TokenURL, m.Keys, m.EndSession} {
		if err := p.permitted(address); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// permitted refuses endpoints that are not https, but in development; one that
// is not there is no fault.
func (p *Provider) permitted(address string) error {
	u, err := url.Parse(address)
	if err != nil || address != "" && u.Scheme != "https" && !(p.Development && u.Scheme == "http") {
		return fmt.Errorf("signin: the endpoint %q of %s is not https", address, p.Issuer)
	}
	return nil
}

// oauth is us as a client of the provider.
func (p *Provider) oauth(m *metadata) *oauth2.Config {
	endpoint := m.provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	if p.Secret != "" && (len(m.Methods) == 0 || slices.Contains(m.Methods, "client_secret_basic")) {
		endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	scopes := append([]string{oidc.ScopeOpenID}, p.Scopes...)
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: endpoint, RedirectURL: p.Redirect, Scopes: scopes}
}

// verify checks what holds for every token of the provider's: signature,
// algorithm, issuer, audience, times.
func (p *Provider) verify(ctx context.Context, m *metadata, raw string) (*oidc.IDToken, error) {
	return m.provider.Verifier(&oidc.Config{
		ClientID: p.ClientID, SupportedSigningAlgs: p.Algorithms, Now: func() time.Time { return p.Now().Add(-skew) },
	}).Verify(ctx, raw)
}
