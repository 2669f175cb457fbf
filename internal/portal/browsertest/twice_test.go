package browsertest

import (
	"fmt"

	"github.com/chromedp/chromedp"
)

// twice sends the form of an element two times at once and returns how each was
// answered: 0 is a redirect, as after a success.
func (b *tab) twice(selector string) []int {
	b.Helper()
	return ask[[]int](b, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q), f = e.form ?? e, body = new URLSearchParams(new FormData(f));
		if (e.name) body.set(e.name, e.value);
		const send = () => fetch(f.action, {method: "POST", body, redirect: "manual"}).then(r => r.status);
		return Promise.all([send(), send()]);
	})()`, selector), chromedp.EvalAwaitPromise)
}

// back goes back to the page before and sends its form once more, if it is there.
func (b *tab) back() {
	b.Helper()
	b.do(chromedp.NavigateBack())
}

func clickFirst(name string) step { return chromedp.Click(chromedp.CSS(`input[name="` + name + `"]`)) }

func typeInto(selector, text string) step { return chromedp.SendKeys(chromedp.CSS(selector), text) }
