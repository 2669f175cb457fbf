package web_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tributary/config/program"
	"tributary/internal/portal/web"
	"tributary/internal/portal/web/webtest"
)

// A page below two entries of the menu is at the nearer one alone.
func TestTheMenuSaysOnceWhereSomebodyIs(t *testing.T) {
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	s := webtest.New(t, web.Config{Study: study, Now: time.Now})
	show := func(c *web.Call) error { return s.Show(c, web.View{Name: "place", Title: "Visits"}) }
	var routes []web.Route
	for _, path := range []string{"/center", "/center/hours", "/center/hours/days", "/center/moves"} {
		routes = append(routes, web.Get(path, s.CenterStaff, show))
	}
	s.Serve(t, web.Room{Name: "a", Templates: fstest.MapFS{"place.html": {Data: []byte(`{{define "content"}}<h1>{{.T "Visits"}}</h1>{{end}}`)}}, Spanish: map[string]string{"Visits": "Visitas", "Hours": "Horario"},
		Menu: []web.Entry{{Menu: web.OfCenters, Path: "/center", Text: "Visits", Order: 1}, {Menu: web.OfCenters, Path: "/center/hours", Text: "Hours", Order: 2}}, Routes: routes})
	b := s.Staff(t, "kim", "center", "harbor-clinic")
	for path, want := range map[string]string{"/center": "/center", "/center/moves": "/center", "/center/hours": "/center/hours", "/center/hours/days": "/center/hours"} {
		page := b.Sees(path, "place")
		if n := strings.Count(page.Body, `aria-current="page"`); n != 1 || !strings.Contains(page.Body, `href="`+want+`" aria-current="page"`) {
			t.Errorf("%s: %d places are marked, or not %s", path, n, want)
		}
	}
}
