package check_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/check"
	"tributary/internal/records"
	"tributary/internal/reindex"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const base = "http://127.0.0.1/fhir/R4"

// nobody has consented to anything, and there are no Groups.
type nobody struct{}

func (nobody) Permissions(context.Context, string) (access.Permissions, error) {
	return access.Permissions{}, nil
}
func (nobody) Withdrawn(context.Context) ([]string, error)       { return nil, nil }
func (nobody) Members(context.Context, string) ([]string, error) { return nil, nil }

// filled is a store with resources, versions, deletions and audit events.
func filled(t *testing.T, db store.Store) *reindex.Service {
	t.Helper()
	ids := search.NewIDs(1, time.Now)
	events := audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
	registry := search.Live()
	index := reindex.New(reindex.Config{Store: db, Registry: registry, Base: base, Owner: "a", Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	must(t, index.Open(t.Context()))
	service := records.New(records.Config{
		Store: db, Policy: &access.Policy{Consents: nobody{}, Groups: nobody{}, Registry: registry}, Audit: events, IDs: ids, Registry: registry, BaseURL: base,
	})
	scopes, err := access.ParseScopes("system/*.cruds")
	must(t, err)
	actor := access.Actor{Role: access.Maintenance, ID: "c", Client: "c", Scopes: scopes}
	seed := access.Actor{Role: access.System, ID: "seed", Unscoped: true}
	for _, n := range []int{600, 100} { // more than a page, and second versions of some
		drafts := make([]records.Draft, n)
		for i := range drafts {
			id := fmt.Sprintf("p%d", i)
			drafts[i] = records.Draft{Type: "Patient", ID: id, JSON: fmt.Appendf(nil,
				`{"resourceType":"Patient","id":"%s","gender":"other","birthDate":"19%02d-01-01","name":[{"family":"Canary"}]}`, id, (i+n)%90+10)}
		}
		must(t, service.Write(t.Context(), seed, func(ctx context.Context, tx *records.Tx) error {
			_, err := tx.Put(ctx, drafts...)
			return err
		}))
	}
	for _, id := range []string{"p5", "p6"} {
		_, err := service.Delete(t.Context(), actor, records.Op{Type: "Patient", ID: id})
		must(t, err)
	}
	must(t, events.Close(context.Background()))
	return index
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, db store.Store) *check.Report {
	t.Helper()
	r, err := check.Run(t.Context(), check.Options{Store: db, Registry: search.Base(), Base: base})
	must(t, err)
	for _, f := range r.Faults {
		if strings.Contains(fmt.Sprint(f), "Canary") {
			t.Errorf("a fault tells of the content: %+v", f)
		}
	}
	return r
}

func key(id string) int64 { return int64(search.KeyOf("Patient", id)) }

// Each kind of damage is found, by its kind and at its resource, and nothing else is.
func TestDamageIsFound(t *testing.T) {
	family, _ := search.Base().Lookup("Patient", "family")
	gender, _ := search.Base().Lookup("Patient", "gender")
	for name, c := range map[string]struct {
		damage string
		args   []any
		want   map[check.Kind]int64
		at     string // resource or parameter of the first fault
	}{
		"none":               {`SELECT 1`, nil, nil, ""},
		"a row is lost":      {`DELETE FROM idx_string WHERE param=$1 AND key=$2`, []any{family.Number, key("p1")}, map[check.Kind]int64{check.MissingRow: 1}, "Patient.family"},
		"a row too many":     {`INSERT INTO idx_token (param, hash, key) VALUES ($1, 7, $2)`, []any{gender.Number, key("p1")}, map[check.Kind]int64{check.ExtraRow: 1}, "p1"},
		"a row of nothing":   {`INSERT INTO idx_reference (param, target, key) VALUES ($1, 7, 8)`, []any{gender.Number}, map[check.Kind]int64{check.ExtraRow: 1}, "Patient.gender"},
		"another value":      {`UPDATE idx_date SET lo=lo-1 WHERE key=$1 AND param<>0 AND lo=(SELECT MIN(lo) FROM idx_date WHERE key=$1)`, []any{key("p1")}, map[check.Kind]int64{check.ExtraRow: 1, check.MissingRow: 1}, ""},
		"a version is lost":  {`DELETE FROM history WHERE key=$1 AND version=1`, []any{key("p1")}, map[check.Kind]int64{check.History: 1}, "p1"},
		"a phantom":          {`INSERT INTO history (key, version, updated, deleted, method, body) SELECT key, 9, updated, 0, 'PUT', body FROM resource WHERE key=$1`, []any{key("p300")}, map[check.Kind]int64{check.History: 2, check.Mismatch: 1}, "p300"},
		"a stray version":    {`INSERT INTO history (key, version, updated, deleted, method, body) SELECT 99, 1, updated, 1, 'PUT', '' FROM resource WHERE key=$1`, []any{key("p300")}, map[check.Kind]int64{check.History: 1}, ""},
		"broken JSON":        {`UPDATE resource SET body=$2 WHERE key=$1`, []any{key("p2"), []byte(`{"resourceType":`)}, map[check.Kind]int64{check.Unreadable: 1}, "p2"},
		"another id":         {`UPDATE resource SET id='nobody' WHERE key=$1`, []any{key("p300")}, map[check.Kind]int64{check.Mismatch: 2, check.ExtraRow: 1, check.MissingRow: 1}, "nobody"},
		"another time":       {`UPDATE resource SET updated=updated+5000 WHERE key=$1`, []any{key("p300")}, map[check.Kind]int64{check.Mismatch: 1}, "p300"},
		"a write is undone":  {`DELETE FROM resource WHERE key=$1`, []any{key("p6")}, map[check.Kind]int64{check.History: 2, check.Audit: 2}, ""},
		"an event is broken": {`UPDATE audit_event SET facts=$1 WHERE key=(SELECT MAX(key) FROM audit_event)`, []any{[]byte(`{`)}, map[check.Kind]int64{check.Audit: 1}, ""},
		"nobody reindexes":   {`UPDATE search_state SET generation=0`, nil, map[check.Kind]int64{check.Work: 1}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db store.Store) {
				filled(t, db)
				if !strings.HasPrefix(c.damage, "SELECT") {
					n, err := db.Exec(t.Context(), c.damage, c.args...)
					if must(t, err); n == 0 {
						t.Fatal("nothing is damaged")
					}
				}
				r := run(t, db)
				got := maps.Clone(r.Counts)
				if name == "broken JSON" { // whose index rows nothing accounts for
					delete(got, check.ExtraRow)
				}
				if !maps.Equal(got, c.want) && len(got)+len(c.want) > 0 {
					t.Errorf("found %v: %+v", r.Counts, r.Faults)
				}
				if f := r.Faults; c.at != "" && len(f) > 0 && f[0].ID != c.at && f[0].Param != c.at {
					t.Errorf("the first fault is %+v", f[0])
				}
				if r.Resources < 599 || r.Versions < 100 || r.Events == 0 || r.Rows == 0 {
					t.Errorf("not all was looked at: %+v", r)
				}
			})
		})
	}
}

func TestIndexRowsAreRepaired(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		index := filled(t, db)
		for _, damage := range []string{
			`DELETE FROM idx_string WHERE key > 0`, `UPDATE idx_date SET hi = hi + 1 WHERE key < 0`, `INSERT INTO idx_token (param, hash, key) VALUES (5, 5, 5)`,
		} {
			if _, err := db.Exec(t.Context(), damage); err != nil {
				t.Fatal(err)
			}
		}
		r := run(t, db)
		if len(r.Extra) == 0 || len(r.Incomplete) == 0 {
			t.Fatalf("%v", r.Counts)
		}
		added, dropped, err := index.Repair(t.Context(), r.Incomplete, r.Extra)
		must(t, err)
		if added != r.Counts[check.MissingRow] || dropped != r.Counts[check.ExtraRow] {
			t.Errorf("%d rows added, %d dropped; found were %v", added, dropped, r.Counts)
		}
		if r := run(t, db); !r.Clean() {
			t.Errorf("afterwards %+v", r.Faults[:min(3, len(r.Faults))])
		}
	})
}

func TestTheListOfFaultsIsBounded(t *testing.T) {
	db := storetest.SQLite(t, storetest.Options{})
	filled(t, db)
	if _, err := db.Exec(t.Context(), `DELETE FROM idx_token`); err != nil {
		t.Fatal(err)
	}
	r, err := check.Run(t.Context(), check.Options{Store: db, Registry: search.Base(), Base: base, Most: 10})
	must(t, err)
	if len(r.Faults) != 10 || !r.More || r.Counts[check.MissingRow] < 500 {
		t.Errorf("%d faults are listed of %v", len(r.Faults), r.Counts)
	}
}

// What is no R4 any more is found where it is asked for, without being quoted.
func TestValidityIsChecked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		filled(t, db)
		damaged := []byte(`{"resourceType":"Patient","id":"p1","gender":"Canary"}`)
		if n, err := db.Exec(t.Context(), `UPDATE resource SET body=$2 WHERE key=$1`, key("p1"), damaged); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if r := run(t, db); r.Counts[check.Invalid] != 0 {
			t.Errorf("without being asked for: %+v", r.Faults)
		}
		r, err := check.Run(t.Context(), check.Options{Store: db, Registry: search.Base(), Base: base, Validity: true})
		must(t, err)
		if r.Counts[check.Invalid] != 1 {
			t.Errorf("found %v", r.Counts)
		}
		for _, f := range r.Faults {
			if f.Kind == check.Invalid && (f.ID != "p1" || f.Detail != "Patient.gender: not a code of the required value set") {
				t.Errorf("got %+v", f)
			}
		}
	})
}
