package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestReadme goes from sign-up to a booked visit on a phone by the words of README.md
// and nothing else: what README calls otherwise than the pages do is not found.
func TestReadme(t *testing.T) {
	first := chrome(t)
	w := newWorld(t)
	b := w.phone(t, first, "readme", "en")
	r := &reader{tab: b, p: &w.people[0], mailbox: w.open(t, first, "readme-mail")}
	for n, instruction := range instructions(t) {
		r.follows(n+1, instruction)
	}
	b.visit("/home", "home")
	for _, task := range []string{"research-consent", "ehr-choice", "connect", "survey:basics", "visit"} {
		b.task(task, "done")
	}
	b.silent()
}

// instructions are the items of README's list.
func instructions(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, walk, found := strings.Cut(string(raw), "### From sign-up to a booked visit")
	items := regexp.MustCompile(`(?m)^\d\. `).Split(walk, -1)
	if !found || len(items) < 6 {
		t.Fatal("README does not tell how to come to a visit")
	}
	last, _, _ := strings.Cut(items[len(items)-1], "\n\n")
	return append(items[1:len(items)-1], last)
}

// word is a piece of an instruction that means an act, told by its marks.
var word = regexp.MustCompile("\\*\\*\\*([^*]+)\\*\\*\\*|\\*\\*([^*]+)\\*\\*|\\*([^*]+)\\*|“([^”]+)”|`(/[a-z/]+)`")

// reader is somebody who has README beside them.
type reader struct {
	*tab
	p       *person
	mailbox *tab
	mailed  string // the code of the newest mail
	pressed string // last
	tries   bool   // whether that needed answers
}

// follows does what an instruction says, word by word.
func (r *reader) follows(n int, instruction string) {
	r.Helper()
	answers := strings.Contains(instruction, "Answer")
	for _, m := range word.FindAllStringSubmatch(instruction, -1) {
		own, press, field, says, address := m[1], oneLine(m[2]), oneLine(m[3]), m[4], m[5]
		switch {
		case own != "":
			r.goes(chromedp.Click(chromedp.CSS(r.owns()[own])))
		case press != "":
			r.again(n, press, r.control)
			if r.tries = answers; answers {
				r.answer()
			}
			r.press(press)
		case field != "":
			r.again(n, field, r.label)
			r.fillIn(field)
		case says != "":
			r.hears(says)
		case address != "":
			r.mailbox.visit(address, "devmail")
			r.mailed = ask[string](r.mailbox, `document.querySelector("article").dataset.code`)
		}
	}
}

// hears holds the page to a text, which may be shown in capital letters.
func (r *reader) hears(text string) {
	r.Helper()
	if shown := ask[string](r.tab, `document.querySelector("main").innerText`); !strings.Contains(strings.ToLower(shown), strings.ToLower(text)) {
		r.Errorf("page %q does not say %q", r.where(), text)
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// owns are the words that stand for what is another's each time.
func (r *reader) owns() map[string]string {
	return map[string]string{"your name": `button[name="patient"][value="` + r.p.record + `"]`, "a time": `button[name="slot"]`}
}

// again presses what was pressed before until what comes next is there: parts are as
// many as the study has, and answers are tried until they are right.
func (r *reader) again(n int, next string, there func(string) string) {
	r.Helper()
	for range 8 {
		if there(next) != "" {
			return
		}
		if r.tries {
			r.answer()
		}
		r.press(r.pressed)
	}
	r.Fatalf("step %d: page %q has no %q: %s", n, r.where(), next, ask[string](r.tab, "document.body.innerText"))
}

// control marks what can be pressed and says a text, or begins with it, and returns its
// selector; "" when there is none to be seen.
func (r *reader) control(text string) string {
	r.Helper()
	return r.marked(fmt.Sprintf(`(all => all.find(e => says(e) === %[1]q) ?? all.find(e => e.closest("main, details") && says(e).startsWith(%[1]q + " ")))([...document.querySelectorAll("a[href], button, summary")].filter(e => e.checkVisibility()))`, text))
}

// label marks the control that a label names, or the group that a legend does.
func (r *reader) label(text string) string {
	r.Helper()
	return r.marked(fmt.Sprintf(`[...document.querySelectorAll("label, legend")].filter(e => e.checkVisibility() && says(e).startsWith(%q)).map(e => e.control ?? e.closest("fieldset"))[0]`, text))
}

func (r *reader) marked(found string) string {
	r.Helper()
	return ask[string](r.tab, `(() => {
		const says = e => e.innerText.trim().replace(/\s+/g, " ");
		document.querySelectorAll("[data-meant]").forEach(e => e.removeAttribute("data-meant"));
		const e = `+found+`;
		e?.setAttribute("data-meant", "");
		return e ? "[data-meant]" : "";
	})()`)
}

// press presses what says the text; what only opens shows no other page.
func (r *reader) press(text string) {
	r.Helper()
	selector := r.control(text)
	if selector == "" {
		r.Fatalf("page %q has no %q: %s", r.where(), text, ask[string](r.tab, "document.body.innerText"))
	}
	r.pressed = text
	if ask[string](r.tab, `document.querySelector("[data-meant]").tagName`) == "SUMMARY" {
		r.do(chromedp.Click(chromedp.CSS(selector)))
		return
	}
	r.goes(chromedp.Click(chromedp.CSS(selector)))
}

// goes runs a step that leads to another page, whichever that is.
func (r *reader) goes(to step) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	var err error
	if r.last, err = chromedp.RunResponse(ctx, to); err != nil {
		r.Fatalf("from page %q: %v", r.where(), err)
	}
	r.shows(ask[string](r.tab, `document.querySelector("main")?.dataset.page ?? document.title`))
}

// fillIn gives the field of a label what the person says there.
func (r *reader) fillIn(label string) {
	r.Helper()
	p := r.p
	texts := map[string]string{"First name": p.given, "Last name": p.family, "Email address": p.email(), "Birth date": p.birth,
		"Where you live": "MA", "Sex": p.sex, "Type your full name as your signature": p.name(), "If yes: type your full name as your signature": p.name(),
		"User name": "anybody", "Find by family name": p.listed}
	text := texts[label]
	if label == "Code" {
		text = r.code()
	}
	name := ask[string](r.tab, `(e => e.name || e.querySelector("input").name)(document.querySelector("[data-meant]"))`)
	switch ask[string](r.tab, `(e => e.tagName + " " + (e.type ?? ""))(document.querySelector("[data-meant]"))`) {
	case "SELECT select-one":
		r.take(name, text)
	case "FIELDSET fieldset":
		r.choose(name, text)
	case "INPUT checkbox", "INPUT radio":
		r.do(chromedp.Click(chromedp.CSS("[data-meant]")))
	default:
		r.fill(name, text)
	}
}

// code is the mailed one, or the authenticator's where its key is shown.
func (r *reader) code() string {
	r.Helper()
	if r.count("#totp-secret") == 0 {
		return r.mailed
	}
	r.p.secret = ask[string](r.tab, `document.getElementById("totp-secret").innerText`)
	return r.tab.code(r.p, time.Now())
}

// answer gives an answer wherever there is none, and another one where it was wrong.
func (r *reader) answer() {
	r.Helper()
	ask[chromedp.Void](r.tab, `(() => {
		const groups = Map.groupBy([...document.querySelectorAll("main input[type=radio]")].filter(e => e.checkVisibility()), e => e.name);
		for (const options of groups.values()) {
			const chosen = options.findIndex(e => e.checked);
			if (chosen < 0 || options[0].closest("fieldset.wrong")) options[chosen + 1]?.click();
		}
		for (const e of document.querySelectorAll('main form.survey input[inputmode]')) if (e.checkVisibility() && !e.value) e.value = "3";
	})()`)
}
