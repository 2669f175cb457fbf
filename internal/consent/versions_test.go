package consent_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tributary/config/program"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// amended is the default study with later versions of two kinds, and a kind that it
// does not have: a folder more, and no code.
func amended(t *testing.T) *program.Study {
	t.Helper()
	files := fstest.MapFS{}
	ok(t, fs.WalkDir(program.Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(program.Files(), name)
		files[name] = &fstest.MapFile{Data: body}
		return err
	}))
	write := func(from, to string, changes ...string) {
		files[to] = &fstest.MapFile{Data: []byte(strings.NewReplacer(changes...).Replace(string(files[from].Data)))}
	}
	for _, lang := range []string{"en", "es"} {
		for _, kind := range []string{"research", "results"} {
			first := "consents/" + kind + "/1.0." + lang + ".yaml"
			write(first, "consents/"+kind+"/1.1."+lang+".yaml", `version: "1.0"`, `version: "1.1"`, "change: major", "change: minor", "2026-01-15", "2026-04-01")
			write(first, "consents/"+kind+"/2.0."+lang+".yaml", `version: "1.0"`, `version: "2.0"`, "2026-01-15", "2026-06-01")
		}
		write("consents/results/1.0."+lang+".yaml", "consents/diary/1.0."+lang+".yaml", "id: results-consent", "id: diary-consent")
	}
	write("consents/results/kind.yaml", "consents/diary/kind.yaml", "order: 3", "order: 4", "DNA results", "Diary")
	study, err := program.Load(files)
	ok(t, err)
	return study
}

func eachAmended(t *testing.T, test func(t *testing.T, w *programtest.World, patient string)) {
	t.Helper()
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, s store.Store) {
		clock.Advance(programtest.NewClock().Now().Sub(clock.Now())) // each database from the same day
		w := programtest.NewStudy(t, s, clock, amended(t))
		test(t, w, w.Join(t, programtest.Ada))
	})
}

// until moves the clock to a day.
func until(t *testing.T, w *programtest.World, day string) {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	ok(t, err)
	w.Clock.Advance(at.Sub(w.Clock.Now()))
}

func due(t *testing.T, w *programtest.World, patient string) (kinds []consent.Kind) {
	t.Helper()
	all, err := w.Consent.Due(ctx, patient)
	ok(t, err)
	for _, d := range all {
		if d.Why != consent.Changed {
			t.Errorf("asked again because it is %s", d.Why)
		}
		kinds = append(kinds, d.Kind)
	}
	return kinds
}

// A minor change asks nobody. A major one asks again; until then the old signature
// permits what the kind says, and it stays on the text that was signed.
func TestReconsent(t *testing.T) {
	eachAmended(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		w.Clock.Advance(time.Minute)
		w.Agree(t, patient, "results", name)
		until(t, w, "2026-04-02")
		if kinds := due(t, w, patient); len(kinds) != 0 {
			t.Errorf("a minor change asks again: %v", kinds)
		}
		until(t, w, "2026-06-02")
		if kinds := due(t, w, patient); len(kinds) != 2 || kinds[0] != consent.Research || kinds[1] != "results" {
			t.Errorf("a major change asks again: %v", kinds)
		}
		if p := now(t, w, patient); !p.Research || p.Has("results") {
			t.Errorf("kept for a while, and suspended at once: %+v", p)
		}
		if err := w.Consent.Sign(ctx, signing(patient)); !errs.Is(err, errs.Conflict) {
			t.Errorf("the new text is signed unread: %v", err)
		}
		w.Agree(t, patient, consent.Research, name)
		events, err := w.Consent.Events(ctx, patient)
		ok(t, err)
		kind, _ := w.Study.Consent("research")
		for i, version := range map[int]string{0: "1.0", 2: "2.0"} {
			d, found := kind.Signed(events[i].DocumentHash)
			if !found || d.Version != version || events[i].Version() != version {
				t.Errorf("signature %d is on %v", i, d)
			}
		}
		if kinds := due(t, w, patient); len(kinds) != 1 {
			t.Errorf("still asked: %v", kinds)
		}
		if p := now(t, w, patient); !p.Research || !p.ResearchSince.Equal(events[0].At) {
			t.Errorf("the participation began anew: %+v", p)
		}
	})
}

func TestAnOldSignatureEndsWithItsGrace(t *testing.T) {
	eachAmended(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		until(t, w, "2026-08-29")
		if p := now(t, w, patient); !p.Research {
			t.Error("over before its grace")
		}
		until(t, w, "2026-09-01")
		if p := now(t, w, patient); p.Research {
			t.Error("it holds after its grace")
		}
	})
}

// A text that was replaced while its page was open is not signed.
func TestWhatIsSignedIsWhatWasShown(t *testing.T) {
	eachAmended(t, func(t *testing.T, w *programtest.World, patient string) {
		g := signing(patient)
		g.Shown, g.Language = w.Consent.Document(consent.Research, "es").Hash(), "es"
		until(t, w, "2026-06-02")
		w.Understand(t, patient, consent.Research)
		if err := w.Consent.Sign(ctx, g); !errs.Is(err, errs.Conflict) {
			t.Errorf("signed a text that was replaced: %v", err)
		}
		g.Shown = w.Consent.Document(consent.Research, "es").Hash()
		ok(t, w.Consent.Sign(ctx, g))
	})
}

// What was read in one language counts in the other.
func TestProgressIsInAnyLanguage(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Understand(t, patient, consent.Research) // in English
		g := signing(patient)
		g.Language = "es"
		ok(t, w.Consent.Sign(ctx, g))
		if events, err := w.Consent.Events(ctx, patient); err != nil || events[0].Language != "es" {
			t.Errorf("signed in %q (%v)", events[0].Language, err)
		}
	})
}

// A kind that no code knows is offered, signed, and taken back.
func TestAKindIsAFolder(t *testing.T) {
	eachAmended(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Understand(t, patient, "diary")
		g := signing(patient)
		g.Kind = "diary"
		if err := w.Consent.Sign(ctx, g); !errs.Is(err, errs.Conflict) {
			t.Errorf("signed before what it requires: %v", err)
		}
		w.Agree(t, patient, consent.Research, name)
		w.Clock.Advance(time.Minute)
		ok(t, w.Consent.Sign(ctx, g))
		if !now(t, w, patient).Has("diary") {
			t.Error("it does not hold")
		}
		w.Clock.Advance(time.Minute)
		ok(t, w.Consent.Revoke(ctx, patient, "diary"))
		if now(t, w, patient).Has("diary") {
			t.Error("it holds after it was taken back")
		}
		w.Agree(t, patient, "diary", name)
		w.Clock.Advance(time.Minute)
		ok(t, w.Consent.Withdraw(ctx, signing(patient)))
		if p := now(t, w, patient); p.Has("diary") || len(p.Given) != 0 {
			t.Errorf("something holds after leaving: %+v", p)
		}
		if all := found(t, w, "Consent", about(patient)); len(all) != 3 {
			t.Errorf("%d Consents", len(all))
		}
		for _, c := range found(t, w, "Consent", about(patient)) {
			if !strings.Contains(string(c.Body), `"status":"inactive"`) {
				t.Errorf("a Consent is active after leaving: %s", c.Body)
			}
		}
	})
}

// An authorization can be limited to providers, and is renewed before its end.
func TestAuthorizationsOfProvidersAndTheirEnd(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		g := signing(patient)
		g.Kind, g.Providers = consent.EHR, []string{"harbor"}
		w.Understand(t, patient, consent.EHR)
		ok(t, w.Consent.Sign(ctx, g))
		p := now(t, w, patient).Access()
		if !p.From("harbor") || p.From("elsewhere") {
			t.Errorf("the providers are %q", p.Providers)
		}
		end := now(t, w, patient).EHRUntil
		w.Clock.Advance(end.AddDate(0, 0, -91).Sub(w.Clock.Now()))
		if err := w.Consent.Sign(ctx, g); !errs.Is(err, errs.Conflict) {
			t.Errorf("renewed long before its end: %v", err)
		}
		w.Clock.Advance(2 * 24 * time.Hour)
		all, err := w.Consent.Due(ctx, patient)
		if err != nil || len(all) != 1 || all[0].Why != consent.Ending || !all[0].Before.Equal(end) {
			t.Errorf("before its end: %v, %v", all, err)
		}
		ok(t, w.Consent.Sign(ctx, g))
		if p := now(t, w, patient); !p.EHRUntil.After(end) {
			t.Errorf("renewed until %v", p.EHRUntil)
		}
	})
}
