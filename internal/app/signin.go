package app

import (
	"context"
	"fmt"
	"os"
	"slices"

	"tributary/config"
	"tributary/internal/signin"
	"tributary/internal/store"
)

// openID makes an OpenID provider of the configuration, whose people come back to
// the path; nil if there is none.
func (s *Service) openID(o config.OpenID, path, after string) (*signin.Provider, error) {
	if o.Issuer == "" {
		return nil, nil
	}
	password, err := secret(o.SecretFile)
	if err != nil {
		return nil, err
	}
	var key []byte
	if o.KeyFile != "" {
		if key, err = os.ReadFile(o.KeyFile); err != nil {
			return nil, err
		}
	}
	roles, err := s.roles(o.Roles)
	if err != nil {
		return nil, err
	}
	return signin.New(signin.Config{
		Name: o.Name, Issuer: o.Issuer, ClientID: o.ClientID, Secret: password, Key: key, Scopes: o.Scopes, Algorithms: o.Algorithms, Roles: roles,
		Redirect: s.base + path, AfterLogout: s.base + after, Development: s.config.Environment == config.Development,
		States: s.sessions, Now: s.Now,
	})
}

// takeBack ends all that apps were given by an account, which is asked again about each.
func (s *Service) takeBack(ctx context.Context, account string) error {
	return s.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return s.endAllApps(ctx, tx, account, "the person signed out everywhere")
	})
}

// roles are the rules of the configuration; their sites must be the study's.
func (s *Service) roles(all []config.Role) (out []signin.Rule, err error) {
	for _, r := range all {
		if r.Site != "" && !slices.Contains(s.Sites(), r.Site) {
			return nil, fmt.Errorf("sign_in.staff.roles: there is no site %q; the sites are %v", r.Site, s.Sites())
		}
		out = append(out, signin.Rule(r))
	}
	return out, nil
}
