package browsertest

import (
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"tributary/config/program"
)

// TestConsents is somebody who reads in Spanish on one device, goes on with another,
// signs by hand, agrees to see results and takes that back, pauses and comes back.
func TestConsents(t *testing.T) {
	first := chrome(t)
	w := newWorld(t)
	b, p := w.open(t, first, "consents"), &w.people[2]
	b.join(p)
	b.switches("es", "home")
	b.visit("/consents", "consents")
	b.visit("/consent/research", "consent")
	b.visit("/consent/research/modules/1", "module")
	b.tells("Parte 1 de")
	if n := b.count(`video track[kind=captions]`); n != 1 {
		b.Errorf("%d captions of the film", n)
	}
	b.through(program.ResearchConsent)
	b.draws()
	b.choose("agree", "yes")
	b.fill("printed_name", p.name())
	b.send("ehr")
	b.visit("/home", "home")
	b.resultsInTwoLanguages(p)
	b.visit("/pause", "pause")
	b.send("pause")
	b.status(422)
	b.choose("confirm", "pause")
	b.fill("printed_name", p.name())
	b.send("home")
	b.visit("/consents", "consents")
	b.visit("/consent/results", "consent")
	b.visit("/pause", "pause")
	b.send("home")
	b.visit("/documents", "documents")
	b.sealed(b.download(`a[href$=".pdf"]`))
	b.silent()
}

// through goes through the parts and the questions of a kind, from its first page.
func (b *tab) through(kind string) {
	b.Helper()
	d := b.textOf(kind)
	base := "/consent/" + kind
	for n := range d.Modules {
		b.visit(base+"/modules/"+strconv.Itoa(n+1), "module")
		if n+1 < len(d.Modules) {
			b.send("module")
		} else {
			b.send("quiz")
		}
	}
	b.send("quiz")
	b.status(422)
	for _, q := range d.Questions {
		b.choose("q."+q.ID, q.Answer)
	}
	b.send("sign")
}

// textOf is the text of a kind that is in force.
func (b *tab) textOf(kind string) *program.Document {
	return b.study.Document(kind, "en", b.document().From())
}

// draws draws a signature with the mouse, and looks whether the form has it.
func (b *tab) draws() {
	b.Helper()
	b.do(chromedp.ScrollIntoView(chromedp.CSS(`#drawn`)))
	box := ask[[]float64](b, `(() => { const r = document.querySelector("#drawn").getBoundingClientRect(); return [r.left, r.top, r.width, r.height] })()`)
	held := func(p *input.DispatchMouseEventParams) { p.Button, p.ClickCount = input.MouseButtonLeft, 1 }
	at := func(typ input.DispatchMouseEventType, x, y float64) step {
		return chromedp.MouseEvent(typ, box[0]+x*box[2], box[1]+y*box[3], held)
	}
	b.do(at(chromedp.MousePressed, .1, .5))
	for i := range 20 {
		b.do(at(chromedp.MouseMoved, .1+float64(i)*.04, .5+.3*float64(i%3-1)))
	}
	b.do(at(chromedp.MouseReleased, .9, .5))
	if strokes := ask[string](b, `document.querySelector("input[name=drawn]").value`); len(strokes) < 50 {
		b.Errorf("the signature by hand is %q", strokes)
	}
}

// resultsInTwoLanguages agrees to see results, having read in one language and
// signed in the other, and takes it back.
func (b *tab) resultsInTwoLanguages(p *person) {
	b.Helper()
	b.visit("/consent/results", "consent")
	b.through("results")
	b.switches("en", "sign")
	b.choose("agree", "yes")
	b.fill("printed_name", p.name())
	b.press(`form[data-signing] button:not([data-clear])`, "home")
	b.visit("/consent/results", "consent")
	b.tells("You said yes on")
	b.press(`form[action$="/revoke"] button`, "home")
	b.switches("es", "home")
}

// switches shows the page that is there in a language.
func (b *tab) switches(lang, want string) {
	b.Helper()
	if ask[string](b, "document.documentElement.lang") != lang {
		b.press("form.language button", want)
	}
}
