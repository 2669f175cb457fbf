// Package config is what an operator decides: one Config, read from a YAML file
// and overridden by TRIBUTARY_* variables, checked at once with all its faults
// listed together. Its zero file works: everything has an embedded default, on
// 127.0.0.1, for development. Secrets are never in it, only the paths of files.
//
// The folder also holds program/, the study itself as data. It is a leaf: it
// imports nothing of ours.
package config

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	env "github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// Environment says how strict the defaults are.
type Environment string

// Development shows mail on a page, creates keys and allows plain http;
// production does none of these.
const (
	Development Environment = "development"
	Production  Environment = "production"
)

// Config is the whole configuration of one process. The names in the file are
// the koanf tags; a variable is the name in upper case after TRIBUTARY_, levels
// joined by two underscores (TRIBUTARY_SMTP__HOST).
type Config struct {
	Environment Environment `koanf:"environment"`
	Listen      string      `koanf:"listen"`       // host:port
	BaseURL     string      `koanf:"base_url"`     // the public origin; FHIR is at its /fhir/R4
	DataDir     string      `koanf:"data_dir"`     // embedded databases, blobs, keys
	DatabaseURL string      `koanf:"database_url"` // sqlite:path or postgres://…
	RedisURL    string      `koanf:"redis_url"`    // empty: sessions in an embedded store
	KeyFile     string      `koanf:"key_file"`     // the key that seals secrets at rest
	Node        int         `koanf:"node"`         // 0–1023, unique among the processes of one database; -1 leases one
	SMTP        SMTP        `koanf:"smtp"`
	Maintenance Maintenance `koanf:"maintenance"`
	Sandbox     Sandbox     `koanf:"sandbox"`
	Providers   []Provider  `koanf:"providers"`
	Export      Export      `koanf:"export"`
	Pull        Pull        `koanf:"pull"`
	Limits      Limits      `koanf:"limits"`
	Search      Search      `koanf:"search"`
	SignIn      SignIn      `koanf:"sign_in"`
	Program     Program     `koanf:"program"`
	Retention   Retention   `koanf:"retention"`

	Subscriptions Subscriptions `koanf:"subscriptions"`
	Apps          Apps          `koanf:"apps"`
	Brand         Brand         `koanf:"brand"`
}

// Retention is how long each kind of data is kept; 0: for ever. A legal hold on a
// person wins.
type Retention struct {
	Unconfirmed     time.Duration `koanf:"unconfirmed"`      // accounts whose address was never confirmed
	NeverConsented  time.Duration `koanf:"never_consented"`  // accounts of people who never agreed to anything
	ConsentEvidence time.Duration `koanf:"consent_evidence"` // of people who have left for good, after they did
	Codes           time.Duration `koanf:"codes"`            // mailed codes and unconfirmed new addresses
	Mailbox         time.Duration `koanf:"mailbox"`          // messages of the development mailbox
	Audit           time.Duration `koanf:"audit"`            // rows of the audit trail
}

// Program is where the study itself is, as data.
type Program struct {
	Dir string `koanf:"dir"` // a folder like config/program; empty: the one that is built in
}

// Apps are the apps that participants let in. They register themselves (RFC 7591)
// where a token or an issuer of software statements is named; else the operator
// registers each.
type Apps struct {
	TokenFile   string            `koanf:"token_file"` // holds the initial access token
	Issuers     []StatementIssuer `koanf:"issuers"`
	Scopes      string            `koanf:"scopes"`       // the most that an app that registered itself is granted
	PrivateKeys *bool             `koanf:"private_keys"` // clients' keys may be at private addresses; nil follows the environment
	RotateKeys  time.Duration     `koanf:"rotate_keys"`  // how long a key signs id_tokens
}

// StatementIssuer vouches for apps.
type StatementIssuer struct {
	Issuer  string `koanf:"issuer"`
	KeysURL string `koanf:"keys_url"`
}

// Brand is how the service is known to people who look for it in an app.
type Brand struct {
	Name       string `koanf:"name"`       // empty: the study's title
	Website    string `koanf:"website"`    // empty: the base URL
	Identifier string `koanf:"identifier"` // a URI of its own, for good; empty: the website's origin
	Logo       string `koanf:"logo"`       // URL of an SVG or PNG
}

// Subscriptions are the notifications of changes. No request goes to a host that is
// not named for the client that asks for it.
type Subscriptions struct {
	Clients  []Subscriber  `koanf:"clients"`
	Private  bool          `koanf:"private"`  // plain http, and hosts with private addresses: for development
	Keep     time.Duration `koanf:"keep"`     // how long events can be asked for again
	Workers  int           `koanf:"workers"`  // deliveries at a time
	Attempts int           `koanf:"attempts"` // deliveries that may fail in a row before a subscription is in error
}

// Subscriber allows notifications of a client's subscriptions to hosts.
type Subscriber struct {
	Client string   `koanf:"client"` // id of the client; * for all
	Hosts  []string `koanf:"hosts"`  // host, or host:port
}

// SMTP is where mail goes; without a Host it is shown on /dev/mail instead,
// which production refuses.
type SMTP struct {
	Host         string `koanf:"host"`
	Port         int    `koanf:"port"`
	User         string `koanf:"user"`
	PasswordFile string `koanf:"password_file"`
	From         string `koanf:"from"`
}

// Maintenance allows `tributary token`; nil follows the environment.
type Maintenance struct {
	Tokens *bool `koanf:"tokens"`
}

// Sandbox is the provider EHR to develop against.
type Sandbox struct {
	Listen  string `koanf:"listen"`
	BaseURL string `koanf:"base_url"`
}

// Provider is an entry of the provider directory: an EHR whose participants'
// records may be pulled. No request goes to a host that is not named here.
type Provider struct {
	ID         string   `koanf:"id"`
	Name       string   `koanf:"name"`
	Place      string   `koanf:"place"`
	FHIRBase   string   `koanf:"fhir_base"`
	Hosts      []string `koanf:"hosts"` // further hosts that its endpoints may be on
	ClientID   string   `koanf:"client_id"`
	SecretFile string   `koanf:"secret_file"` // empty: a public client
	Vendor     string   `koanf:"vendor"`      // "", epic, oracle, athena, va: known differences
	Scopes     string   `koanf:"scopes"`      // empty: the connector's own list
}

// Export tunes bulk exports.
type Export struct {
	TTL time.Duration `koanf:"ttl"` // how long finished files stay
}

// Pull tunes the pulls from providers.
type Pull struct {
	Workers int           `koanf:"workers"`
	Page    int           `koanf:"page"`  // _count asked for
	Every   time.Duration `koanf:"every"` // after which a connection is pulled again by itself; 0: never
}

// Search tunes what can be searched.
type Search struct {
	FullText bool          `koanf:"fulltext"` // keep the full text for _text, _content and :text
	Timeout  time.Duration `koanf:"timeout"`  // of one search: a longer one is stopped
}

// Limits hold back who tries too often, or sends too much.
type Limits struct {
	// Attempts to sign in, sign up, give a code or get a token, from one network
	// address in a minute; 0 for no limit, behind a proxy that limits by itself.
	Attempts int `koanf:"attempts"`
	// Body and Bundle bound a request's body, in bytes: of one resource, of a Bundle.
	Body   int64 `koanf:"body"`
	Bundle int64 `koanf:"bundle"`
}

var defaults = map[string]any{
	"environment":    string(Development),
	"listen":         "127.0.0.1:8080",
	"node":           -1,
	"data_dir":       "data",
	"smtp.port":      587,
	"smtp.from":      "study@tributary.example",
	"sandbox.listen": "127.0.0.1:8090",
	"export.ttl":     "24h",
	"pull.workers":   2,
	"pull.page":      200,
	"pull.every":     "24h",

	"search.fulltext": true,
	"search.timeout":  "10s",

	"apps.scopes":      "openid fhirUser launch launch/patient launch/encounter offline_access online_access patient/*.rs",
	"apps.rotate_keys": "2160h",

	"subscriptions.keep":     "72h",
	"subscriptions.workers":  4,
	"subscriptions.attempts": 10,

	"sign_in.idle":     "30m",
	"sign_in.absolute": "12h",

	"retention.unconfirmed":      "48h",
	"retention.never_consented":  "8760h",
	"retention.consent_evidence": "52584h", // six years, two of them leap years
	"retention.codes":            "24h",
	"retention.mailbox":          "720h",
	"retention.audit":            "61344h",

	"limits.attempts": 600,
	"limits.body":     8 << 20,
	"limits.bundle":   32 << 20,
}

// Load reads the file (none if path is empty) and the environment, given as
// os.Environ gives it, fills in what follows from other values, and validates.
func Load(path string, environ []string) (Config, error) {
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(defaults, "."), nil); err != nil {
		return Config{}, err
	}
	if path != "" {
		if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
			return Config{}, fmt.Errorf("configuration file %s: %w", path, err)
		}
	}
	if err := k.Load(env.Provider(".", environment(environ)), nil); err != nil {
		return Config{}, fmt.Errorf("configuration variables: %w", err)
	}
	var c Config
	fault := k.UnmarshalWithConf("", &c, strict(&c))
	c.complete()
	return c, errors.Join(fault, c.Validate())
}

// strict refuses names that mean nothing: a mistyped database_url must not
// silently become the embedded default.
func strict(into *Config) koanf.UnmarshalConf {
	return koanf.UnmarshalConf{Tag: "koanf", DecoderConfig: &mapstructure.DecoderConfig{
		Result: into, TagName: "koanf", ErrorUnused: true, WeaklyTypedInput: true,
		DecodeHook: mapstructure.ComposeDecodeHookFunc(mapstructure.StringToTimeDurationHookFunc(), mapstructure.StringToSliceHookFunc(",")),
	}}
}

// notConfiguration are beginnings of variables that are for tests and tools.
var notConfiguration = []string{"TEST", "NODE_MODULES", "SCREENS", "PPROF"}

func environment(environ []string) env.Opt {
	return env.Opt{
		Prefix:      "TRIBUTARY_",
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(k, v string) (string, any) {
			k = strings.TrimPrefix(k, "TRIBUTARY_")
			for _, other := range notConfiguration {
				if strings.HasPrefix(k, other) {
					return "", nil
				}
			}
			k = strings.ToLower(k)
			return strings.ReplaceAll(k, "__", "."), v
		},
	}
}

// complete derives what was left open.
func (c *Config) complete() {
	if c.BaseURL == "" {
		c.BaseURL = "http://" + c.Listen
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	if c.Sandbox.BaseURL == "" {
		c.Sandbox.BaseURL = "http://" + c.Sandbox.Listen
	}
	c.Sandbox.BaseURL = strings.TrimRight(c.Sandbox.BaseURL, "/")
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite:" + filepath.Join(c.DataDir, "tributary.db")
	}
	if c.KeyFile == "" {
		c.KeyFile = filepath.Join(c.DataDir, "keys", "master.json")
	}
	if c.Maintenance.Tokens == nil {
		allowed := c.Environment == Development
		c.Maintenance.Tokens = &allowed
	}
	if c.Apps.PrivateKeys == nil {
		allowed := c.Environment == Development
		c.Apps.PrivateKeys = &allowed
	}
	if c.Brand.Website == "" {
		c.Brand.Website = c.BaseURL
	}
	if c.Brand.Identifier == "" {
		c.Brand.Identifier = origin(c.Brand.Website)
	}
}

// origin is where a website is, without www: how a brand is best identified (SMART
// App Launch 2.2, User-access Brands).
func origin(website string) string {
	u, err := url.Parse(website)
	if err != nil {
		return website
	}
	return u.Scheme + "://" + strings.TrimPrefix(u.Host, "www.")
}

// FHIRBase is the base URL of the FHIR API.
func (c *Config) FHIRBase() string { return c.BaseURL + "/fhir/R4" }
