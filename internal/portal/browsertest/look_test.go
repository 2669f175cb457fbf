package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// screenFolder is where the screenshots go.
func screenFolder(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TRIBUTARY_SCREENS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "out", "screens")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// heaviest is the most that a page may weigh with all that it loads, in bytes.
const heaviest = 60 << 10

// seen is what a page tells about itself.
type seen struct {
	Weight   int
	Bare     []string // controls without a label
	Faceless []string // what shows no keyboard focus
}

// look holds the page that is shown to what every page must be. What the same
// page looks like is not asked twice.
func (b *tab) look(name string) {
	b.Helper()
	b.Run(name, func(t *testing.T) {
		outer := b.T
		b.T = t
		defer func() { b.T = outer }()
		b.headers()
		b.cookies()
		visited.note(ask[string](b, `document.querySelector("main")?.dataset.page ?? ""`), b.count("script") > 0, b.scripts)
		if shown := ask[string](b, "document.body.outerHTML"); !b.looked[shown] {
			b.looked[shown] = true
			b.sideways(phone, name, "360")
			b.accessible(name)
			if !b.small {
				b.sideways(desktop, name, "1280")
			}
			b.inspect()
		}
	})
}

// inspect asks the page about its weight, labels and focus.
func (b *tab) inspect() {
	b.Helper()
	b.do(chromedp.KeyEvent(kb.Tab))
	s := ask[seen](b, inspection)
	if s.Weight > heaviest || s.Weight == 0 {
		b.Errorf("it weighs %d bytes", s.Weight)
	}
	if len(s.Bare) > 0 {
		b.Errorf("controls without a label: %s", strings.Join(s.Bare, ", "))
	}
	if len(s.Faceless) > 0 {
		b.Errorf("no visible focus on: %s", strings.Join(s.Faceless, ", "))
	}
}

// inspection runs after a press of the tab key, so that focus counts as the keyboard's.
const inspection = `(() => {
	const name = e => e.tagName.toLowerCase() + (e.name ? "[" + e.name + "]" : " " + e.innerText.slice(0, 30));
	const shown = e => e.checkVisibility() && e.getClientRects().length > 0;
	const controls = [...document.querySelectorAll("input:not([type=hidden]), select, textarea")];
	const reachable = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, [tabindex='0']")].filter(shown);
	const faceless = reachable.filter(e => {
		e.focus({preventScroll: true});
		const s = getComputedStyle(e);
		return document.activeElement !== e || s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 1;
	});
	document.activeElement.blur();
	return {
		Weight: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].reduce((n, e) => n + e.decodedBodySize, 0),
		Bare: controls.filter(e => !e.labels.length && !e.ariaLabel).map(name),
		Faceless: faceless.map(name),
	};
})()`

// headers holds the answer to the policy of its site.
func (b *tab) headers() {
	b.Helper()
	policy, _ := b.last.Headers["Content-Security-Policy"].(string)
	for _, part := range []string{"default-src", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			b.Errorf("the Content-Security-Policy %q has no %s", policy, part)
		}
	}
	scripts := "script-src 'none'"
	if b.count("script") > 0 {
		scripts = "script-src 'self';"
	}
	if b.ours() && !strings.Contains(policy, scripts) {
		b.Errorf("scripts are not held to %s: %q", scripts, policy)
	}
}

// ours reports whether the page is the portal's, not the provider's.
func (b *tab) ours() bool { return strings.HasPrefix(b.last.URL, b.base) }

// sideways takes the screenshot of one width, at which nothing may stick out.
func (b *tab) sideways(size step, name, width string) {
	b.Helper()
	b.do(size)
	if over := ask[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		wide := ask[string](b, `[...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + "." + e.className).slice(0, 5).join(" ")`)
		b.Errorf("at %s pixels it scrolls sideways by %d: %s", width, over, wide)
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.Fatal(err)
	}
	file := fmt.Sprintf("%s-%s-%s.png", b.story, strings.ReplaceAll(b.Name()[strings.LastIndex(b.Name(), "/")+1:], "#", "-"), width)
	if err := os.WriteFile(filepath.Join(b.screens, file), picture, 0o644); err != nil {
		b.Fatal(err)
	}
}

// sessions are the cookies that the service may set.
// and the tokens by which a browser, or a sign-in elsewhere, is known again.
var sessions = map[string]bool{"tributary": true, "tributary_staff": true, "tributary_device": true, "tributary_signin": true, "tributary_language": true}

// cookies holds what is kept in the browser to the session's random token.
func (b *tab) cookies() {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	all, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{b.base}})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range all.Cookies {
		if !sessions[c.Name] || !c.HTTPOnly || c.SameSite == "" || c.SameSite == network.CookieSameSiteNone {
			b.Errorf("the cookie %s: HttpOnly %v, SameSite %q", c.Name, c.HTTPOnly, c.SameSite)
		}
		b.saysNothing("the cookie "+c.Name, c.Value)
	}
}

// silent checks every address that this tab has asked the service for.
func (b *tab) silent() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.asked) == 0 {
		b.Error("no address was noted")
	}
	for _, address := range b.asked {
		b.saysNothing("the address "+address, address)
	}
}

func (b *tab) saysNothing(what, text string) {
	b.Helper()
	for _, p := range b.people {
		for _, word := range p.says() {
			if word != "" && strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
				b.Errorf("%s tells something about a person", what)
			}
		}
	}
}
