package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
		if err := r.confirm(ctx, p); err != nil {
			return fmt.Errorf("participant %d: %w", i+1, err)
		}
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
		if belongs(typ) || isShared(typ) {
			p.Pulled[typ] = n
		}
	}
	p.Quarantined = append(p.Quarantined, quarantined...)
}

// confirm counts what was pulled a second time, over the API: by compartment and
// origin. The provider's Patient is kept as a source and has no resource; a
// Medication is in no compartment.
func (r *run) confirm(ctx context.Context, p *Participant) error {
	token, err := r.Token(ctx)
	if err != nil {
		return err
	}
	for typ, n := range p.Pulled {
		if typ == "Patient" || isShared(typ) {
			continue
		}
		query := url.Values{"_summary": {"count"}, "_tag": {originSystem + "|ehr"}}
		var page struct{ Total int }
		if err := fetch(ctx, r.FHIRBase()+"/Patient/"+p.Participant+"/"+typ+"?"+query.Encode(), token, &page); err != nil {
			return err
		}
		if page.Total != n {
			return fmt.Errorf("%s: %d were pulled, and the API finds %d", typ, n, page.Total)
		}
	}
	return nil
}

func fetch(ctx context.Context, target, token string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return ask(req, into, http.StatusOK)
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
		var connections []connection
		if err := json.Unmarshal(page.body, &connections); err != nil {
			return err
		}
		if len(connections) == 0 {
			return errors.New("the connection is not shown")
		}
		switch last := connections[len(connections)-1]; {
		case last.whole():
			return nil
		case last.State != "waiting" && last.State != "running":
			return fmt.Errorf("the pull ended as %q", last.State)
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return errors.New("the pull did not end in time")
		}
	}
}

// connection is what the page tells of a connection.
type connection struct {
	State string
	Types []struct{ State string }
}

// whole reports whether everything has been fetched. What is in quarantine makes
// a pull partial without anything missing, and is counted by itself.
func (c connection) whole() bool {
	for _, t := range c.Types {
		if c.State == "partial" && t.State != "done" {
			return false
		}
	}
	return c.State == "complete" || c.State == "partial"
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
