package exampleapp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tributary/internal/apps"
	"tributary/internal/authserver"
	"tributary/internal/exampleapp"
	"tributary/internal/store/storetest"
)

func TestServesItsFilesUnderAPolicy(t *testing.T) {
	for path, want := range map[string]int{"": 200, "launch.html": 200, "app.js": 200, "app.css": 200, "nothing": 404} {
		w := httptest.NewRecorder()
		exampleapp.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, exampleapp.Path+path, nil))
		if policy := w.Header().Get("Content-Security-Policy"); w.Code != want || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %d, %s", path, w.Code, policy)
		}
	}
}

func TestCanBeRegistered(t *testing.T) {
	s := storetest.SQLite(t, storetest.Options{})
	c, l := exampleapp.Client("http://127.0.0.1:8080")
	if _, err := authserver.Register(t.Context(), s, c); err != nil {
		t.Error(err)
	}
	if err := apps.Publish(t.Context(), s, l, nil); err != nil {
		t.Error(err)
	}
}
