package store

import "time"

// The purposes of a client; each bounds what it can ever reach (package access).
const (
	PurposeApp         = "app"         // acts for a signed-in person
	PurposeResearch    = "research"    // a warehouse: exports of the Groups that it is named on
	PurposeEHR         = "ehr"         // a provider's system
	PurposeMaintenance = "maintenance" // repair and load tests
)

// Client is a registered OAuth client. How it authenticates follows from what
// it has: a secret (symmetric), keys (asymmetric), neither (public).
type Client struct {
	ID           string
	Name         string // shown to people who are asked to approve
	Purpose      string
	RedirectURIs []string // matched exactly
	Scopes       string   // the most that it can be granted, space-separated
	SecretHash   string   // hex SHA-256 of a random secret; "" for none
	JWKS         string   // public keys as a JSON Web Key Set; "" for none
	JWKSURL      string   // where the public keys are; "" for none
	Groups       []string // ids of the Groups that it is named on
	Organization string   // id of the provider that an EHR system is of; "" for none
	IDTokenAlg   string   // RS256, when empty, or ES384
	CreatedAt    time.Time
	Disabled     bool
}

// OAuthGrant is one authorization of a client: by a person, or by the client's
// own credentials. All tokens that descend from it are its family and end with it.
type OAuthGrant struct {
	ID        string
	Client    string
	Subject   string // account; the client itself for its own credentials
	Role      string // as in access.Role
	Patient   string // Patient id in launch context; "" for none
	FHIRUser  string // relative reference of who signed in; "" for none
	Scopes    string // as granted, space-separated
	Nonce     string // of the OpenID Connect request
	Context   string // launch context beside the patient, as JSON; "" for none
	AuthTime  time.Time
	CreatedAt time.Time
	RevokedAt time.Time // zero while it holds
}

// The kinds of token.
const (
	TokenAccess  = "access"
	TokenRefresh = "refresh"
)

// OAuthToken is an issued token, known by its SHA-256 only.
type OAuthToken struct {
	Hash      []byte
	Kind      string
	Grant     string // id of its OAuthGrant
	Scopes    string // an access token's may be fewer than its grant's
	IssuedAt  time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // when a refresh token was exchanged; zero before
	Replay    []byte    // the answer to that exchange, sealed under the token itself
}

// OAuthAccess is what a token is worth now: the token with its grant and client.
type OAuthAccess struct {
	Token  OAuthToken
	Grant  OAuthGrant
	Client Client
}

// SigningKey is a private key of the authorization server, sealed.
type SigningKey struct {
	ID        string // kid
	Algorithm string // RS256 or ES384
	Sealed    []byte // PKCS #8, sealed with ID as associated data
	CreatedAt time.Time
	RetiredAt time.Time // signs nothing from then on; zero while it signs
}
