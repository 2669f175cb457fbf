package authserver

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const aKeySet = `{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}`

func anyKey(jose.JSONWebKey) bool { return true }

// TestChecklist_9_12_OldTLSIsRefused: a key server that speaks TLS 1.1 at most is not
// spoken to. The service's own TLS is its proxy's.
func TestChecklist_9_12_OldTLSIsRefused(t *testing.T) {
	for version, want := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, aKeySet) }))
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
		server.StartTLS()
		t.Cleanup(server.Close)
		client, roots := guarded(true), x509.NewCertPool()
		roots.AddCert(server.Certificate())
		client.Transport.(*http.Transport).TLSClientConfig.RootCAs = roots
		_, err := newRemoteKeys(client, true, time.Now).find(t.Context(), server.URL, anyKey)
		if (err == nil) != want {
			t.Errorf("TLS %x: %v", version, err)
		}
	}
}

// TestKeysAreNotFetchedFromPrivateAddresses fails without the line `return
// public(address)` in guarded.go.
func TestKeysAreNotFetchedFromPrivateAddresses(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked = true
		io.WriteString(w, aKeySet)
	}))
	t.Cleanup(server.Close)
	_, err := newRemoteKeys(nil, false, time.Now).find(t.Context(), server.URL, anyKey)
	if !errors.Is(err, errPrivateAddress) || asked {
		t.Errorf("this machine was asked: %v, %v", asked, err)
	}
	for address, want := range map[string]bool{
		"127.0.0.1:443": false, "10.0.0.1:443": false, "192.168.1.1:80": false, "169.254.169.254:80": false, "172.16.0.1:443": false,
		"100.64.0.1:443": false, "0.0.0.0:443": false, "[::1]:443": false, "[fd00::1]:443": false, "[::ffff:10.0.0.1]:443": false,
		"[64:ff9b::a00:1]:443": false, "[2002:a00:1::]:443": false, "224.0.0.1:443": false, "nonsense": false,
		"93.184.215.14:443": true, "[2606:2800:220:1::1]:443": true,
	} {
		if (public(address) == nil) != want {
			t.Errorf("%s: want %v", address, want)
		}
	}
}

// TestFreshness: RFC 9111, section 4.2.1; 9.6 of the table in docs/security.md.
func TestFreshness(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, row := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"nothing said":           {http.Header{}, keysFreshFor},
		"max-age":                {http.Header{"Cache-Control": {"public, max-age=60"}}, time.Minute},
		"two headers":            {http.Header{"Cache-Control": {"public", "no-store"}}, 0},
		"kept on its way":        {http.Header{"Cache-Control": {"max-age=60"}, "Age": {"50"}}, 10 * time.Second},
		"kept for longer":        {http.Header{"Cache-Control": {"max-age=60"}, "Age": {"70"}}, 0},
		"Expires":                {http.Header{"Expires": {now.Add(time.Minute).Format(http.TimeFormat)}}, time.Minute},
		"Expires long past":      {http.Header{"Expires": {"0"}}, 0},
		"Cache-Control wins":     {http.Header{"Expires": {"0"}, "Cache-Control": {"max-age=60"}}, time.Minute},
		"longer than is allowed": {http.Header{"Cache-Control": {"max-age=999999"}}, maxKeysFreshFor},
	} {
		if got := freshness(row.header, now); got != row.want {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}
