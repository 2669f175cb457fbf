package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// Validate reports all faults of the configuration together.
func (c *Config) Validate() error {
	return errors.Join(
		c.checkEnvironment(),
		checkListen("listen", c.Listen),
		checkListen("sandbox.listen", c.Sandbox.Listen),
		c.checkURL("base_url", c.BaseURL),
		checkFile("smtp.password_file", c.SMTP.PasswordFile),
		c.checkDatabase(),
		c.checkRedis(),
		c.checkNode(),
		c.checkMail(),
		c.checkProviders(),
		c.checkLimits(),
		c.checkSubscriptions(),
		c.checkSignIn(),
		c.checkApps(),
		checkFile("program.dir", c.Program.Dir),
		c.checkRetention(),
	)
}

func (c *Config) checkApps() error {
	faults := []error{
		checkFile("apps.token_file", c.Apps.TokenFile),
		c.checkURL("brand.website", c.Brand.Website), c.checkURL("brand.identifier", c.Brand.Identifier),
	}
	if c.Brand.Logo != "" {
		faults = append(faults, c.checkURL("brand.logo", c.Brand.Logo))
	}
	if c.Apps.RotateKeys < 48*time.Hour {
		faults = append(faults, fault("apps.rotate_keys", "at least 48h: a key is published for a day before it signs"))
	}
	for i, issuer := range c.Apps.Issuers {
		name := fmt.Sprintf("apps.issuers[%d]", i)
		if issuer.Issuer == "" {
			faults = append(faults, fault(name, "needs issuer"))
		}
		faults = append(faults, c.checkURL(name+".keys_url", issuer.KeysURL))
	}
	return errors.Join(faults...)
}

// years counts a leap year in each.
const years = 366 * 24 * time.Hour

func (c *Config) checkRetention() error {
	r := c.Retention
	var faults []error
	for _, one := range []struct {
		name        string
		keep, least time.Duration
	}{
		{"unconfirmed", r.Unconfirmed, time.Hour}, {"never_consented", r.NeverConsented, 24 * time.Hour}, {"codes", r.Codes, time.Hour},
		{"mailbox", r.Mailbox, time.Hour}, {"audit", r.Audit, years},
		{"consent_evidence", r.ConsentEvidence, 6 * 365 * 24 * time.Hour},
	} {
		if one.keep != 0 && one.keep < one.least {
			faults = append(faults, fault("retention."+one.name, "must be at least %v, or 0 for ever", one.least))
		}
	}
	return errors.Join(faults...)
}

func fault(name, format string, args ...any) error {
	return fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...))
}

func (c *Config) checkEnvironment() error {
	if c.Environment != Development && c.Environment != Production {
		return fault("environment", "%q is neither development nor production", c.Environment)
	}
	return nil
}

func checkListen(name, address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return fault(name, "%q is not host:port", address)
	}
	return nil
}

func (c *Config) checkURL(name, text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return fault(name, "%q is not an absolute URL", text)
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && c.Environment == Development:
		return nil
	}
	return fault(name, "%q must begin with https://", text)
}

func (c *Config) checkDatabase() error {
	scheme, rest, _ := strings.Cut(c.DatabaseURL, ":")
	switch {
	case scheme == "sqlite" && rest != "":
		return nil
	case scheme == "postgres" || scheme == "postgresql":
		return nil
	}
	return fault("database_url", "give sqlite:path or postgres://…")
}

func (c *Config) checkRedis() error {
	if c.RedisURL == "" || strings.HasPrefix(c.RedisURL, "redis://") || strings.HasPrefix(c.RedisURL, "rediss://") {
		return nil
	}
	return fault("redis_url", "give redis://… or rediss://…")
}

func (c *Config) checkNode() error {
	if c.Node < -1 || c.Node > 1023 {
		return fault("node", "%d is not in 0–1023, nor -1 for a leased number", c.Node)
	}
	return nil
}

func (c *Config) checkMail() error {
	if c.SMTP.Host == "" && c.Environment == Production {
		return fault("smtp.host", "is needed in production; the development mailbox is open to everyone")
	}
	return nil
}

func (c *Config) checkProviders() error {
	seen := map[string]bool{}
	var faults []error
	for i, p := range c.Providers {
		name := fmt.Sprintf("providers[%d]", i)
		if p.ID == "" || p.Name == "" || p.ClientID == "" {
			faults = append(faults, fault(name, "needs id, name and client_id"))
		}
		if seen[p.ID] {
			faults = append(faults, fault(name, "the id %q stands twice", p.ID))
		}
		seen[p.ID] = true
		if !vendors[p.Vendor] {
			faults = append(faults, fault(name+".vendor", "%q is none of epic, oracle, athena, va", p.Vendor))
		}
		faults = append(faults, c.checkURL(name+".fhir_base", p.FHIRBase), checkFile(name+".secret_file", p.SecretFile))
	}
	return errors.Join(faults...)
}

// vendors whose differences the SMART connector knows.
var vendors = map[string]bool{"": true, "epic": true, "oracle": true, "athena": true, "va": true}

// checkFile wants a file that is named to be there.
func checkFile(name, path string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return fault(name, "%v", err)
	}
	return nil
}

func (c *Config) checkLimits() error {
	switch {
	case c.Limits.Body < 1<<10 || c.Limits.Bundle < c.Limits.Body:
		return fault("limits", "body must be at least 1024 bytes, and bundle no less than body")
	case c.Export.TTL <= 0:
		return fault("export.ttl", "must be positive")
	case c.Pull.Workers < 1:
		return fault("pull.workers", "must be at least 1")
	case c.Pull.Page < 1 || c.Pull.Page > 1000:
		return fault("pull.page", "must be in 1–1000")
	case c.Pull.Every < 0 || c.Pull.Every > 0 && c.Pull.Every < time.Hour:
		return fault("pull.every", "must be at least 1h, or 0 for never")
	case c.Search.Timeout <= 0:
		return fault("search.timeout", "must be positive")
	case c.Limits.Attempts < 0:
		return fault("limits.attempts", "must be 0 or more")
	}
	return nil
}

func (c *Config) checkSubscriptions() error {
	s := c.Subscriptions
	var faults []error
	if s.Private && c.Environment == Production {
		faults = append(faults, fault("subscriptions.private", "is for development: it lets requests into the network of the service"))
	}
	if s.Keep < time.Minute || s.Workers < 1 || s.Attempts < 1 {
		faults = append(faults, fault("subscriptions", "keep must be at least 1m, workers and attempts at least 1"))
	}
	for i, client := range s.Clients {
		if client.Client == "" || len(client.Hosts) == 0 {
			faults = append(faults, fault(fmt.Sprintf("subscriptions.clients[%d]", i), "needs client and hosts"))
		}
		for _, host := range client.Hosts {
			if u, err := url.Parse("https://" + host); err != nil || host == "" || u.Host != host {
				faults = append(faults, fault(fmt.Sprintf("subscriptions.clients[%d].hosts", i), "%q is neither host nor host:port", host))
			}
		}
	}
	return errors.Join(faults...)
}
