package browsertest

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"tributary/config"
)

// kinds is a survey with every type of item.
//
//go:embed testdata/kinds.json
var kinds []byte

// asking makes the service ask that survey, too: a program like ours with one more file.
func asking(t *testing.T) func(*config.Config) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "..", "config", "program"))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "surveys", "kinds.json"), kinds, 0o600); err != nil {
		t.Fatal(err)
	}
	return func(c *config.Config) { c.Program.Dir, c.BaseURL = dir, atName(c.BaseURL) }
}

// TestSurveys has somebody answer a survey with every type of item, in English with
// scripts and in Spanish without, go away in its middle, and correct it.
func TestSurveys(t *testing.T) {
	first := chrome(t)
	w := newWorld(t, asking(t))
	b, p := w.open(t, first, "surveys"), &w.people[0]
	b.join(p)
	b.read()
	b.send("sign")
	b.agree(p)
	b.send("ehr")
	b.decide(p, "no")
	b.visit("/surveys", "surveys")
	b.kinds()
	b.changes()
	b.inTwoBrowsers(first, p)
	b.visit("/surveys/kinds", "survey")
	b.scripts = false
	b.runScripts(false)
	b.speaks("es", "survey")
	b.press(`form button[name="begin"]`, "survey-review")
	b.press(`a[href="/surveys/kinds/sections/1?change=yes"]`, "survey-section")
	b.typed("40")
	b.send("survey-review")
	b.send("survey")
	b.tells("Gracias")
	b.tells("Cambiado")
	b.visit("/surveys", "surveys")
	b.visit("/surveys/basics", "survey")
	b.press(`form button[name="begin"]`, "survey-review")
	b.visit("/surveys/basics/all", "survey-section")
	b.fill("q.household", "")
	b.send("survey-section")
	b.status(422)
	b.tells("Por favor responda")
	b.silent()
}

// put gives fields their value at once, for controls that are typed into in a way of
// their own: pairs of name and value.
func (b *tab) put(pairs ...string) {
	b.Helper()
	for i := 0; i < len(pairs); i += 2 {
		ask[chromedp.Void](b, fmt.Sprintf(`(e => { e.value = %q })(document.querySelector('[name="%s"]'))`, pairs[i+1], pairs[i]))
	}
}

// shownItem reports whether an item is to be seen.
func (b *tab) shownItem(link string) bool {
	b.Helper()
	return ask[bool](b, fmt.Sprintf(`document.querySelector('[data-item="%s"]')?.checkVisibility() ?? false`, link))
}

// kinds goes through the survey; its first page comes back with its faults.
func (b *tab) kinds() {
	b.Helper()
	b.visit("/surveys/kinds", "survey")
	b.press(`form button[name="begin"]`, "survey-section")
	b.fill("q.integer", "many", "q.decimal", "7,5")
	b.send("survey-section")
	b.status(422)
	if got := ask[string](b, `document.querySelector('[name="q.integer"]').value`); got != "many" {
		b.Errorf("what was typed comes back as %q", got)
	}
	b.typed("39")
	b.send("survey-section")
	b.chosen()
	b.send("survey-section")
	b.repeated()
	b.send("survey-section")
	b.upload()
	b.send("survey-review")
	b.tells("Rotterdam")
	b.tells("19.5")
	b.send("survey")
	b.tells("Thank you")
}

// typed fills in what is typed.
func (b *tab) typed(number string) {
	b.Helper()
	b.fill("q.integer", number, "q.decimal", "19.50", "q.quantity", "70", "q.string", "A line", "q.text", "Two\nlines", "q.url", "https://example.org/page")
	b.put("q.quantity.unit", "[lb_av]", "q.date", "2024-02-29", "q.moment", "2024-07-01", "q.moment.time", "14:30", "q.time", "07:05")
}

// chosen chooses, and sees what a choice opens.
func (b *tab) chosen() {
	b.Helper()
	if b.shownItem("opened") {
		b.Error("a question is to be seen before the choice that opens it")
	}
	b.choose("q.boolean", "true", "q.choice", "b", "q.several", "a", "q.several", "c", "q.open", "_other", "q.place", "Location/harbor-clinic")
	if !b.shownItem("opened") {
		b.Error("a choice does not open its question")
	}
	b.fill("q.open.other", "Rotterdam", "q.opened", "because")
	b.put("q.list", "female")
}

// repeated adds an instance and an answer, and takes one away.
func (b *tab) repeated() {
	b.Helper()
	b.fill("q.name~0", "Aspirin", "q.dose~0", "100", "q.alias", "one")
	b.press(`button[name="_more"][value="q.medicine"]`, "survey-section")
	b.fill("q.name~1", "Ibuprofen", "q.dose~1", "200")
	b.press(`button[name="_more"][value="q.alias"]`, "survey-section")
	if n := b.count(`[name="q.alias"]`); n != 2 {
		b.Errorf("there are %d fields for one more answer", n)
	}
	b.press(`button[name="_remove"][value="q.medicine~0"]`, "survey-section")
	if got := ask[string](b, `document.querySelector('[name="q.name~0"]').value`); got != "Ibuprofen" {
		b.Errorf("after the first was removed, %q is first", got)
	}
	b.press(`button[name="_go"][value="work"]`, "survey-section")
	if got := ask[string](b, `document.querySelector('[data-item="count"] output').innerText`); got != "1" {
		b.Errorf("of one medicine, %q are counted", got)
	}
}

// upload sends a picture.
func (b *tab) upload() {
	b.Helper()
	file := filepath.Join(b.TempDir(), "somebody.png")
	if err := os.WriteFile(file, []byte("\x89PNG\r\n\x1a\n and so on"), 0o600); err != nil {
		b.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles(chromedp.CSS(`[name="q.file"]`), []string{file}))
}

// changes begins a correction, and gives it up.
func (b *tab) changes() {
	b.Helper()
	b.press(`form button[name="begin"]`, "survey-review")
	b.visit("/surveys/kinds", "survey")
	b.press(`form[action$="/drop"] button`, "survey")
}
