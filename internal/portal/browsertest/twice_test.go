package browsertest

import (
	"fmt"
	"net/http"
	"slices"

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

// once holds the answers of twice to one that did something.
func (b *tab) once(answers []int) {
	b.Helper()
	slices.Sort(answers)
	if !slices.Equal(answers, []int{0, http.StatusConflict}) {
		b.Errorf("sent twice at once, a form was answered with %v (0 is a redirect)", answers)
	}
}

func clickFirst(name string) step { return chromedp.Click(chromedp.CSS(`input[name="` + name + `"]`)) }

func typeInto(selector, text string) step { return chromedp.SendKeys(chromedp.CSS(selector), text) }
