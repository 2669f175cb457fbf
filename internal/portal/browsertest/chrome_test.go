package browsertest

import (
	"context"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

type step = chromedp.Action[chromedp.Void]

// patience is how long any one step may take.
const patience = 30 * time.Second

// chrome starts Chromium and returns the context of its first tab. Tests with a browser
// run beside each other, as many as there are processors: each has a world of its own,
// and waits a good part of its time. So it is the first that a test calls.
func chrome(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv("TRIBUTARY_TEST_CHROMIUM")
	if path == "" {
		t.Skip("TRIBUTARY_TEST_CHROMIUM does not name a browser")
	}
	t.Parallel()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en-US"), chromedp.WSURLReadTimeout(patience))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium at %s does not start: %v", path, err)
	}
	return ctx
}

// tab is one person's browser: its cookies are its own.
type tab struct {
	*testing.T
	*world
	ctx     context.Context
	story   string // names the screenshots
	scripts bool   // whether pages may run any
	lang    string // in which the person reads; "" is English
	small   bool   // the person has a phone and nothing else
	owner   *person
	proved  time.Time // when the owner last gave a second factor
	last    *network.Response
	loaded  chan struct{}
	mu      sync.Mutex
	asked   []string // addresses of this service
}

// open makes a tab with a fresh set of cookies.
func (w *world) open(t *testing.T, parent context.Context, story string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{T: t, world: w, ctx: ctx, story: story, scripts: true, loaded: make(chan struct{}, 1)}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	b.do(desktop)
	return b
}

// hear notes what is asked for, and that a page has come.
func (b *tab) hear(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.mu.Lock()
		defer b.mu.Unlock()
		if strings.HasPrefix(e.Request.URL, b.base) {
			b.asked = append(b.asked, e.Request.URL)
		}
	case *page.EventLoadEventFired:
		select {
		case b.loaded <- struct{}{}:
		default: // one that waits is enough
		}
	}
}

var (
	desktop = chromedp.EmulateViewport(1280, 800)
	phone   = chromedp.EmulateViewport(360, 780)
)

// runScripts says whether pages may run scripts from now on.
func (b *tab) runScripts(may bool) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !may})
	if err != nil {
		b.Fatal(err)
	}
}

// plainly goes a part of the way without scripts.
func (b *tab) plainly(part func()) {
	b.Helper()
	b.scripts = false
	b.runScripts(false)
	part()
	b.runScripts(true)
	b.scripts = true
}

func (b *tab) do(steps ...step) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.Fatalf("on page %q: %v", b.where(), err)
	}
}

// ask evaluates an expression, past the pages' policy, as DevTools do.
func ask[T any](b *tab, expression string, options ...chromedp.EvaluateOption) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		b.Fatalf("on page %q: %.80s: %v", b.where(), expression, err)
	}
	return v
}

// comes runs steps that lead to another page, and looks at that.
func (b *tab) comes(want string, steps ...step) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	var err error
	if b.last, err = chromedp.RunResponse(ctx, steps...); err != nil {
		b.Fatalf("on the way from %q to %q: %v", b.where(), want, err)
	}
	b.shows(want)
}

// shows holds the page to its name and looks at it. A page that would soon look
// again by itself is made to stay.
func (b *tab) shows(want string) {
	b.Helper()
	ask[chromedp.Void](b, "window.stop()")
	got := ask[string](b, `document.querySelector("main")?.dataset.page ?? document.title`)
	if got == "factor" && got != want && b.late() {
		b.proves(want)
		return
	}
	if got != want {
		b.Fatalf("page %q (%s) is shown, not %q: %s", got, b.where(), want, ask[string](b, `document.querySelector("main")?.innerText ?? ""`))
	}
	b.look(want)
}

// visit goes to an address of the service.
func (b *tab) visit(path, want string) {
	b.Helper()
	b.comes(want, chromedp.Navigate(b.base+path))
}

func (b *tab) count(selector string) int {
	b.Helper()
	return ask[int](b, `document.querySelectorAll('`+selector+`').length`)
}

// where is the page's path, without what an address may carry.
func (b *tab) where() string {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	location, err := chromedp.Run(ctx, chromedp.Location())
	if u, failed := url.Parse(location); err == nil && failed == nil {
		return u.Path
	}
	return "unknown"
}

// until waits for a condition on a page that looks again by itself, from a reload on.
func (b *tab) until(condition string) {
	b.Helper()
	select {
	case <-b.loaded:
	default: // no page has come unnoticed
	}
	b.do(chromedp.Reload())
	b.nextLoad(condition)
	for !ask[bool](b, condition) {
		b.nextLoad(condition)
	}
}

func (b *tab) nextLoad(hoped string) {
	b.Helper()
	select {
	case <-b.loaded:
	case <-time.After(patience):
		b.Fatalf("%s did not come true on %q: %s", hoped, b.where(), ask[string](b, "document.body.innerText"))
	}
}
