package records

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// nobody consents to anything, and is on no Group.
type nobody struct{}

func (nobody) Permissions(context.Context, string) (access.Permissions, error) {
	return access.Permissions{}, nil
}
func (nobody) Withdrawn(context.Context) ([]string, error)       { return nil, nil }
func (nobody) Members(context.Context, string) ([]string, error) { return nil, nil }

func over(t *testing.T, db store.Store) *Service {
	t.Helper()
	ids := search.NewIDs(2, time.Now)
	log := audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
	t.Cleanup(func() {
		if err := log.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return New(Config{
		Store: db, Audit: log, IDs: ids, BaseURL: "http://localhost/fhir/R4",
		Policy: &access.Policy{Consents: nobody{}, Groups: nobody{}, Registry: search.Base()},
	})
}

var ingest = access.Job("ingest", "TREAT")

func TestWriteIsOneTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		failed := errors.New("given up")
		var id string
		for _, outcome := range []error{failed, nil} {
			err := s.Write(t.Context(), ingest, func(ctx context.Context, tx *Tx) error {
				made, err := tx.Put(ctx, Draft{JSON: fhirtest.Patient()}, Draft{Type: "Observation", ID: "o1", JSON: fhirtest.Observation(fhirtest.ID("o1"))})
				if err != nil {
					return err
				}
				id = made[0].Resource.ID
				if r, err := tx.Read(ctx, "Patient", id); err != nil || r.Version != 1 || r.Updated.After(tx.Now()) {
					t.Errorf("the transaction does not see its own write: %v %v", r, err)
				}
				return outcome
			})
			if !errors.Is(err, outcome) {
				t.Fatal(err)
			}
			_, err = s.Read(t.Context(), ingest, "Observation", "o1")
			if there := err == nil; there != (outcome == nil) {
				t.Errorf("after %v: %v", outcome, err)
			}
		}
		if err := s.Write(t.Context(), ingest, func(ctx context.Context, tx *Tx) error { return tx.Delete(ctx, "Patient", id) }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(t.Context(), ingest, "Patient", id); !errs.Is(err, errs.Gone) {
			t.Errorf("after the deletion: %v", err)
		}
	})
}

// put writes one draft.
func put(t *testing.T, s *Service, d Draft, prepare bool) Result {
	t.Helper()
	drafts := []Draft{d}
	if prepare {
		if err := s.Prepare(t.Context(), ingest, drafts); err != nil {
			t.Fatal(err)
		}
	}
	var results []Result
	err := s.Write(t.Context(), ingest, func(ctx context.Context, tx *Tx) (err error) {
		results, err = tx.Put(ctx, drafts...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

// A repeated pull makes no versions; a change of content, origin or reference does.
func TestSkipUnchanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		r, err := fhir.Parse(fhirtest.Observation(fhirtest.Subject("Patient/theirs")))
		if err != nil {
			t.Fatal(err)
		}
		subject := r.References()[0].Value
		draft := Draft{
			ID: "o1", Parsed: r, Origin: FromEHR, Source: "urn:provider", SkipUnchanged: true,
			Edits: []tree.Edit{tree.Replace(subject, []byte(`"Patient/ours"`))},
		}
		first := put(t, s, draft, true)
		if body := string(first.Resource.Body); !first.Created || !strings.Contains(body, `"Patient/ours"`) ||
			!strings.Contains(body, `"code":"ehr"`) || !strings.Contains(body, `"source":"urn:provider"`) {
			t.Fatalf("%s", body)
		}
		for _, prepared := range []bool{true, false} {
			if again := put(t, s, draft, prepared); !again.Unchanged || again.Resource.Version != 1 {
				t.Errorf("prepared %v: version %d", prepared, again.Resource.Version)
			}
		}
		draft.Origin = Survey
		if moved := put(t, s, draft, true); moved.Unchanged || moved.Resource.Version != 2 || strings.Contains(string(moved.Resource.Body), `"ehr"`) {
			t.Errorf("%s", moved.Resource.Body)
		}
		page, err := s.Search(t.Context(), ingest, Search{Type: "Observation", Query: []search.Pair{{Name: "subject", Value: "Patient/ours"}, {Name: "_tag", Value: OriginSystem + "|survey"}}})
		if err != nil || len(page.Resources) != 1 {
			t.Errorf("%d found, %v", len(page.Resources), err)
		}
		old := []search.Pair{{Name: "_tag", Value: OriginSystem + "|ehr"}}
		if page, err := s.Search(t.Context(), ingest, Search{Type: "Observation", Query: old}); err != nil || len(page.Resources) != 0 {
			t.Errorf("the old origin is still found: %v", err)
		}
	})
}

func TestOriginIsTheServersAlone(t *testing.T) {
	s := over(t, storetest.SQLite(t, storetest.Options{}))
	repair := access.Actor{Role: access.Maintenance, Client: "m", Unscoped: true}
	result, err := s.Create(t.Context(), repair, Op{Type: "Observation", JSON: fhirtest.Observation(fhirtest.Tag(OriginSystem, "survey"))})
	if err != nil || strings.Contains(string(result.Resource.Body), OriginSystem) {
		t.Errorf("%v: %s", err, result.Resource.Body)
	}
}

func TestResearchConsentsAreTheConsentFlows(t *testing.T) {
	s := over(t, storetest.SQLite(t, storetest.Options{}))
	consent := fhirtest.Consent(fhirtest.ID("c1"))
	write := func(a access.Actor) error {
		return s.Write(t.Context(), a, func(ctx context.Context, tx *Tx) error {
			_, err := tx.Put(ctx, Draft{ID: "c1", JSON: consent})
			return err
		})
	}
	if err := write(ingest); !errs.Is(err, errs.Unprocessable) {
		t.Errorf("ingest: %v", err)
	}
	if err := write(access.Job("consent", "")); err != nil {
		t.Errorf("consent: %v", err)
	}
	repair := access.Actor{Role: access.Maintenance, Client: "m", Unscoped: true}
	if _, err := s.Delete(t.Context(), repair, Op{Type: "Consent", ID: "c1"}); !errs.Is(err, errs.Unprocessable) {
		t.Errorf("a deletion: %v", err)
	}
	treatment := strings.Replace(string(consent), `"research"`, `"treatment"`, 1)
	if _, err := s.Update(t.Context(), repair, Op{Type: "Consent", ID: "c1", JSON: []byte(treatment)}); !errs.Is(err, errs.Unprocessable) {
		t.Errorf("turning it into another one: %v", err)
	}
}

// Of writers that all read version n, one wins; nothing is lost.
func TestRacingUpdatesWithIfMatch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		repair := access.Actor{Role: access.Maintenance, Client: "m", Unscoped: true}
		body := fhirtest.Patient(fhirtest.ID("p1"))
		if _, err := s.Update(t.Context(), repair, Op{Type: "Patient", ID: "p1", JSON: body}); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		outcomes := make([]error, 8)
		for i := range outcomes {
			group.Go(func() {
				_, outcomes[i] = s.Update(t.Context(), repair, Op{Type: "Patient", ID: "p1", JSON: body, IfMatch: `W/"1"`})
			})
		}
		group.Wait()
		won := 0
		for _, err := range outcomes {
			switch {
			case err == nil:
				won++
			case !errs.Is(err, errs.Precondition) && !errs.Is(err, errs.Conflict):
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d won", won)
		}
	})
}

// Without If-Match every update makes its version, and the index follows the last.
func TestRacingUpdates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		repair := access.Actor{Role: access.Maintenance, Client: "m", Unscoped: true}
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				body := fhirtest.Patient(fhirtest.ID("p1"), fhirtest.With("gender", []string{"male", "female"}[i%2]),
					fhirtest.With("birthDate", fmt.Sprintf("198%d-01-01", i)))
				if _, err := s.Update(t.Context(), repair, Op{Type: "Patient", ID: "p1", JSON: body}); err != nil && !errs.Is(err, errs.Conflict) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		found := 0
		for i := range 8 {
			page, err := s.Search(t.Context(), repair, Search{Type: "Patient", Query: []search.Pair{{Name: "birthdate", Value: fmt.Sprintf("198%d-01-01", i)}}})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Resources {
				if found++; !strings.Contains(string(r.Body), fmt.Sprintf("198%d-01-01", i)) {
					t.Error("found by what it was before")
				}
			}
		}
		if found != 1 {
			t.Errorf("found by %d birth dates", found)
		}
	})
}

// A write and its audit event are one; a refused write has one too.
func TestWritesAreAudited(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		put(t, s, Draft{ID: "o1", JSON: fhirtest.Observation(fhirtest.ID("o1"))}, false)
		anna := access.Actor{Role: access.Participant, ID: "a", Patient: "p1", Unscoped: true}
		if _, err := s.Create(t.Context(), anna, Op{Type: "Observation", JSON: fhirtest.Observation()}); !errs.Is(err, errs.Forbidden) {
			t.Fatal(err)
		}
		if err := s.audit.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		events, err := s.audit.Find(t.Context(), db, store.AuditFilter{Limit: 10})
		if err != nil || len(events) != 2 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		for i, want := range []string{`"outcome":"4"`, `Observation/o1/_history/1`} {
			if !strings.Contains(string(events[i].Body), want) {
				t.Errorf("no %s in %s", want, events[i].Body)
			}
		}
		mine, err := s.audit.Find(t.Context(), db, store.AuditFilter{Patient: int64(search.KeyOf("Patient", "p1")), Limit: 10})
		if err != nil || len(mine) != 1 {
			t.Errorf("%d events of the patient, %v", len(mine), err)
		}
	})
}

// A withdrawal that is committed between the decision and the write stops it.
func TestNoWriteSlipsInBehindAWithdrawal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		gone := map[string]bool{}
		s.withdrawn = func(_ context.Context, _ store.DB, patient string) (bool, error) { return gone[patient], nil }
		drafts := []Draft{{ID: "o1", JSON: fhirtest.Observation(fhirtest.ID("o1"))}}
		if err := s.Prepare(t.Context(), ingest, drafts); err != nil {
			t.Fatal(err)
		}
		gone["p1"] = true
		for name, actor := range map[string]access.Actor{"refused": ingest, "": access.Job("seed", "")} {
			again := []Draft{{ID: "o1", JSON: drafts[0].JSON}}
			for _, d := range [][]Draft{drafts, again} {
				if actor.ID == "seed" && d[0].ready != nil {
					continue // prepared for another actor
				}
				err := s.Write(t.Context(), actor, func(ctx context.Context, tx *Tx) error {
					_, err := tx.Put(ctx, d...)
					return err
				})
				if (name == "refused") != errs.Is(err, errs.Forbidden) {
					t.Errorf("%s: %v", actor.ID, err)
				}
			}
		}
	})
}
