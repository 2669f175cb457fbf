package subscriptions

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tributary/internal/errs"
)

// signatureHeader carries t=<seconds since 1970>,v1=<hex HMAC-SHA-256>: of the text
// "<t>.<body>" under the subscription's secret.
const signatureHeader = "X-Tributary-Signature"

// sign is the value of the signature header.
func sign(secret string, at time.Time, body []byte) string {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return "t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// refusal is an endpoint's answer that is no success.
type refusal struct {
	text  string
	after time.Duration // Retry-After
}

func (r *refusal) Error() string { return r.text }

const endpointPlace = "Subscription.channel.endpoint"

// allowed holds an endpoint against what the configuration allows to the client.
func (s *Service) allowed(client, endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "":
		return errs.New(errs.Invalid, "this is no absolute URL").At(endpointPlace)
	case u.Scheme != "https" && !(u.Scheme == "http" && s.Private):
		return errs.New(errs.Unprocessable, "notifications go to https URLs only").At(endpointPlace)
	}
	for _, host := range slices.Concat(s.Hosts[client], s.Hosts["*"]) {
		if strings.EqualFold(host, u.Host) || strings.EqualFold(host, u.Hostname()) {
			return nil
		}
	}
	return errs.New(errs.Unprocessable, "this client may not be notified at this host; the operator allows hosts in subscriptions.clients").At(endpointPlace)
}

// client makes requests to the address of the endpoint itself: along no redirect and
// no proxy, and to no address that is not public.
func client(private bool) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		return public(address, private)
	}}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
			ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10,
		},
	}
}

var errPrivate = errors.New("subscriptions: the host has an address that is not public")

// shared and translated are ranges that netip does not count as private: RFC 6598,
// and the IPv6 forms of IPv4 addresses.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
}

// public looks at the address that is connected to, whatever its name resolved to before.
func public(address string, private bool) error {
	if private {
		return nil
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return errPrivate
	}
	return nil
}

// send makes a request; a *refusal when the endpoint answered, and not with 2xx.
func (s *Service) send(ctx context.Context, w *watched, m message) error {
	if err := s.allowed(w.owner.Client, w.spec.Endpoint); err != nil {
		return &refusal{text: errs.Of(err).Safe}
	}
	timeout := s.Timeout
	if w.spec.Timeout > 0 {
		timeout = min(timeout, time.Duration(w.spec.Timeout)*time.Second)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, m.method, m.url, bytes.NewReader(m.body))
	if err != nil {
		return err
	}
	if err := s.headers(r, w, m); err != nil {
		return err
	}
	answer, err := s.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) //nolint:errcheck // so that the connection can be used again
	if answer.StatusCode/100 == 2 {
		return nil
	}
	return &refusal{text: fmt.Sprintf("the endpoint answered with HTTP %d", answer.StatusCode), after: retryAfter(answer.Header.Get("Retry-After"), s.Now())}
}

func (s *Service) headers(r *http.Request, w *watched, m message) error {
	for _, text := range w.spec.Headers {
		name, _, err := splitHeader(text)
		if err != nil {
			return err
		}
		value, err := s.open(w.ID, text)
		if err != nil {
			return err
		}
		r.Header.Add(name, value)
	}
	m.headers(r.Header)
	r.Header.Set("User-Agent", "Tributary")
	r.Header.Set(signatureHeader, sign(s.Secret(w.ID), s.Now(), m.body))
	return nil
}

// retryAfter reads the header in both its forms (RFC 9110, section 10.2.3).
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), 1<<20)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
