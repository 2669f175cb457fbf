package browsertest

import (
	"context"
	"testing"
	"time"
)

// TestProfile is somebody who joins, in Spanish too, and changes what the study knows
// of them; and one from outside of the area, of whom nothing stays.
func TestProfile(t *testing.T) {
	first := chrome(t)
	w := newWorld(t)
	t.Run("outside", func(t *testing.T) { w.outside(t, first) })
	t.Run("profile", func(t *testing.T) { w.profile(t, first) })
}

func (w *world) outside(t *testing.T, first context.Context) {
	b := w.open(t, first, "outside")
	b.visit("/signup", "signup")
	far := person{given: "Ambrosius", family: "Wanderlust", birth: "1980-05-01", sex: "male"}
	b.fill("given", far.given, "family", far.family, "email", far.email(), "birth_date", far.birth)
	b.take("state", "elsewhere")
	b.choose("sex", far.sex)
	b.send("outside")
	b.status(403)
	b.visit("/dev/mail", "devmail")
	if n := b.count("article"); n != 0 {
		b.Errorf("%d mails were sent to somebody from outside", n)
	}
	b.visit("/cookies", "cookies")
	b.silent()
}

func (w *world) profile(t *testing.T, first context.Context) {
	b, p := w.open(t, first, "profile"), &w.people[3]
	b.join(p)
	b.visit("/profile", "profile")
	b.fill("phone", "nine")
	b.press(`form[action="/profile"] button`, "profile")
	b.status(422)
	b.fill("phone", "(555) 010-0123", "city", "Salem")
	b.press(`form[action="/profile"] button`, "profile")
	b.press(`form[action="/profile/language"] button[value="es"]`, "profile")
	b.visit("/home", "home")
	patient := ask[string](b, `document.querySelector("main").dataset.patient`)
	b.visit("/cookies", "cookies")
	b.visit("/", "landing")
	staff := w.open(t, first, "helper")
	staff.staffed("proxy-nurse", "study", "staff", "cohort")
	staff.recordsProxy(p)
	b.actsFor()
	staff.recovers(patient)
	b.visit("/home", "signin")
	b.silent()
	staff.silent()
}

// recordsProxy makes a child whom somebody acts for.
func (b *tab) recordsProxy(p *person) {
	b.Helper()
	b.visit("/staff/proxies", "proxy")
	b.fill("given", "Persephone", "family", "Littlefield", "birth_date", time.Now().AddDate(-9, 0, 0).Format(time.DateOnly), "email", p.email())
	b.choose("sex", "female")
	b.take("state", "MA")
	b.send("proxy")
	b.status(422)
	b.choose("seen", "yes")
	b.send("proxy")
	b.tells("It is recorded.")
}

// actsFor turns to the child's pages and back, in Spanish.
func (b *tab) actsFor() {
	b.Helper()
	b.visit("/acting", "acting")
	b.press(`button[name="patient"]`, "home")
	if n := b.count(".acting"); n != 1 {
		b.Errorf("%d lines say for whom somebody acts", n)
	}
	b.visit("/acting", "acting")
	b.press(`button[name="patient"][value=""]`, "home")
}

// recovers takes lost factors off.
func (b *tab) recovers(patient string) {
	b.Helper()
	b.visit("/staff/participants/"+patient+"/recovery", "recovery")
	b.send("recovery")
	b.status(422)
	b.choose("seen", "yes")
	b.send("recovery")
	b.tells("The second factor is off")
}
