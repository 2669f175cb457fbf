package app

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/ingest"
	"tributary/internal/portal/providers"
	"tributary/internal/portal/staff"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// constants are the text constants of a file whose name, or type, begins with the word.
func constants(t *testing.T, word string, path ...string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(append([]string{"..", ".."}, path...)...), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		typ, _ := spec.Type.(*ast.Ident)
		value, _ := spec.Values[0].(*ast.BasicLit)
		if value != nil && (strings.HasPrefix(strings.ToLower(spec.Names[0].Name), word) || typ != nil && strings.ToLower(typ.Name) == word) {
			if out[spec.Names[0].Name], err = strconv.Unquote(value.Value); err != nil {
				t.Error(err)
			}
		}
		return true
	})
	if len(out) == 0 {
		t.Fatalf("there are no such constants in %v", path)
	}
	return out
}

// Every code that a connection or a type can end with has a sentence of its own.
func TestEveryReasonHasWords(t *testing.T) {
	for _, file := range []struct{ word, dir, name string }{
		{"failure", "connectors", "connectors.go"}, {"reason", "internal/ingest", "status.go"}, {"reason", "internal/ingest", "failure.go"},
	} {
		for name, code := range constants(t, file.word, file.dir, file.name) {
			if text := (providers.Type{Reason: code}).Why(); text == (providers.Type{Reason: "nothing"}).Why() || text == "" {
				t.Errorf("%s: a type that is missing for %s (%q) has no words", file.name, name, code)
			}
		}
	}
	codes := constants(t, "reason", "internal", "ingest", "stop.go")
	codes["Accepted"] = ingest.Accepted
	for name, code := range codes {
		own, none := providers.Connection{Reason: code}, providers.Connection{Reason: "nothing"}
		if own.Why() == none.Why() || (staff.Held{Cause: code}).StaffWhy() == (staff.Held{Cause: "nothing"}).StaffWhy() {
			t.Errorf("a connection that is as it is because of %s (%q) has no words for the participant, or none for staff", name, code)
		}
	}
	for name, code := range constants(t, "reason", "internal", "portal", "providers", "words.go") {
		if (providers.Connection{Reason: code}).Why() == (providers.Connection{Reason: "nothing"}).Why() {
			t.Errorf("%s has no words", name)
		}
	}
}

func TestStatesOfConnections(t *testing.T) {
	done, partial := store.Pull{State: store.PullDone}, store.Pull{State: store.PullPartial}
	active := store.Connection{State: store.ConnectionActive}
	aside := []ingest.TypeStatus{{Type: "Goal", Stored: 2, Quarantined: 1, State: store.QueryDone}}
	for name, c := range map[string]struct {
		status        ingest.Status
		state, reason string
	}{
		"complete":    {ingest.Status{Connection: active, Pull: done}, "complete", ""},
		"set aside":   {ingest.Status{Connection: active, Pull: done, Types: aside}, "partial", providers.ReasonSetAside},
		"missing":     {ingest.Status{Connection: active, Pull: partial, Types: aside}, "partial", providers.ReasonMissing},
		"not begun":   {ingest.Status{Connection: active}, "waiting", ""},
		"under way":   {ingest.Status{Connection: active, Pull: store.Pull{State: store.PullRunning}, Types: aside}, "running", ""},
		"held":        {ingest.Status{Connection: store.Connection{State: store.ConnectionHeld, Reason: "x"}, Pull: done}, "held", "x"},
		"access gone": {ingest.Status{Connection: store.Connection{State: store.ConnectionLapsed, Reason: "x"}, Pull: done}, "failed", "x"},
	} {
		if state, reason := stateOf(c.status); state != c.state || reason != c.reason {
			t.Errorf("%s: %q because of %q", name, state, reason)
		}
	}
}

// The trail has who decided what; the reason, which may name somebody else, is
// not in what the participant reads.
func TestDecisionsAreAudited(t *testing.T) {
	s := service(t, t.TempDir())
	ctx, patient := context.Background(), member(t, s).Patient
	held := store.Connection{ID: "c1", Patient: patient, Provider: "harbor", State: store.ConnectionHeld, Reason: ingest.ReasonDemographics,
		Held: ingest.ReasonDemographics, Credentials: []byte{}, Identity: "i1", Created: s.Now(), Updated: s.Now()}
	if err := (tables.Connections{}).Add(ctx, s.store, held); err != nil {
		t.Fatal(err)
	}
	kim := access.Actor{Role: access.StudyStaff, ID: "kim", Unscoped: true, Purpose: "HOPERAT"}
	list, err := (connections{s}).Held(ctx, kim)
	if err != nil || len(list) != 1 || list[0].Ours.BirthDate != "1980-12-31" || list[0].Cause != ingest.ReasonDemographics {
		t.Fatalf("staff see %+v, %v", list, err)
	}
	if err := (connections{s}).Decide(ctx, kim, "c1", false, "it is Wilma's"); err != nil {
		t.Fatal(err)
	}
	if err := s.audit.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	of := func(f store.AuditFilter) (texts []string) {
		f.Limit = 100
		events, err := s.audit.Find(ctx, s.store, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if strings.Contains(string(e.Body), `"kim"`) {
				texts = append(texts, string(e.Body))
			}
		}
		return texts
	}
	has := func(events []string, text string) bool {
		return slices.ContainsFunc(events, func(e string) bool { return strings.Contains(e, text) })
	}
	own, all := of(store.AuditFilter{Patient: int64(search.KeyOf("Patient", patient))}), of(store.AuditFilter{})
	if !has(own, "the held connection c1 was refused") || !has(own, `"code":"read"`) || has(own, "Wilma") || !has(all, "was refused: it is Wilma's") {
		t.Errorf("the participant reads %v; all are %v", own, all)
	}
}
