package signin

import (
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

var (
	errLong     = errors.New("signin: the answer of the provider is too long")
	errInsecure = errors.New("signin: the provider is asked over https alone")
)

// newClient makes the client that asks the provider: no redirects, bounded times
// and bodies.
func newClient(development bool) *http.Client {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: patience}).DialContext,
		TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 2,
	}
	return &http.Client{
		Transport: bounded{transport, development}, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded holds requests to https and cuts long bodies off.
type bounded struct {
	next     http.RoundTripper
	insecure bool
}

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !b.insecure {
		return nil, errInsecure
	}
	res, err := b.next.RoundTrip(r)
	if err == nil {
		res.Body = &short{res.Body, maxBody}
	}
	return res, err
}

// short is a body that fails beyond its length.
type short struct {
	io.ReadCloser
	left int
}

// Read implements io.Reader.
func (s *short) Read(b []byte) (int, error) {
	n, err := s.ReadCloser.Read(b)
	if s.left -= n; s.left < 0 {
		return 0, errLong
	}
	return n, err
}
