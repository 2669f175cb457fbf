package authserver

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"strings"

	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// said is what an app says of itself beside what the protocol goes by (RFC 7591,
// section 2; OpenID Connect Dynamic Client Registration 1.0, section 2:
// initiate_login_uri). It is checked, kept for the operator and given back; nothing of
// it is fetched, and people are told nothing of it: anybody could say that they are
// somebody else.
type said struct {
	Website  string   `json:"client_uri,omitempty"`
	Logo     string   `json:"logo_uri,omitempty"`
	Terms    string   `json:"tos_uri,omitempty"`
	Policy   string   `json:"policy_uri,omitempty"`
	Launch   string   `json:"initiate_login_uri,omitempty"`
	Contacts []string `json:"contacts,omitempty"`
	Software string   `json:"software_id,omitempty"`
	Version  string   `json:"software_version,omitempty"`
}

// Limits of what an app says, in bytes, and of its contacts.
const (
	maxSaidURI  = 2000
	maxSaidText = 200
	maxContacts = 10
)

func (s said) check() error {
	for name, uri := range map[string]string{"client_uri": s.Website, "logo_uri": s.Logo, "tos_uri": s.Terms, "policy_uri": s.Policy, "initiate_login_uri": s.Launch} {
		if uri != "" && !page(uri) {
			return invalidMetadata(name + ": an absolute URL of at most 2000 characters, https or on this machine, without user and fragment")
		}
	}
	for name, texts := range map[string][]string{"contacts": s.Contacts, "software_id": {s.Software}, "software_version": {s.Version}} {
		for _, text := range texts {
			if len(text) > maxSaidText || strings.ContainsFunc(text, unprintable) {
				return invalidMetadata(name + ": printable text of at most 200 bytes")
			}
		}
	}
	if len(s.Contacts) > maxContacts {
		return invalidMetadata("contacts: 10 at most")
	}
	return nil
}

func unprintable(r rune) bool { return r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 }

// page reports whether a browser can be sent there without harm.
func page(uri string) bool {
	u, err := url.Parse(uri)
	if err != nil || u.Host == "" || u.User != nil || len(uri) > maxSaidURI || strings.ContainsAny(uri, "#\\") || strings.ContainsFunc(uri, unprintable) {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// keep keeps what the app says, in place of what it said.
func (s said) keep(ctx context.Context, db store.DB, client string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return tables.Apps{}.PutSaid(ctx, db, client, string(text))
}

// saidBy is what an app said; nothing of one that an operator entered.
func (s *Server) saidBy(ctx context.Context, client string) (out said, err error) {
	text, err := tables.Apps{}.Said(ctx, s.c.Store, client)
	if err != nil || text == "" {
		return said{}, err
	}
	return out, json.Unmarshal([]byte(text), &out)
}
