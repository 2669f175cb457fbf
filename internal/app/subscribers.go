package app

import (
	"context"
	"errors"
	"strings"

	"tributary/internal/subscriptions"
)

// socketPath is where subscribers listen by WebSocket.
const socketPath = "/subscriptions/ws"

// openSubscriptions makes what tells clients of changes.
func (s *Service) openSubscriptions() error {
	kept, ok := s.store.(subscriptions.Store)
	if !ok {
		return errors.New("the database cannot be followed")
	}
	c := s.config.Subscriptions
	hosts := map[string][]string{}
	for _, client := range c.Clients {
		hosts[client.Client] = append(hosts[client.Client], client.Hosts...)
	}
	var err error
	s.subscriptions, err = subscriptions.New(subscriptions.Config{
		Store: kept, Records: s.records, Registry: s.policy.Registry, Queue: s.queue, Sealer: s.ring, Tokens: s.sessions,
		SignKey: s.ring.Derive("subscription signatures"), FHIRBase: s.fhirBase(), Socket: "ws" + strings.TrimPrefix(s.base, "http") + socketPath,
		Owner: s.Owner, Now: s.Now, Logger: s.Logger, Hosts: hosts, Private: c.Private, Keep: c.Keep, Attempts: c.Attempts,
		Holds: func(ctx context.Context, grant string) (bool, error) { return s.auth.Holds(ctx, grant) },
	})
	if err != nil {
		return err
	}
	s.mount(s.subscriptions.Routes()...)
	s.fhir.Topics(s.subscriptions.TopicURLs()...)
	return s.subscriptions.Register(s.queue, c.Workers)
}
