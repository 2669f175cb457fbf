package browsertest

import "tributary/config/program"

// receives is a visit as the center has it: check-in, measurements, samples.
func (b *tab) receives(patient string) {
	b.Helper()
	b.visit("/center/hours", "hours")
	b.visit("/center", "center")
	b.measure(patient)
	b.press(`tr[data-patient="`+patient+`"] a[href$="/samples"]`, "samples")
	b.press(`[data-kit="urine"] form button`, "samples")
	b.press(`[data-kit="urine"] a[href$="/labels"]`, "labels")
	b.press(`a[href$="/samples"]`, "samples")
	for _, state := range []string{"collected", "processed", "finalized"} {
		b.press(`[data-order][data-kit="urine"] form[action$="/step"] p.actions button`, "samples")
		if got := ask[string](b, `document.querySelector("[data-order]").dataset.state`); got != state {
			b.Errorf("the order is %s, not %s", got, state)
		}
	}
}

// enrolls makes an account for somebody who has come without one. They read, answer and
// sign with the center's staff beside them; what else there is, they do on their phone.
func (b *tab) enrolls(own *tab, p *person) {
	b.Helper()
	b.visit("/center/enroll", "enroll-walkin")
	b.send("enroll-walkin")
	b.status(422)
	b.fill("given", p.given, "family", p.family, "email", p.email(), "birth_date", p.birth)
	b.choose("sex", p.sex, "identified", "yes")
	b.take("state", "MA")
	b.send("enroll-code")
	b.fill("code", b.mailed(p))
	b.send("center")
	patient := ask[string](b, `document.querySelector('tr[data-status="arrived"]').dataset.patient`)
	b.press(row(patient)+` a[href$="/apps"]`, "staff-apps")
	b.visit("/center", "center")
	b.press(row(patient)+` a[href$="/consent"]`, "agreements")
	b.witnesses(p, program.ResearchConsent)
	b.plainly(b.cannotSign)
	b.witnesses(p, "ehr")
	own.visit("/signin", "signin")
	own.fill("email", p.email())
	own.send("confirm")
	own.confirm(p, "enroll")
	own.enroll(p)
	own.task("ehr-choice", "done")
	own.visit("/documents", "documents")
	if n := own.count(`a[href$=".pdf"]`); n != 2 {
		own.Errorf("%d signed copies of what was agreed to at the center", n)
	}
	own.sealed(own.download(`a[href$=".pdf"]`))
	own.survey()
	own.silent()
	b.visit("/center", "center")
	b.alarms(patient)
}

// witnesses is there when the participant agrees to a kind. Who has not been identified
// does not sign, and an answer that is wrong is tried again.
func (b *tab) witnesses(p *person, kind string) {
	b.Helper()
	b.press(`[data-kind="`+kind+`"] a`, "agree")
	b.send("agree")
	b.status(422)
	b.choose("identified", "yes")
	b.fill("printed_name", p.name())
	b.draws()
	if questions := b.textOf(kind).Questions; len(questions) > 0 {
		b.send("agree")
		b.status(422)
		for _, q := range questions {
			b.choose("q."+q.ID, q.Answer)
		}
	}
	b.send("agreements")
	if got := ask[string](b, `document.querySelector('[data-kind="`+kind+`"]').dataset.given`); got != "true" {
		b.Errorf("that they agreed to %s is %q", kind, got)
	}
}

// cannotSign is told that a signature by hand needs a script, and how to go on.
func (b *tab) cannotSign() {
	b.Helper()
	b.press(`[data-kind="ehr"] a`, "agree")
	if b.count("noscript p") != 1 {
		b.Error("it is not told that nothing can be signed here")
	}
	b.press(`main form .actions a`, "agreements")
}

// alarms measures a blood pressure that cannot wait.
func (b *tab) alarms(patient string) {
	b.Helper()
	b.visitState(row(patient), "arrived")
	b.press(row(patient)+` a[href$="/measurements"]`, "measure")
	b.choose("pregnant", "no", "symptoms", "yes")
	b.fill("height", "168.0", "weight", "81.5", "waist", "94.0")
	for _, n := range []string{"1", "2", "3"} {
		b.fill("systolic_"+n, "19"+n, "diastolic_"+n, "12"+n, "heart_rate_"+n, "8"+n)
	}
	b.send("alert")
	if b.count("[data-alert]") == 0 {
		b.Error("nobody is told to act")
	}
	b.press("main .actions a.button", "center")
	b.visitState(row(patient), "fulfilled")
}
