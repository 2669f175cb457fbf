package app

import (
	"context"
	"net/url"
	"testing"
	"time"

	"tributary/connectors"
	"tributary/connectors/connectortest"
	"tributary/connectors/sandbox"
	"tributary/connectors/smart"
)

// TestConnectorSMART holds connectors/smart to the contract against the sandbox.
func TestConnectorSMART(t *testing.T) {
	const service = "http://127.0.0.1:9"
	p, server, ids := provider(t, service, 1)
	connectortest.Run(t, connectortest.Fixture{
		Connector: smart.New(smart.Options{Page: 20, Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}),
		Provider:  connectors.Provider{ID: "harbor", Name: "Harbor Health", FHIRBase: server.URL + "/fhir/R4", ClientID: "tributary"},
		Redirect:  service + "/connect/callback",
		Patient:   ids[0],
		Many:      "Observation",
		Launch:    func(t *testing.T, authorize string) url.Values { return launch(t, authorize, ids[0]) },
		Misbehave: func(_ *testing.T, f connectortest.Fault) { p.Faults.Set(told(f)) },
	})
}

// told is a fault in the words of the sandbox.
func told(f connectortest.Fault) sandbox.Misbehaviour {
	m := sandbox.Misbehaviour{Down: f.Down, Refuse: f.Refuse, FailType: f.FailType, Malformed: f.Broken, Foreign: f.Foreign, Circle: f.Circle}
	if f.FailType != "" {
		m.FailPage = 2
	}
	if f.Throttle {
		m.Throttle, m.RetryAfter = 1, "1"
	}
	if f.Slow {
		m.Delay = 10_000
	}
	return m
}
