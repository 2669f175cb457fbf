package subscriptions

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"tributary/fhir/search"
	"tributary/internal/feed"
	"tributary/internal/jobs"
	"tributary/internal/records"
	"tributary/internal/session"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Sealer seals secrets at rest and binds them to the subscription (package keys).
type Sealer interface {
	Seal(plain, associated []byte) ([]byte, error)
	Open(sealed, associated []byte) ([]byte, error)
}

// Store is what subscriptions are kept in.
type Store interface {
	store.Store
	store.Feed
}

// Config is what a Service works with; all but Holds and the numbers must be set.
type Config struct {
	Store    Store
	Records  *records.Service
	Registry *search.Registry
	Queue    *jobs.Queue
	Sealer   Sealer
	Tokens   session.Store // for tokens that bind a WebSocket
	SignKey  []byte        // from which the secret of each subscription's signatures is derived
	FHIRBase string
	Socket   string // URL at which Sockets is served: ws:// or wss://
	Owner    string // names this process
	// Holds reports whether the authorization of somebody who acts for another still
	// does; nil: nobody acts for another.
	Holds  func(ctx context.Context, grant string) (bool, error)
	Now    func() time.Time
	Logger *slog.Logger

	// Hosts are those to which requests may go, host or host:port, by id of the
	// client; those of "*" for every client.
	Hosts map[string][]string
	// Private allows plain http and addresses that are not public: for development.
	Private bool

	Keep     time.Duration                  // how long events are kept for $events; 0 means 72 h
	Timeout  time.Duration                  // longest wait for an endpoint; 0 means 10 s
	Attempts int                            // deliveries that may fail in a row; 0 means 10
	Backoff  func(failed int) time.Duration // wait after so many failures; nil: 1 s, doubled, with jitter, up to 10 min
	Poll     time.Duration                  // see feed.Config
}

// Service notices events and delivers them.
type Service struct {
	Config
	language language
	topics   []*Topic
	http     *http.Client
	rows     tables.Subscriptions
	follower *feed.Follower
	sockets  sockets

	mu     sync.Mutex
	count  int64 // of subscriptions, when they were last read
	state  int64
	active []*watched
}

// New returns a Service that watches over the Subscriptions of the Records.
func New(c Config) (*Service, error) {
	c.defaults()
	s := &Service{Config: c, language: language{c.Registry, c.FHIRBase, c.Now}, count: -1}
	var err error
	if s.topics, err = s.language.topics(); err != nil {
		return nil, err
	}
	s.http = client(c.Private)
	s.follower = feed.New(feed.Config{
		Name: "subscriptions", Owner: c.Owner, Store: c.Store, Reader: notices{s}, Now: c.Now, Logger: c.Logger, Poll: c.Poll,
	})
	s.sockets.limit = maxSockets
	c.Records.Shape(resource, s)
	c.Records.Guard(resource, s)
	return s, nil
}

const resource = "Subscription"

func (c *Config) defaults() {
	if c.Keep == 0 {
		c.Keep = 72 * time.Hour
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Attempts == 0 {
		c.Attempts = 10
	}
	if c.Backoff == nil {
		c.Backoff = backoff
	}
}

// backoff doubles, from a second to ten minutes, each time with up to a quarter more.
func backoff(failed int) time.Duration {
	wait := min(time.Second<<min(failed-1, 12), 10*time.Minute)
	return wait + rand.N(wait/4)
}

// TopicURLs are the canonicals of what can be subscribed to, for the CapabilityStatement.
func (s *Service) TopicURLs() (urls []string) {
	for _, t := range s.topics {
		urls = append(urls, t.URL)
	}
	return urls
}

func (s *Service) topic(url string) *Topic {
	i := slices.IndexFunc(s.topics, func(t *Topic) bool { return t.URL == url })
	if i < 0 {
		return nil
	}
	return s.topics[i]
}

// Secret is the key, in hexadecimal, with which a subscription's notifications are signed.
func (s *Service) Secret(id string) string {
	mac := hmac.New(sha256.New, s.SignKey)
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil))
}

// Run follows changes, and looks after what waits, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	var group sync.WaitGroup
	group.Go(func() { s.follower.Run(ctx) })
	group.Go(func() { s.care(ctx) })
	group.Wait()
	s.sockets.close()
}
