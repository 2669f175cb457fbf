package authserver

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The bounds of fetching a client's keys.
const (
	maxKeySet       = 256 << 10        // bytes
	keysFreshFor    = 5 * time.Minute  // where Cache-Control says nothing
	maxKeysFreshFor = time.Hour        // whatever Cache-Control says
	refetchAfter    = 10 * time.Second // a fresh set, or one that could not be had, is not asked for again before
)

// errNoKey: not exactly one key fits.
var errNoKey = fmt.Errorf("%w: key", errRefused)

// parseKeys reads a JSON Web Key Set of public keys.
func parseKeys(text []byte) ([]jose.JSONWebKey, error) {
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(text, &set); err != nil || set.Keys == nil {
		return nil, errors.New("not a JSON Web Key Set")
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		if err := k.UnmarshalJSON(raw); err == nil { // keys of other kinds may stand beside ours
			keys = append(keys, k)
		}
	}
	return keys, nil
}

func isP384(k jose.JSONWebKey) bool {
	pub, ok := k.Key.(*ecdsa.PublicKey)
	return ok && pub.Curve == elliptic.P384()
}

func isRSA(k jose.JSONWebKey) bool {
	pub, ok := k.Key.(*rsa.PublicKey)
	return ok && pub.N.BitLen() >= 2048
}

// remoteKeys are the key sets that clients registered by URL. Only registered
// URLs are fetched, no redirect is followed, and no address that is not public is
// connected to (guarded), whatever a name resolves to.
type remoteKeys struct {
	http *http.Client
	now  func() time.Time
	mu   *sync.Mutex
	sets map[string]*keySet
}

type keySet struct {
	mu      sync.Mutex // one fetch at a time
	keys    []jose.JSONWebKey
	fetched time.Time
	fresh   time.Duration
	failed  time.Time // when the last fetch failed; zero after one that did not
}

func newRemoteKeys(c *http.Client, private bool, now func() time.Time) remoteKeys {
	if c == nil {
		c = guarded(private)
	}
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if own.Timeout == 0 {
		own.Timeout = fetchTimeout
	}
	return remoteKeys{http: &own, now: now, mu: new(sync.Mutex), sets: map[string]*keySet{}}
}

// find returns the one key that fits, fetching the set where it is stale or,
// since keys rotate, where none fits.
func (r remoteKeys) find(ctx context.Context, url string, fits func(jose.JSONWebKey) bool) (jose.JSONWebKey, error) {
	set := r.set(url)
	set.mu.Lock()
	defer set.mu.Unlock()
	age := r.now().Sub(set.fetched)
	if age < set.fresh {
		if key, err := only(set.keys, fits); err == nil || age < refetchAfter {
			return key, err
		}
	}
	if err := r.refetch(ctx, url, set); err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("%w: %w", errNoKey, err)
	}
	return only(set.keys, fits)
}

// refetch leaves a host that has just failed alone: anybody can send an
// assertion in a client's name, and each would wait for it. Nor can who sends
// one break the fetch off by leaving.
func (r remoteKeys) refetch(ctx context.Context, url string, set *keySet) error {
	if !set.failed.IsZero() && r.now().Sub(set.failed) < refetchAfter {
		return errors.New("the keys could not be fetched a moment ago")
	}
	err := r.fetch(context.WithoutCancel(ctx), url, set)
	set.failed = time.Time{}
	if err != nil {
		set.failed = r.now()
	}
	return err
}

func (r remoteKeys) set(url string) *keySet {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sets[url] == nil {
		r.sets[url] = &keySet{}
	}
	return r.sets[url]
}

func (r remoteKeys) fetch(ctx context.Context, url string, set *keySet) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return errors.New("the registered key URL cannot be read")
	}
	request.Header.Set("Accept", "application/json")
	response, err := r.http.Do(request)
	if err != nil {
		return fmt.Errorf("fetch keys: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeySet+1))
	if err != nil || response.StatusCode != http.StatusOK || len(body) > maxKeySet {
		return fmt.Errorf("fetch keys: status %d, %d bytes: %w", response.StatusCode, len(body), err)
	}
	keys, err := parseKeys(body)
	if err != nil {
		return err
	}
	set.keys, set.fetched, set.fresh = keys, r.now(), freshness(response.Header, r.now())
	return nil
}

// freshness is how long an answer may still be kept (RFC 9111, sections 4.2.1 and
// 5.2.2): as long as Cache-Control says, or else Expires, less the time that it has
// been kept on its way.
func freshness(h http.Header, now time.Time) time.Duration {
	fresh := keysFreshFor
	if expires, err := http.ParseTime(h.Get("Expires")); err == nil {
		fresh = min(expires.Sub(now), maxKeysFreshFor)
	} else if h.Get("Expires") != "" {
		fresh = 0 // "0", say, is a time long past
	}
	fresh = controlled(strings.Join(h.Values("Cache-Control"), ","), fresh)
	if age, err := strconv.ParseInt(h.Get("Age"), 10, 32); err == nil && age > 0 {
		fresh -= time.Duration(age) * time.Second
	}
	return max(0, fresh)
}

func controlled(control string, otherwise time.Duration) time.Duration {
	fresh := otherwise
	for directive := range strings.SplitSeq(strings.ToLower(control), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-store", "no-cache":
			return 0
		case "max-age":
			if seconds, err := strconv.ParseInt(strings.Trim(value, `"`), 10, 32); err == nil && seconds >= 0 {
				fresh = min(time.Duration(seconds)*time.Second, maxKeysFreshFor)
			}
		}
	}
	return fresh
}
