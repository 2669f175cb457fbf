package portal_test

import (
	"net/http"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// Staff see where they are signed in, end one of it, or all.
func TestStaffSignOutEverywhere(t *testing.T) {
	for area, role := range map[string]string{"center": "center", "staff": "study"} {
		t.Run(area, func(t *testing.T) {
			x := newSite(t)
			one := x.staff(t, area, role, "harbor-clinic")
			x.Clock.Advance(time.Minute)
			two, three := x.staff(t, area, role, "harbor-clinic"), x.staff(t, area, role, "harbor-clinic")
			other := x.staff(t, area, role, "hill-clinic")
			gone := func(b *browser, want bool) {
				t.Helper()
				if a := b.get("/" + area + "/security"); (a.Header.Get("Location") == "/"+area+"/signin") != want {
					t.Errorf("gone %v is not so: %d to %q", want, a.StatusCode, a.Header.Get("Location"))
				}
			}
			sessions := func(b *browser) (ids []string, this string) {
				t.Helper()
				each(b.sees("/"+area+"/security", "staff-security").page, func(n *html.Node) {
					if id := attribute(n, "data-session"); id != "" {
						ids = append(ids, id)
						if has(n, "data-this") {
							this = id
						}
					}
				})
				return ids, this
			}
			ids, _ := sessions(one)
			_, second := sessions(two)
			if len(ids) != 3 || second == "" {
				t.Fatalf("sessions %v, the second %q", ids, second)
			}
			if a := other.post("/" + area + "/security/sessions/" + second + "/end"); a.StatusCode != http.StatusSeeOther {
				t.Errorf("another's: %d", a.StatusCode)
			}
			gone(two, false)
			one.sent("/"+area+"/security", "/"+area+"/security/sessions/"+second+"/end")
			gone(two, true)
			gone(three, false)
			one.sent("/"+area+"/signin", "/"+area+"/security/signout")
			gone(one, true)
			gone(three, true)
			gone(other, false)
		})
	}
}
