package browsertest

import (
	"context"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

// staffed signs a member of staff in: role is center or study.
func (b *tab) staffed(login, role, area, start string) {
	b.Helper()
	site := ""
	if role == "center" {
		site = b.study.Sites[0].ID
	}
	password, err := b.service.AddStaff(context.Background(), login, role, site)
	if err != nil {
		b.Fatal(err)
	}
	b.visit("/"+area+"/signin", "staff-signin")
	b.fill("login", login, "password", password[1:])
	b.send("staff-signin")
	b.status(422)
	b.fill("login", login, "password", password)
	b.send(start)
}

// measure checks a participant in and records the measurements, at first with
// one that cannot be.
func (b *tab) measure(patient string) {
	b.Helper()
	row := fmt.Sprintf(`tr[data-patient="%s"]`, patient)
	b.press(row+" button", "center")
	b.visitState(row, "arrived")
	b.press(row+" a.button", "measure")
	b.choose("pregnant", "no")
	b.fill("height", "17", "weight", "72.5", "waist", "88.0")
	for n := 1; n <= 3; n++ {
		b.fill(fmt.Sprintf("systolic_%d", n), fmt.Sprint(118+n), fmt.Sprintf("diastolic_%d", n), fmt.Sprint(74+n), fmt.Sprintf("heart_rate_%d", n), fmt.Sprint(66+n))
	}
	b.send("measure")
	b.status(422)
	b.fill("height", "172.0")
	b.send("center")
	b.visitState(row, "fulfilled")
}

func (b *tab) visitState(row, want string) {
	b.Helper()
	if got := ask[string](b, `document.querySelector('`+row+`').dataset.status`); got != want {
		b.Errorf("the visit is %s, not %s", got, want)
	}
}

// letIn decides that a connection that was held back is the participant's own;
// a decision needs its reason.
func (b *tab) letIn(patient string) {
	b.Helper()
	b.visit("/staff/held", "held")
	b.tells("Participant " + patient)
	b.press(`[data-held] button[value="accept"]`, "held")
	b.status(422)
	b.do(typeInto(`[data-held] input[name="reason"]`, "The birth date was checked against a photo ID."))
	b.press(`[data-held] button[value="accept"]`, "held")
	if n := b.count("[data-held]"); n != 0 {
		b.Errorf("%d connections still wait", n)
	}
	if n := b.count("[data-accepted]"); n != 1 {
		b.Errorf("%d decisions can be taken back", n)
	}
}

// inspectQuarantine looks at what was set aside, and at what the provider sent.
func (b *tab) inspectQuarantine(patient string) {
	b.Helper()
	b.press(`a[href="/staff/quarantine"]`, "quarantine")
	b.tells("for participant " + patient)
	if n := b.count(`[data-quarantined][data-type="Condition"]`); n != 1 {
		b.Errorf("%d Conditions are in quarantine", n)
	}
	sent := ask[string](b, `fetch(document.querySelector("[data-quarantined] a").href).then(r => r.text())`, chromedp.EvalAwaitPromise)
	if !strings.Contains(sent, "notAnElement") {
		b.Errorf("the provider's bytes are %.200q", sent)
	}
}
