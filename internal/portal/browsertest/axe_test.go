package browsertest

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axeSource reads axe-core, which goes into pages past their policy.
func axeSource(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TRIBUTARY_NODE_MODULES")
	if dir == "" {
		t.Log("TRIBUTARY_NODE_MODULES is not set: axe-core is left out")
		return ""
	}
	source, err := os.ReadFile(filepath.Join(dir, "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// excused are rules that a page may break, with the reason. The page of a pull
// looks again every few seconds: it asks for nothing that could be lost, and
// scrolls and focuses nothing.
var excused = map[string]string{"connections": `{"meta-refresh": {enabled: false}}`}

// audit asks for the rules of WCAG 2.0 to 2.2, levels A and AA.
const audit = `axe.run(document, {preload: false, resultTypes: ["violations"],
	rules: %s, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}).then(r => r.violations.map(v =>
	v.id + ": " + v.help + ": " + v.nodes.map(n => n.target + " " + n.failureSummary).slice(0, 3).join(" | ")))`

// accessible lets axe-core judge the page. It needs timers, so a tab that runs no
// scripts lets it run alone.
func (b *tab) accessible(name string) {
	b.Helper()
	if b.axe == "" {
		return
	}
	if !b.scripts {
		b.runScripts(true)
		defer b.runScripts(false)
	}
	ask[chromedp.Void](b, b.axe)
	if found := ask[[]string](b, fmt.Sprintf(audit, cmp.Or(excused[name], "{}")), chromedp.EvalAwaitPromise); len(found) > 0 {
		b.Errorf("axe-core:\n%s", strings.Join(found, "\n"))
	}
}
