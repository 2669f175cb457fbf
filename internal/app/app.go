// Package app builds and starts everything. It is the only package that knows
// concrete backends and connectors; the others meet through the interfaces that
// they declare.
//
// There are two compositions of the same parts:
//
//	core      store, audit, access, records, the FHIR server, the authorization server
//	Service   a core, and round it accounts, consent, the program, the portal,
//	          pulls from providers, exports, the job queue
//	Provider  a core with its own data, and round it connectors/sandbox
//
// Each serves one origin and starts and stops as a whole: Start returns when it
// listens, Stop lets what runs finish within the context it is given.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Options are what the process gives to a composition beside its configuration.
type Options struct {
	Version string
	Logger  *slog.Logger
	Now     func() time.Time // nil is time.Now
	Owner   string           // names this process among those of one database
}

func (o *Options) defaults() {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Owner == "" {
		o.Owner = fmt.Sprintf("%d-%d", time.Now().UnixNano(), processID())
	}
}

// listener serves one origin.
type listener struct {
	server *http.Server
	net    net.Listener
	failed chan error
}

// Limits of every server: a client that sends or reads too slowly is let go.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 5 * time.Minute // a bundle of 32 MB over a slow line
	writeTimeout  = 15 * time.Minute
	idleTimeout   = 2 * time.Minute
)

// listen binds the address and begins to serve.
func listen(address string, h http.Handler, log *slog.Logger) (*listener, error) {
	n, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	l := &listener{net: n, failed: make(chan error, 1), server: &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}
	go func() {
		if err := l.server.Serve(n); !errors.Is(err, http.ErrServerClosed) {
			l.failed <- err
		}
	}()
	return l, nil
}

func (l *listener) stop(ctx context.Context) error {
	if err := l.server.Shutdown(ctx); err != nil {
		return errors.Join(err, l.server.Close())
	}
	return nil
}

// closers are undone in reverse order.
type closers []func(context.Context) error

func (c *closers) add(fn func(context.Context) error) { *c = append(*c, fn) }

func (c *closers) close(ctx context.Context) error {
	var faults []error
	for i := len(*c) - 1; i >= 0; i-- {
		faults = append(faults, (*c)[i](ctx))
	}
	*c = nil
	return errors.Join(faults...)
}
