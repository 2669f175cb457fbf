package smart

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary/connectors"
)

const (
	maxAttempts = 4
	maxWait     = 30 * time.Second // longer waits are the caller's to schedule
)

func fail(f connectors.Failure, status int, detail string, cause error) *connectors.Error {
	return &connectors.Error{Failure: f, Status: status, Detail: detail, Cause: cause}
}

// allowed refuses a URL that is not on a host of the provider's entry.
func allowed(p connectors.Provider, text string) error {
	base, err := url.Parse(p.FHIRBase)
	if err != nil {
		return fail(connectors.BadAnswer, 0, "the directory entry has no valid FHIR base", err)
	}
	u, err := url.Parse(text)
	if err != nil {
		return fail(connectors.BadAnswer, 0, "a link is no URL", err)
	}
	if u.User != nil || u.Scheme != base.Scheme || u.Host != base.Host && !slices.Contains(p.Hosts, u.Host) {
		return fail(connectors.ForeignHost, 0, "a link leads to a host that is not the provider's", nil)
	}
	return nil
}

// answer is the body of a successful answer.
type answer struct {
	body        []byte
	contentType string
}

// get fetches a URL, again where that may help: after 429 and 503 as Retry-After
// says, after other 5xx and broken connections with growing pauses.
func (c *Connector) get(ctx context.Context, p connectors.Provider, target, token string) (answer, error) {
	if err := allowed(p, target); err != nil {
		return answer{}, err
	}
	pause := time.Second
	for attempt := 1; ; attempt++ {
		a, err := c.once(ctx, target, token)
		var e *connectors.Error
		if err == nil || !errors.As(err, &e) || e.Failure != connectors.Throttled && e.Failure != connectors.Down {
			return a, err
		}
		wait := max(e.After, pause)
		if attempt == maxAttempts || wait > maxWait {
			return answer{}, err
		}
		if c.wait(ctx, wait) != nil {
			return answer{}, err
		}
		pause *= 2
	}
}

func (c *Connector) once(ctx context.Context, target, token string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return answer{}, fail(connectors.BadAnswer, 0, "a link is no URL", withoutURL(err))
	}
	req.Header.Set("Accept", "application/fhir+json, application/json;q=0.9")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return c.do(req)
}

// do sends a request and reads its bounded body; the error says what a status
// means, and comes with the body.
func (c *Connector) do(req *http.Request) (answer, error) {
	res, err := c.client.Do(req)
	if err != nil {
		return answer{}, fail(connectors.Down, 0, "the provider did not answer", withoutURL(err))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, c.body+1))
	switch {
	case err != nil:
		return answer{}, fail(connectors.Down, res.StatusCode, "the provider's answer broke off", withoutURL(err))
	case int64(len(body)) > c.body:
		return answer{}, fail(connectors.BadAnswer, res.StatusCode, "the provider's answer is too large", nil)
	}
	return answer{body, res.Header.Get("Content-Type")}, c.status(res)
}

func (c *Connector) status(res *http.Response) error {
	code := res.StatusCode
	switch {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusUnauthorized:
		return fail(connectors.Expired, code, "the access token is not accepted", nil)
	case code == http.StatusTooManyRequests:
		e := fail(connectors.Throttled, code, "the provider asks to slow down", nil)
		e.After = c.retryAfter(res)
		return e
	case code >= 500:
		e := fail(connectors.Down, code, "the provider failed", nil)
		e.After = c.retryAfter(res)
		return e
	case code >= 300 && code < 400:
		return fail(connectors.ForeignHost, code, "the provider redirects", nil)
	}
	return fail(connectors.Refused, code, "the provider refuses the request", nil)
}

// retryAfter reads the header in both of its forms: seconds, or a date.
func (c *Connector) retryAfter(res *http.Response) time.Duration {
	text := strings.TrimSpace(res.Header.Get("Retry-After"))
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(c.now()), 0)
	}
	return 0
}

// withoutURL drops the URL that net/http puts into its errors: it may hold ids.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
