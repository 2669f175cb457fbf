package ingest

import (
	"context"
	"errors"
	"time"

	"tributary/connectors"
	"tributary/internal/store"
)

// Status is how a connection stands.
type Status struct {
	Connection store.Connection
	Provider   string // its name
	Place      string
	Pull       store.Pull // the latest; zero before the first
	Types      []TypeStatus
}

// TypeStatus sums up the queries of one type.
type TypeStatus struct {
	Type        string
	State       store.QueryState // failed if one of its queries is
	Reason      string           // failure code, of connectors or of ours
	Stored      int64            // resources held of this type, from all pulls
	Quarantined int64
}

// OfPatient reports on a participant's connections, oldest first.
func (s *Service) OfPatient(ctx context.Context, patient string) ([]Status, error) {
	connections, err := s.connections.OfPatient(ctx, s.Store, patient)
	if err != nil {
		return nil, err
	}
	return s.report(ctx, connections)
}

func (s *Service) report(ctx context.Context, connections []store.Connection) ([]Status, error) {
	out := make([]Status, 0, len(connections))
	for _, c := range connections {
		st := Status{Connection: c, Provider: s.providers[c.Provider].Name, Place: s.providers[c.Provider].Place}
		var err error
		if st.Pull, err = s.pulls.Latest(ctx, s.Store, c.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if st.Types, err = s.types(ctx, c, st.Pull); err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, nil
}

func (s *Service) types(ctx context.Context, c store.Connection, p store.Pull) ([]TypeStatus, error) {
	queries, err := s.pulls.Queries(ctx, s.Store, p.ID)
	if err != nil {
		return nil, err
	}
	var out typeList
	for _, q := range queries {
		t := out.of(q.Type)
		if t.State != store.QueryFailed && (t.State == "" || t.State == store.QueryDone || q.State == store.QueryFailed) {
			t.State, t.Reason = q.State, q.Reason
		}
	}
	stored, err := s.connections.Counts(ctx, s.Store, c)
	if err != nil {
		return nil, err
	}
	for _, n := range stored {
		out.of(n.Type).Stored = n.Count
	}
	missing, err := s.pulls.MissingReferences(ctx, s.Store, p.ID)
	if err != nil {
		return nil, err
	}
	for typ := range missing {
		out.of(typ).State, out.of(typ).Reason = store.QueryFailed, ReasonUnfollowed
	}
	out.lack(c.Lacking, len(queries) > 0)
	quarantined, err := s.connections.Quarantined(ctx, s.Store, c.ID)
	for _, q := range quarantined {
		out.of(q.Type).Quarantined++
	}
	out.settle()
	return out, err
}

// typeList finds or adds the line of a type.
type typeList []TypeStatus

func (l *typeList) of(typ string) *TypeStatus {
	for i := range *l {
		if (*l)[i].Type == typ {
			return &(*l)[i]
		}
	}
	*l = append(*l, TypeStatus{Type: typ})
	return &(*l)[len(*l)-1]
}

// settle ends the lines of types that no query asked for: they came because
// something refers to them, and nothing of them is awaited.
func (l typeList) settle() {
	for i := range l {
		if l[i].State == "" {
			l[i].State = store.QueryDone
		}
	}
}

// Reasons why records of a type are missing, beside connectors' failures and
// reasonInternal; codes for pages to put into words.
const (
	ReasonScope      = "scope"      // the launch was not granted this type
	ReasonUnfollowed = "references" // some that others refer to could not be fetched
)

// lack names the types that the provider did not grant and that have not come
// all the same, once the pull has a plan.
func (l *typeList) lack(types []string, planned bool) {
	for _, typ := range types {
		if typ == connectors.Renewal || !planned {
			continue
		}
		if t := l.of(typ); t.Stored == 0 && t.State != store.QueryPending {
			t.State, t.Reason = store.QueryFailed, ReasonScope
		}
	}
}

// Watch takes up abandoned pulls, and begins those whose time has come, until ctx ends.
func (s *Service) Watch(ctx context.Context) {
	ticker := time.NewTicker(s.Config.Lease / 2)
	defer ticker.Stop()
	for {
		if err := s.Resume(ctx); err != nil && ctx.Err() == nil {
			s.Logger.Warn("abandoned pulls could not be looked for", "error", err)
		}
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.Logger.Warn("connections could not be refreshed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
