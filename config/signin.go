package config

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// SignIn is how people come in beside mail codes and passkeys, and for how long.
type SignIn struct {
	Idle         time.Duration `koanf:"idle"`     // a session ends after so long without a request
	Absolute     time.Duration `koanf:"absolute"` // and after so long in any case
	Staff        OpenID        `koanf:"staff"`
	Participants OpenID        `koanf:"participants"`
}

// OpenID is an OpenID provider and us as its client; without an Issuer there is
// none.
type OpenID struct {
	Name       string   `koanf:"name"` // as people know it
	Issuer     string   `koanf:"issuer"`
	ClientID   string   `koanf:"client_id"`
	SecretFile string   `koanf:"client_secret_file"`
	KeyFile    string   `koanf:"client_key_file"` // PEM of a private key: private_key_jwt
	Scopes     []string `koanf:"scopes"`          // beside openid
	Algorithms []string `koanf:"algorithms"`      // of signatures; empty: all that are safe
	Roles      []Role   `koanf:"roles"`           // of staff; whom none names stays outside
}

// Role gives a role to whoever has the value in the claim.
type Role struct {
	Claim string `koanf:"claim"` // a path with dots where there is no claim of the name
	Value string `koanf:"value"`
	Role  string `koanf:"role"` // center or study
	Site  string `koanf:"site"` // of center staff
}

// staffRoles are those that a provider's claims may give.
var staffRoles = []string{"center", "study"}

func (c *Config) checkSignIn() error {
	s := c.SignIn
	var faults []error
	if s.Idle < time.Minute || s.Absolute < s.Idle {
		faults = append(faults, fault("sign_in", "idle must be at least 1m, and absolute no less than idle"))
	}
	faults = append(faults, c.checkOpenID("sign_in.staff", s.Staff), c.checkOpenID("sign_in.participants", s.Participants))
	if s.Staff.Issuer != "" && len(s.Staff.Roles) == 0 {
		faults = append(faults, fault("sign_in.staff.roles", "without a role nobody comes in"))
	}
	if len(s.Participants.Roles) > 0 {
		faults = append(faults, fault("sign_in.participants.roles", "participants have no roles"))
	}
	for i, r := range s.Staff.Roles {
		faults = append(faults, checkRole(fmt.Sprintf("sign_in.staff.roles[%d]", i), r))
	}
	return errors.Join(faults...)
}

func (c *Config) checkOpenID(name string, o OpenID) error {
	if o.Issuer == "" {
		if o.ClientID != "" || len(o.Roles) > 0 {
			return fault(name, "needs issuer")
		}
		return nil
	}
	faults := []error{c.checkURL(name+".issuer", o.Issuer), checkFile(name+".client_secret_file", o.SecretFile), checkFile(name+".client_key_file", o.KeyFile)}
	if o.ClientID == "" {
		faults = append(faults, fault(name, "needs client_id"))
	}
	if o.SecretFile != "" && o.KeyFile != "" {
		faults = append(faults, fault(name, "give client_secret_file or client_key_file, not both"))
	}
	return errors.Join(faults...)
}

func checkRole(name string, r Role) error {
	switch {
	case r.Claim == "" || r.Value == "":
		return fault(name, "needs claim and value")
	case !slices.Contains(staffRoles, r.Role):
		return fault(name, "%q is none of %v", r.Role, staffRoles)
	case (r.Role == "center") != (r.Site != ""):
		return fault(name, "center staff have a site, and nobody else has")
	}
	return nil
}
