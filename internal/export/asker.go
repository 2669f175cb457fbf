package export

import (
	"encoding/json"

	"tributary/internal/access"
)

// asker is the actor of a kick-off as the release keeps it for its job.
type asker struct {
	Role     access.Role `json:"role"`
	ID       string      `json:"id,omitempty"`
	Client   string      `json:"client,omitempty"`
	Scopes   string      `json:"scopes,omitempty"`
	Unscoped bool        `json:"unscoped,omitempty"`
	Groups   []string    `json:"groups,omitempty"`
	Provider string      `json:"provider,omitempty"`
	Purpose  string      `json:"purpose,omitempty"`
	Address  string      `json:"address,omitempty"`
	Request  string      `json:"request,omitempty"`
	Ignored  []string    `json:"ignored,omitempty"` // parameters that a lenient kick-off passed over
}

func keepAsker(a access.Actor, ignored []string) ([]byte, error) {
	return json.Marshal(asker{a.Role, a.ID, a.Client, a.Scopes.String(), a.Unscoped, a.Groups, a.Provider, a.Purpose, a.Address, a.RequestID, ignored})
}

func readAsker(raw []byte) (asker, access.Actor, error) {
	var k asker
	if err := json.Unmarshal(raw, &k); err != nil {
		return k, access.Actor{}, err
	}
	scopes, err := access.ParseScopes(k.Scopes)
	return k, access.Actor{Role: k.Role, ID: k.ID, Client: k.Client, Scopes: scopes, Unscoped: k.Unscoped, Groups: k.Groups,
		Provider: k.Provider, Purpose: k.Purpose, Address: k.Address, RequestID: k.Request}, err
}

// owner is whose release it is: nobody else sees it.
func owner(a access.Actor) string {
	if a.Client != "" {
		return a.Client
	}
	return string(a.Role) + ":" + a.ID
}
