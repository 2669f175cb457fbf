package web_test

import (
	"maps"
	"testing"
	"testing/fstest"

	"tributary/internal/portal/web"
	"tributary/internal/portal/web/webtest"
)

// The pages and texts of the machinery are in both languages.
func TestLayoutIsComplete(t *testing.T) {
	room := web.Layout()
	spanish := room.Spanish
	room.Spanish = nil
	webtest.Complete(t, room, nil, spanish)
}

func TestRoomsThatDisagreeAreRefused(t *testing.T) {
	page := fstest.MapFS{"twice.html": {Data: []byte(`{{define "content"}}{{end}}`)}}
	for name, second := range map[string]web.Room{
		"one page twice":     {Name: "b", Templates: page},
		"no template at all": {Name: "b", Templates: fstest.MapFS{"x.html": {Data: []byte(`{{define`)}}},
	} {
		if _, err := web.New(web.Config{}).Handler(web.Room{Name: "a", Templates: page}, second); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := web.New(web.Config{}).Handler(web.Room{Name: "a", Templates: page, Spanish: maps.Clone(web.LayoutTexts())}); err != nil {
		t.Error(err)
	}
}
