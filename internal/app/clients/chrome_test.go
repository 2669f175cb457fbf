package clients

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// screen is a person's Chromium, with cookies of its own.
type screen struct {
	*person
	ctx context.Context
}

// chrome starts Chromium for a person who is not signed in there.
func (p *person) chrome() *screen {
	p.Helper()
	path := os.Getenv("TRIBUTARY_TEST_CHROMIUM")
	if path == "" {
		p.Skip("TRIBUTARY_TEST_CHROMIUM does not name a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(p.TempDir()), chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(patience))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	p.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	p.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		p.Fatalf("Chromium at %s does not start: %v", path, err)
	}
	return &screen{p, ctx}
}

// ask evaluates an expression on the page.
func ask[T any](s *screen, expression string, options ...chromedp.EvaluateOption) T {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		s.Fatalf("%.80s: %v", expression, err)
	}
	return v
}

// goes does what leads to another page, or to where nobody listens.
func (s *screen) goes(steps ...chromedp.Action[chromedp.Void]) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, steps...); err != nil && !strings.Contains(err.Error(), "ERR_CONNECTION_REFUSED") {
		s.Fatalf("from %s: %v", s.where(), err)
	}
}

func (s *screen) opens(address string) { s.Helper(); s.goes(chromedp.Navigate(address)) }

// where is what the address bar shows.
func (s *screen) where() string {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	history, err := chromedp.Call(ctx, page.GetNavigationHistory, cdp.Empty{})
	if err != nil {
		s.Fatal(err)
	}
	return history.Entries[history.CurrentIndex].URL
}

// answers are what the person does on a page of the portal, by its name: what to
// type where, and what to press.
var answers = map[string]struct {
	field string
	text  func(*screen) string
	press string
}{
	"signin":    {"email", func(s *screen) string { return s.email }, "main form .actions button"},
	"confirm":   {"code", func(s *screen) string { return s.mailed(s.email) }, "main form .actions button"},
	"factor":    {"code", (*screen).nextCode, "main form .actions button"},
	"authorize": {press: `button[name="decision"][value="approve"]`},
	"gallery":   {press: `[data-card="my-chart"] button`},
}

// nextCode is what the authenticator shows next. A code is good once, and the one of
// now was used to join.
func (s *screen) nextCode() string {
	s.Helper()
	return s.code(time.Now().Add(30 * time.Second))
}

// agrees signs in and allows what is asked, page after page, until the browser is
// not at the service any more; where it is then.
func (s *screen) agrees() string {
	s.Helper()
	for range 10 {
		at := s.where()
		if !strings.HasPrefix(at, s.base+"/") {
			return at
		}
		name := ask[string](s, `document.querySelector("main")?.dataset.page ?? document.title`)
		answer, known := answers[name]
		if !known {
			s.Fatalf("page %q (%s) is shown: %s", name, at, ask[string](s, "document.body.innerText"))
		}
		if answer.field != "" {
			s.types(answer.field, answer.text(s))
		}
		s.goes(chromedp.Click(chromedp.CSS(answer.press)))
	}
	s.Fatalf("the portal goes round in circles: %s", s.where())
	return ""
}

func (s *screen) types(field, text string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	ask[string](s, fmt.Sprintf(`document.querySelector('main [name="%s"]').value = ""`, field))
	if err := chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS(fmt.Sprintf(`main [name="%s"]`, field)), text)); err != nil {
		s.Fatal(err)
	}
}

// leaves waits until a page's script has led the browser elsewhere, or says that it
// failed. While one page makes room for another, no question is answered.
func (s *screen) leaves(address string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	const moved = `[location.href, document.title, document.readyState]`
	for {
		at, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](moved))
		switch {
		case err == nil && at[0] != address && at[2] == "complete":
			return
		case err == nil && at[1] == "failed":
			s.Fatalf("the app says %v", ask[map[string]any](s, "window.done", chromedp.EvalAwaitPromise))
		}
		select {
		case <-ctx.Done():
			s.Fatalf("the browser stays at %s: %v", address, err)
		case <-time.After(50 * time.Millisecond): // another program's pace
		}
	}
}
