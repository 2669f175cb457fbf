// Package smart is the connector for SMART on FHIR providers: standalone launch
// (SMART App Launch 2.2) as a public or symmetric confidential client, and paged
// FHIR R4 searches for the patient's record.
//
// It trusts a provider with nothing that it can check: endpoints and links must
// be on the hosts of the directory entry, state and nonce are compared, an
// id_token is verified, bodies are bounded, every request has a deadline. What
// vendors do differently is data (vendors.go), not code.
//
// Neighbours: package connectors has the contract; internal/ingest drives it.
package smart

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"sync"
	"time"

	"tributary/connectors"
)

// Connector implements connectors.Connector.
type Connector struct {
	client *http.Client
	now    func() time.Time
	wait   func(ctx context.Context, d time.Duration) error
	page   int
	body   int64

	mu         sync.Mutex
	discovered map[string]discovery // by FHIR base
	statements map[string]statement // by FHIR base
}

var _ connectors.Connector = (*Connector)(nil)

// Options of a Connector; the zero value works.
type Options struct {
	Timeout time.Duration // of one request, body included; 0 means 60 s
	Page    int           // _count to ask for; 0 means 200
	Body    int64         // bytes that an answer may have; 0 means 64 MB
	Now     func() time.Time
	// Wait pauses between attempts; tests replace it.
	Wait func(ctx context.Context, d time.Duration) error
}

// New returns a Connector.
func New(o Options) *Connector {
	if o.Timeout == 0 {
		o.Timeout = 60 * time.Second
	}
	if o.Page == 0 {
		o.Page = 200
	}
	if o.Body == 0 {
		o.Body = 64 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = pause
	}
	c := &Connector{now: o.Now, wait: o.Wait, page: o.Page, body: o.Body, discovered: map[string]discovery{}, statements: map[string]statement{}}
	c.client = &http.Client{
		Timeout:   o.Timeout,
		Transport: &http.Transport{MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true},
		// A redirect could carry the token away; providers have no need of one.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// random is 256 bits of randomness as text: state, nonce, PKCE verifier.
func random() string {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		panic(err) // the system's randomness does not fail
	}
	return base64.RawURLEncoding.EncodeToString(b)
}
