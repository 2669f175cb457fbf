package browsertest

import (
	"context"
	"testing"
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
	b.visit("/cookies", "cookies")
	b.visit("/", "landing")
	b.silent()
}
