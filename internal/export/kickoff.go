package export

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// KickOff begins an export (Bulk Data, "Bulk Data Kick-off Request"): of a Group
// under …/Group/{id}/$export, of all patients under …/Patient/$export, of
// everything under …/$export. The answer is 202 with the URL of the status.
func (s *Service) KickOff(w http.ResponseWriter, r *http.Request, a access.Actor) error {
	scope, err := s.scopeOf(r.URL.Path)
	if err != nil {
		return err
	}
	if err := s.decide(r.Context(), a, scope); err != nil {
		return s.refused(r.Context(), a, scope, err)
	}
	release, err := s.plan(r, a, scope)
	if err != nil {
		return s.refused(r.Context(), a, scope, err)
	}
	if err := s.begin(r.Context(), a, release); err != nil {
		return err
	}
	w.Header().Set("Content-Location", s.statusURL(release.ID))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusAccepted)
	return nil
}

func (s *Service) statusURL(id string) string { return s.FHIRBase + "/$export-status/" + id }

// scopeOf reads what is exported from the path.
func (s *Service) scopeOf(path string) (string, error) {
	steps := strings.Split(strings.TrimSuffix(path, "/$export"), "/")
	switch n := len(steps); {
	case !strings.HasSuffix(path, "/$export"):
		return "", errs.New(errs.NotFound, "nothing is served under this path")
	case n > 1 && steps[n-2] == "Group" && search.KeyOf("Group", steps[n-1]) != 0:
		return "Group/" + steps[n-1], nil
	case steps[n-1] == "Patient":
		return "Patient", nil
	}
	return "", nil
}

// decide asks the access policy: at the kick-off, and again at each request after it.
func (s *Service) decide(ctx context.Context, a access.Actor, scope string) error {
	typ, id, _ := strings.Cut(scope, "/")
	_, err := s.Access.Decide(ctx, a, access.Request{Interaction: access.Export, Type: typ, ID: id})
	return err
}

// refused records that a kick-off was refused.
func (s *Service) refused(ctx context.Context, a access.Actor, scope string, why error) error {
	typ, id, _ := strings.Cut(scope, "/")
	e := audit.Event{Interaction: access.Export, Outcome: audit.Refused, Reason: errs.Of(why).Kind.IssueCode(), Type: typ}
	if id != "" {
		e.Entities = []audit.Entity{{Type: typ, ID: id}}
	}
	if errs.Of(why).Kind == errs.Internal {
		e.Outcome = audit.Failed
	}
	if err := s.Audit.Record(ctx, a, audit.PurposeOf(a), e); err != nil {
		return err
	}
	return why
}

// plan makes the release of what is asked.
func (s *Service) plan(r *http.Request, a access.Actor, scope string) (store.Release, error) {
	params, err := parse(r)
	if err != nil {
		return store.Release{}, err
	}
	t := tierOf(a)
	offered, err := t.types(r.Context(), s, a)
	if err != nil {
		return store.Release{}, err
	}
	types, err := params.narrow(offered)
	if err != nil {
		return store.Release{}, err
	}
	if t.frozen && !params.since.IsZero() {
		return store.Release{}, errs.New(errs.Invalid, "_since is not supported: the dates of this tier are shifted, and its releases are whole")
	}
	kept, err := keepAsker(a, params.ignored)
	if err != nil {
		return store.Release{}, err
	}
	release := store.Release{
		ID: s.newID(), Client: owner(a), Actor: kept, Policy: t.name, Scope: scope, Types: types, Since: params.since,
		Request: requestURL(s.FHIRBase, r, scope), State: store.ReleaseQueued, Created: s.Now(), Beat: s.Now(),
	}
	release.Secret, err = s.newSecret(release.ID)
	return release, err
}

// requestURL is the kick-off's URL as the client sees it.
func requestURL(base string, r *http.Request, scope string) string {
	u := base + "/$export"
	if scope != "" {
		u = base + "/" + scope + "/$export"
	}
	if r.URL.RawQuery != "" {
		u += "?" + r.URL.RawQuery
	}
	return u
}

// newSecret is the sealed key of a release's pseudonyms.
func (s *Service) newSecret(id string) ([]byte, error) {
	var key [32]byte
	if _, err := io.ReadFull(s.Rand, key[:]); err != nil {
		return nil, err
	}
	return s.Sealer.Seal(key[:], sealedFor(id))
}

func sealedFor(id string) []byte { return []byte("release/" + id) }

const busy = 30 * time.Second

// begin writes the release and its job together, unless the client has one running.
func (s *Service) begin(ctx context.Context, a access.Actor, r store.Release) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := tx.Claim(ctx, search.Hash("export/", r.Client)); err != nil {
			return err
		}
		open, err := s.rows.Open(ctx, tx, r.Client)
		if err != nil {
			return err
		}
		if open > 0 {
			e := errs.New(errs.TooMany, "an export of this client is running; wait for it, or delete it")
			e.RetryAfter = busy
			return e
		}
		if err := s.rows.Add(ctx, tx, r); err != nil {
			return err
		}
		if err := s.Audit.Append(ctx, tx, a, audit.PurposeOf(a), started(r)); err != nil {
			return err
		}
		return s.Queue.Enqueue(ctx, tx, ReleaseArgs{r.ID}, releaseOptions)
	})
}

func started(r store.Release) audit.Event {
	typ, id, _ := strings.Cut(r.Scope, "/")
	e := audit.Event{Interaction: access.Export, Type: typ}
	if id != "" {
		e.Entities = []audit.Entity{{Type: typ, ID: id, Patients: []string{}}}
	}
	return e
}
