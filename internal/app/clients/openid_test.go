package clients

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"tributary/internal/store"
)

// nodeClient is a client of testdata/openid.mjs.
type nodeClient struct {
	ID      string           `json:"id"`
	Secret  string           `json:"secret,omitempty"`
	JWK     *jose.JSONWebKey `json:"jwk,omitempty"`
	Alg     string           `json:"alg"` // of its id_tokens
	Backend bool             `json:"backend"`
}

// TestOpenIDClient: discovery, code flow with PKCE, id_token, refresh,
// introspection, revocation and private_key_jwt as npm openid-client does them.
func TestOpenIDClient(t *testing.T) {
	modules := nodeModules(t)
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not here")
	}
	w := newWorld(t)
	p := w.join("Ida")
	arguments, err := json.Marshal(map[string]any{
		"modules": modules, "issuer": w.base, "fhir": w.fhir, "redirect": redirect, "patient": p.patient, "clients": w.nodeClients(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p.converses(exec.CommandContext(ctx, node, "testdata/openid.mjs", string(arguments)))
}

// nodeClients registers one of each kind.
func (w *world) nodeClients() []nodeClient {
	w.Helper()
	ec, rs := keyPair(w.T, "ES384"), keyPair(w.T, "RS384")
	w.registerApp("public", redirect, nil)
	secret := w.registerApp("symmetric", redirect, func(c *store.Client) { c.SecretHash = "new" })
	w.registerApp("es384", redirect, func(c *store.Client) { c.JWKS = publicSet(w.T, ec) })
	w.registerApp("rs384", redirect, func(c *store.Client) { c.JWKS = publicSet(w.T, rs) })
	w.registerWarehouse("warehouse", publicSet(w.T, ec))
	return []nodeClient{
		{ID: "public", Alg: "RS256"}, {ID: "symmetric", Secret: secret, Alg: "RS256"}, {ID: "es384", JWK: ec, Alg: "RS256"},
		{ID: "rs384", JWK: rs, Alg: "RS256"}, {ID: "warehouse", JWK: ec, Backend: true},
	}
}

// keyPair makes a private key that signs with the algorithm.
func keyPair(t *testing.T, algorithm string) *jose.JSONWebKey {
	t.Helper()
	var key any
	var err error
	if algorithm == "ES384" {
		key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	} else {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &jose.JSONWebKey{Key: key, KeyID: "k-" + algorithm, Algorithm: algorithm, Use: "sig"}
}

// publicSet is the key set that is registered for a key.
func publicSet(t *testing.T, key *jose.JSONWebKey) string {
	t.Helper()
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}})
	if err != nil {
		t.Fatal(err)
	}
	return string(set)
}

// converses runs a client that asks for the person: each line "open <address>" is
// answered with where the browser is sent after the person has agreed.
func (p *person) converses(command *exec.Cmd) {
	p.Helper()
	in, err := command.StdinPipe()
	if err != nil {
		p.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		p.Fatal(err)
	}
	var faults strings.Builder
	command.Stderr = &faults
	if err := command.Start(); err != nil {
		p.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if address, asks := strings.CutPrefix(lines.Text(), "open "); asks {
			fmt.Fprintln(in, p.allows(address))
		}
	}
	if err := command.Wait(); err != nil {
		p.Errorf("%v: %s", err, faults.String())
	}
}
