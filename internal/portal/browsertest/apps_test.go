package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tributary/internal/exampleapp"
)

// opener launches the example app from the gallery, in two languages, narrows what
// it asks for, sees what it did, and takes its access back.
func (w *world) opener(t *testing.T, first context.Context) {
	b, p := w.open(t, first, "apps"), &w.people[3]
	if err := w.service.AddExample(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.signUp(p)
	b.confirm(p, "enroll")
	b.enroll(p)
	b.comes("app-closed", chromedp.Navigate(b.base+"/apps/connect"))
	b.status(403)
	b.visit("/home", "home")
	b.read()
	b.send("sign")
	b.agree(p)
	b.send("ehr")
	b.decide(p, "no")
	b.visit("/apps", "apps")
	b.visit("/apps/connect", "gallery")
	b.press(".language button", "gallery")
	b.tells("Conectar una aplicación")
	b.press(".language button", "gallery")
	b.launches(`[data-card="example"] button`, "authorize")
	b.press(".language button", "authorize")
	b.tells("Resultados de laboratorio")
	b.press(".language button", "authorize")
	b.do(chromedp.Click(chromedp.CSS(`input[name="group"][value="labs:r"]`)))
	b.launches(`button[value="approve"]`, "example")
	b.reads(p.name())
	if scope := ask[string](b, `document.getElementById("scope").textContent`); strings.Contains(scope, "laboratory") || !strings.Contains(scope, "vital-signs") || strings.Contains(scope, "patient/Observation.rs\n") {
		b.Errorf("granted %q", scope)
	}
	b.visit("/apps/connect", "gallery")
	b.launches(`[data-card="example"] button`, "example")
	b.reads(p.name())
	b.visit("/apps", "apps")
	b.press(`a[href="/apps/access/example"]`, "app")
	b.tells("Vital signs")
	b.visit("/apps/connect", "gallery")
	b.launches(`[data-card="example"] button`, "example")
	b.reads(p.name())
	b.beside().takesBack()
	b.do(chromedp.Click(chromedp.CSS("#again")))
	if b.ends("Done."); !strings.HasPrefix(ask[string](b, `document.getElementById("patient").textContent`), "Not shared") {
		b.Error("the app still reads with the token that it has")
	}
	b.visit("/apps/connect", "gallery")
	b.launches(`[data-card="example"] button`, "authorize")
	b.launches(`button[value="deny"]`, "example")
	b.ends("This did not work: the request was declined")
	b.silent()
}

// beside is another tab of the same browser, which runs no scripts.
func (b *tab) beside() *tab {
	b.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.Cleanup(cancel)
	other := &tab{T: b.T, world: b.world, ctx: ctx, story: b.story + "-plain", loaded: make(chan struct{}, 1)}
	if err := chromedp.Listen(ctx, other.hear); err != nil {
		b.Fatal(err)
	}
	other.do(desktop)
	other.runScripts(false)
	return other
}

// takesBack goes through the pages about apps without scripts: what one asks for, the
// gallery, who has seen the data, what it may do, and takes its access back.
func (b *tab) takesBack() {
	b.Helper()
	home := b.base + exampleapp.Path
	ask := url.Values{"response_type": {"code"}, "client_id": {"example"}, "redirect_uri": {home}, "scope": {"launch/patient patient/Patient.rs"}, "state": {"plain"},
		"aud": {b.base + "/fhir/R4"}, "code_challenge": {strings.Repeat("c", 43)}, "code_challenge_method": {"S256"}, "prompt": {"consent"}}
	b.visit("/auth/authorize?"+ask.Encode(), "authorize")
	b.visit("/apps/connect", "gallery")
	b.visit("/security/seen", "trail")
	b.tells("Example app")
	b.visit("/apps", "apps")
	b.press(`a[href="/apps/access/example"]`, "app")
	b.press(".danger", "apps")
	b.tells("Example app has no access any more.")
	b.silent()
}

// launches presses what leads through an app's pages to another page.
func (b *tab) launches(selector, want string) {
	b.Helper()
	select {
	case <-b.loaded:
	default: // no page has come unnoticed
	}
	b.do(chromedp.Click(chromedp.CSS(selector)))
	shown := fmt.Sprintf(`document.querySelector("main")?.dataset.page === %q`, want)
	for b.nextLoad(shown); !ask[bool](b, shown); {
		b.nextLoad(shown)
	}
	if want != "example" { // whose page is not the portal's
		b.shows(want)
	}
}

// ends waits for what the example app says at last.
func (b *tab) ends(want string) {
	b.Helper()
	said := ask[string](b, `new Promise(done => {
		const at = document.getElementById("status"), look = () => at.textContent.endsWith("…") ? setTimeout(look, 50) : done(at.textContent);
		look();
	})`, chromedp.EvalAwaitPromise)
	if said != want {
		b.Errorf("the app says %q, not %q", said, want)
	}
}

// reads wants the app to show the person.
func (b *tab) reads(name string) {
	b.Helper()
	b.ends("Done.")
	if shown := ask[string](b, `document.getElementById("patient").textContent`); shown != name {
		b.Errorf("the app shows %q, not %q", shown, name)
	}
}
