package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// pull connects everyone who shares their records and waits until all is there.
func (r *run) pull(ctx context.Context) error {
	for i, p := range r.summary.Participants {
		if !p.EHRConsent {
			continue
		}
		if err := p.connect(ctx); err != nil {
			return fmt.Errorf("participant %d: %w", i+1, err)
		}
	}
	total := 0
	for i, p := range r.summary.Participants {
		if !p.EHRConsent {
			continue
		}
		if err := p.awaitPull(ctx); err != nil {
			return fmt.Errorf("participant %d: %w", i+1, err)
		}
		pulled, quarantined, err := r.Pulled(ctx, p.Participant)
		if err != nil {
			return err
		}
		p.keep(pulled, quarantined)
		for _, n := range p.Pulled {
			total += n
		}
	}
	r.say("  %d resources of %d people", total, r.sharing())
	return nil
}

// keep takes the counts of the types that the provider holds for the person;
// what they refer to of organizations and staff is shared, and not counted.
func (p *Participant) keep(pulled map[string]int, quarantined []Quarantined) {
	for typ, n := range pulled {
		if shared := compartmentFree[typ] && typ != "Medication" && typ != "Device"; !shared {
			p.Pulled[typ] = n
		}
	}
	p.Quarantined = append(p.Quarantined, quarantined...)
}

const pullPatience = 10 * time.Minute

// awaitPull watches the page that shows the progress, as the person would.
func (p *Participant) awaitPull(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pullPatience)
	defer cancel()
	for {
		page, err := p.browser.get(ctx, "/connections.json")
		if err != nil {
			return err
		}
		var connections []struct{ State string }
		if err := json.Unmarshal(page.body, &connections); err != nil {
			return err
		}
		if len(connections) == 0 {
			return errors.New("the connection is not shown")
		}
		switch state := connections[len(connections)-1].State; state {
		case "waiting", "running":
		case "complete":
			return nil
		default:
			return fmt.Errorf("the pull ended as %q", state)
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return errors.New("the pull did not end in time")
		}
	}
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
