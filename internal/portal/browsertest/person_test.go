package browsertest

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"tributary/config/program"
)

// code is what the person's authenticator shows at the time.
func (b *tab) code(p *person, at time.Time) string {
	b.Helper()
	code, err := totp.GenerateCode(p.secret, at)
	if err != nil {
		b.Fatal(err)
	}
	return code
}

// signUp makes an account and comes to the page that asks for the mailed code.
func (b *tab) signUp(p *person) {
	b.Helper()
	b.visit("/", "landing")
	b.press(`a[href="/signup"]`, "signup")
	b.fill("given", p.given, "family", p.family, "email", p.email(), "birth_date", p.birth)
	b.choose("sex", p.sex)
	b.take("state", "MA")
	b.send("confirm")
}

// mailed is the newest code in the person's mailbox.
func (b *tab) mailed(p *person) string {
	b.Helper()
	back := b.where()
	b.visit("/dev/mail", "devmail")
	code := ask[string](b, fmt.Sprintf(`document.querySelector("article[data-to='%s'][data-code]:not([data-code=''])").dataset.code`, p.email()))
	b.do(chromedp.Navigate(b.base + back))
	return code
}

// confirm reads the newest code in the mailbox and types it.
func (b *tab) confirm(p *person, next string) {
	b.Helper()
	code := b.mailed(p)
	b.visit("/confirm", "confirm")
	b.fill("code", code)
	b.send(next)
}

// enroll sets an authenticator up with the key that the page shows.
func (b *tab) enroll(p *person) {
	b.Helper()
	p.secret = ask[string](b, `document.getElementById("totp-secret").innerText`)
	b.fill("code", b.code(p, time.Now()))
	b.press(enrolls, "home")
	b.owner, b.proved = p, time.Now()
}

// late reports whether the second factor may be asked for again, for the machine is
// slow: it stands for ten minutes.
func (b *tab) late() bool { return b.owner != nil && time.Since(b.proved) > 10*time.Minute }

// proves gives the second factor again, on the way to a page.
func (b *tab) proves(want string) {
	b.Helper()
	b.proved = time.Now()
	b.fill("code", b.code(b.owner, b.proved))
	b.send(want)
}

// enrolls is the button that ends setting up an authenticator; a passkey may be offered
// above it.
const enrolls = `form[action="/second-factor/enroll"] button`

// document is what the consent to take part says.
func (b *tab) document() *program.Document {
	return b.study.Document(program.ResearchConsent, cmp.Or(b.lang, "en"), time.Now())
}

// read goes through the modules of the consent and answers the questions.
func (b *tab) read() {
	b.Helper()
	b.press(`.next a`, "consent")
	b.press(`a[href="/consent/research/modules/1"].button`, "module")
	for range b.document().Modules[1:] {
		b.send("module")
	}
	b.send("quiz")
	for _, q := range b.document().Questions {
		b.choose("q."+q.ID, q.Answer)
	}
}

// wrongly answers one question so that it needs another try.
func (b *tab) wrongly() {
	b.Helper()
	q := b.document().Questions[0]
	for _, o := range q.Options {
		if o.ID != q.Answer {
			b.choose("q."+q.ID, o.ID)
			break
		}
	}
	b.send("quiz")
	b.status(422)
	b.tells(q.Explanation)
	b.choose("q."+q.ID, q.Answer)
}

func (b *tab) agree(p *person) {
	b.Helper()
	b.choose("agree", "yes")
	b.fill("printed_name", p.name())
}

// decide answers whether health records are shared.
func (b *tab) decide(p *person, decision string) {
	b.Helper()
	b.choose("decision", decision)
	if decision == "yes" {
		b.fill("printed_name", p.name())
	}
	b.send("home")
}

// connect goes to the provider, signs in there and shares a record.
func (b *tab) connect(record string) {
	b.Helper()
	b.visit("/providers", "providers")
	b.press(`[data-provider="harbor"] button`, "login")
	b.pick(record)
}

// pick signs in at the provider and shares a record.
func (b *tab) pick(record string) {
	b.Helper()
	b.fill("user", "patient-portal-user")
	b.press("main form button", "pick")
	b.press(`button[name="patient"][value="`+record+`"]`, "connections")
}

// survey answers what must be answered of the first survey, section by section.
func (b *tab) survey() {
	b.Helper()
	b.visit("/surveys/basics", "survey")
	b.press(`main form button[name="begin"]`, "survey-section")
	b.do(clickFirst("q.general-health"), clickFirst("q.education"))
	b.send("survey-section")
	b.fill("q.household", "3")
	b.send("survey-section")
	b.do(clickFirst("q.smoking"))
	b.fill("q.sleep", "7")
	b.send("survey-review")
	b.send("survey")
	b.visit("/home", "home")
	b.task("survey:basics", "done")
}

// times goes to the free times of the first site.
func (b *tab) times() {
	b.Helper()
	b.visit("/visits", "visits")
	b.press(`a[data-site="`+b.study.Sites[0].ID+`"]`, "visits")
}

// task holds a task on the home page to its state.
func (b *tab) task(id, state string) {
	b.Helper()
	got := ask[string](b, fmt.Sprintf(`document.querySelector("[data-task='%s']").dataset.state`, id))
	if got != state {
		b.Errorf("the task %s is %s, not %s", id, got, state)
	}
}

func (b *tab) status(want int64) {
	b.Helper()
	if b.last.Status != want {
		b.Errorf("HTTP %d on %q, not %d", b.last.Status, b.where(), want)
	}
}

// tells holds the page to a text.
func (b *tab) tells(text string) {
	b.Helper()
	shown := strings.Join(strings.Fields(ask[string](b, `document.querySelector("main").innerText`)), " ")
	if !strings.Contains(shown, strings.Join(strings.Fields(text), " ")) {
		b.Errorf("page %q does not say %q", b.where(), text)
	}
}
