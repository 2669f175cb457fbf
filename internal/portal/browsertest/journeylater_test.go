package browsertest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary/config/program"
	"tributary/connectors/sandbox"
	"tributary/internal/app"
)

// isInvited reads the study's news and an invitation, and answers in each way.
func (b *tab) isInvited(staff *tab, patient string) {
	b.Helper()
	staff.staffed("researcher", "study", "staff", "cohort")
	staff.speaks(b.lang, "cohort")
	staff.visit("/staff/participants/"+patient, "participant")
	staff.visit("/staff/releases", "releases")
	staff.visit("/staff/news", "announce")
	staff.fill("title.en", "What we found", "text.en", "Sleep helps.", "title.es", "Lo que hallamos", "text.es", "Dormir ayuda.")
	staff.choosing("topic", "findings")
	staff.send("announce")
	staff.visit("/staff/invitations", "invitations")
	staff.press("button[value=send]", "invitations")
	staff.silent()
	b.visit("/news", "news")
	b.until(`document.querySelector('[data-topic="studies"]') !== null`)
	b.shows("news")
	b.press(`[data-topic="findings"] a`, "message")
	b.visit("/news", "news")
	b.press(`[data-topic="studies"] a`, "message")
	b.press(`a[href="/studies"].button`, "studies")
	for _, turn := range []struct{ answer, status string }{{"later", "candidate"}, {"yes", "eligible"}, {"leave", "withdrawn"}} {
		b.press(`button[value="`+turn.answer+`"]`, "studies")
		if got := ask[string](b, `document.querySelector("[data-study]").dataset.status`); got != turn.status {
			b.Errorf("after %s it is %s", turn.answer, got)
		}
	}
}

// losesAccess: the provider ends the access, and the participant mends it.
func (b *tab) losesAccess(p *person) {
	b.Helper()
	b.faults.Set(sandbox.Misbehaviour{TokenTTL: 1, EndAccess: true})
	b.visit("/connections", "connections")
	b.press(`form[action$="/retry"] button`, "connections")
	b.until(`document.querySelector("[data-connection]").dataset.reason === "refresh"`)
	b.shows("connections")
	b.faults.Set(sandbox.Misbehaviour{})
	b.press(`form[action$="/connect"] button`, "login")
	b.pick(p.record)
	b.until(`document.querySelector("[data-connection]").dataset.state === "complete"`)
	b.shows("connections")
}

// amend starts the service anew with a study whose consent has a second version.
func (w *world) amend(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, program.Files()); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "es"} {
		text, err := os.ReadFile(filepath.Join(dir, "consents", "research", "1.0."+lang+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		text = []byte(strings.NewReplacer(`version: "1.0"`, `version: "2.0"`, "2026-01-15", time.Now().Format(time.DateOnly)).Replace(string(text)))
		if err := os.WriteFile(filepath.Join(dir, "consents", "research", "2.0."+lang+".yaml"), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.stop()
	w.config.Program.Dir = dir
	service, err := app.NewService(context.Background(), w.config, app.Options{Logger: w.heard.logger()})
	if err != nil {
		t.Fatal(err)
	}
	if w.study, err = program.Load(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	w.service, w.stop = service, start(t, service)
}

// signsAgain is asked for once more, with the new text.
func (b *tab) signsAgain(p *person) {
	b.Helper()
	b.visit("/home", "home")
	if next := ask[string](b, `document.querySelector("[data-next]").dataset.next`); next != "renew:research" {
		b.Errorf("the next step is %s", next)
	}
	b.read()
	b.send("sign")
	if b.count(`[data-due="changed"]`) != 1 {
		b.Error("it is not told that the text has changed")
	}
	b.agree(p)
	b.send("home")
	b.visit("/documents", "documents")
	if n := b.count(`a[href$=".pdf"]`); n != 3 {
		b.Errorf("%d signed copies, not those of two consents and of the new text", n)
	}
}

// pauses stops taking part for a while, and comes back.
func (b *tab) pauses(p *person) {
	b.Helper()
	b.visit("/pause", "pause")
	b.send("pause")
	b.status(422)
	b.choose("confirm", "pause")
	b.fill("printed_name", p.name())
	b.send("home")
	b.press(`.note a[href="/pause"]`, "pause")
	b.send("home")
	b.task("connect", "open")
}

// leavesForGood withdraws; what was signed, and that the person left, stays to be read.
func (b *tab) leavesForGood(p *person) {
	b.Helper()
	b.visit("/withdraw", "withdraw")
	b.send("withdraw")
	b.status(422)
	b.choose("confirm", "withdraw")
	b.fill("printed_name", p.name())
	b.send("home")
	b.visit("/documents", "documents")
	for _, decision := range []string{"agree", "deactivate", "reactivate", "withdraw"} {
		if b.count(`[data-decision="`+decision+`"]`) == 0 {
			b.Errorf("that they decided %q is not listed", decision)
		}
	}
	if n := b.count(`a[href$=".pdf"]`); n != 4 {
		b.Errorf("%d signed copies, not one more with the receipt", n)
	}
	b.sealed(b.download(`a[href$=".pdf"]`)) // the newest: the receipt
}
