package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func load(t *testing.T, text string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path, nil)
}

func TestSignIn(t *testing.T) {
	c, err := load(t, `
sign_in:
  idle: 15m
  staff:
    name: University
    issuer: https://id.example.org
    client_id: tributary
    scopes: [profile, groups]
    roles:
      - {claim: groups, value: nurses, role: center, site: harbor-clinic}
      - {claim: groups, value: office, role: study}
`)
	if err != nil {
		t.Fatal(err)
	}
	if s := c.SignIn; s.Idle != 15*time.Minute || s.Absolute != 12*time.Hour || len(s.Staff.Roles) != 2 || s.Staff.Roles[0].Site != "harbor-clinic" || s.Participants.Issuer != "" {
		t.Errorf("%+v", s)
	}
}

func TestSignInFaults(t *testing.T) {
	for text, want := range map[string]string{
		"idle: 1s":                                 "sign_in: idle",
		"idle: 2h, absolute: 1h":                   "sign_in: idle",
		"staff: {issuer: https://x/}":              "sign_in.staff: needs client_id",
		"staff: {issuer: x, client_id: t}":         "sign_in.staff.issuer",
		"staff: {client_id: t}":                    "needs issuer",
		"staff: {issuer: https://x, client_id: t}": "sign_in.staff.roles: without",
		"staff: {issuer: https://x, client_id: t, client_secret_file: /nowhere}":                      "client_secret_file",
		"staff: {issuer: https://x, client_id: t, roles: [{claim: g, value: x, role: operator}]}":     "none of [center study]",
		"staff: {issuer: https://x, client_id: t, roles: [{claim: g, value: x, role: center}]}":       "have a site",
		"staff: {issuer: https://x, client_id: t, roles: [{value: x, role: study}]}":                  "needs claim and value",
		"participants: {issuer: https://x, client_id: t, roles: [{claim: g, value: x, role: study}]}": "participants have no roles",
	} {
		if _, err := load(t, "sign_in: {"+text+"}"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
