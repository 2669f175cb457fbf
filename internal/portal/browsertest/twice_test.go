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

// again goes back to the page that was signed, as far as the browser shows it, and
// presses its button once more.
func (b *tab) again(p *person) {
	b.Helper()
	b.visit("/documents", "documents")
	b.do(chromedp.NavigateBack())
	b.agree(p)
	b.send("error")
	b.status(409)
}

// onlyOne holds the person's documents to one signature.
func (b *tab) onlyOne() {
	b.Helper()
	b.visit("/documents", "documents")
	if receipts, decisions := b.count(`a[href$=".pdf"]`), b.count("tbody tr"); receipts != 1 || decisions != 1 {
		b.Errorf("%d receipts and %d decisions of one signature", receipts, decisions)
	}
}

// bookTwice takes the same time twice at once, and another one after going back.
func (b *tab) bookTwice() {
	b.Helper()
	b.times()
	b.once(b.twice(`button[name="slot"]`))
	b.press(`.day:last-of-type button[name="slot"]`, "error")
	b.status(409)
	b.visit("/visits", "visits")
	if n := b.count("[data-visit]"); n != 1 {
		b.Errorf("%d visits are booked", n)
	}
}
