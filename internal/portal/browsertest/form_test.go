package browsertest

import (
	"fmt"

	"github.com/chromedp/chromedp"
)

// press clicks what leads to another page.
func (b *tab) press(selector, want string) {
	b.Helper()
	b.comes(want, chromedp.Click(chromedp.CSS(selector)))
}

// send presses the main button of the page's form.
func (b *tab) send(want string) {
	b.Helper()
	b.press("main form .actions button", want)
}

// fill types into fields, by name, instead of what is there: pairs of name and
// text. A date is put in whole, for how one is typed depends on the language.
func (b *tab) fill(pairs ...string) {
	b.Helper()
	for i := 0; i < len(pairs); i += 2 {
		field, text := fmt.Sprintf(`[name="%s"]`, pairs[i]), pairs[i+1]
		date := ask[bool](b, fmt.Sprintf(`(e => { e.value = e.type === "date" ? %q : ""; return e.type === "date" })(document.querySelector('%s'))`, text, field))
		if !date {
			b.do(chromedp.SendKeys(chromedp.CSS(field), text))
		}
	}
}

// choose clicks a radio button or a box, unless it is chosen: pairs of name and value.
func (b *tab) choose(pairs ...string) {
	b.Helper()
	for i := 0; i < len(pairs); i += 2 {
		selector := `input[name="` + pairs[i] + `"][value="` + pairs[i+1] + `"]`
		if b.count(selector+":checked") == 0 {
			b.do(chromedp.Click(chromedp.CSS(selector)))
		}
	}
}

// take chooses in a list.
func (b *tab) take(name, value string) {
	b.Helper()
	b.do(chromedp.SetValue(chromedp.CSS(`select[name="`+name+`"]`), value))
}

func clickFirst(name string) step { return chromedp.Click(chromedp.CSS(`input[name="` + name + `"]`)) }

func typeInto(selector, text string) step { return chromedp.SendKeys(chromedp.CSS(selector), text) }
