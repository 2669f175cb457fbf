package browsertest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// download clicks a link that ends in a file and returns where that is.
func (b *tab) download(selector string) string {
	b.Helper()
	dir, done := b.TempDir(), make(chan browser.EventDownloadProgress, 16)
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	err := chromedp.ListenBrowser(ctx, func(event any) {
		if e, ok := event.(*browser.EventDownloadProgress); ok && e.State != browser.DownloadProgressStateInProgress {
			done <- *e
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	yes := true
	_, err = chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
		DownloadPath: dir, EventsEnabled: &yes,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.do(chromedp.Click(chromedp.CSS(selector)))
	select {
	case e := <-done:
		return filepath.Join(dir, e.GUID)
	case <-ctx.Done():
		b.Fatal("the file did not come")
		return ""
	}
}

// sealed holds a signed copy to what pdfsig of poppler says about its signature.
func (b *tab) sealed(file string) {
	b.Helper()
	raw, err := os.ReadFile(file)
	if err != nil || !bytes.HasPrefix(raw, []byte("%PDF-")) {
		b.Fatalf("not a PDF: %v", err)
	}
	if _, err := exec.LookPath("pdfsig"); err != nil {
		b.Log("pdfsig is not installed: the signature is not checked")
		return
	}
	out, err := exec.Command("pdfsig", file).CombinedOutput()
	if err != nil && !bytes.Contains(out, []byte("Signature #1")) {
		b.Fatalf("pdfsig: %v: %s", err, out)
	}
	for _, want := range []string{"Signature is Valid", "Total document signed"} {
		if !strings.Contains(string(out), want) {
			b.Errorf("pdfsig does not say %q: %s", want, out)
		}
	}
}
