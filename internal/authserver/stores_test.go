package authserver_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"tributary/internal/authserver"
	"tributary/internal/session/redis"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// eachStores runs a test over each database, with short-lived state beside it and,
// where TRIBUTARY_TEST_REDIS names one, in Redis.
func eachStores(t *testing.T, test func(h *harness, t *testing.T)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s store.Store) { test(newHarnessOn(t, s), t) })
	t.Run("redis", func(t *testing.T) {
		url := os.Getenv("TRIBUTARY_TEST_REDIS")
		if url == "" {
			t.Skip("TRIBUTARY_TEST_REDIS is not set")
		}
		h := newHarness(t)
		sessions, err := redis.Open(t.Context(), url, t.Name())
		h.must(err)
		t.Cleanup(func() { sessions.Close() })
		h.sessions = sessions
		h.Server = h.compose()
		test(h, t)
	})
}

// serve gives a form to one server, past the network.
func serve(s *authserver.Server, path string, form url.Values) int {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Code
}
