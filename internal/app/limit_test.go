package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// asked sends requests of a kind until one is refused, and says how many passed.
func asked(h http.Handler, method, path, from string, n int) (passed int) {
	for range n {
		r := httptest.NewRequest(method, path, nil)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code == http.StatusOK {
			passed++
		}
	}
	return passed
}

func TestAttemptsAreLimitedByNetwork(t *testing.T) {
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	h := limited(10, ok)
	for _, c := range []struct {
		what, method, path, from string
		passed                   int
	}{
		{"codes", "POST", "/confirm", "192.0.2.1:1000", 10},
		{"passwords, from the same address", "POST", "/staff/signin", "192.0.2.1:2000", 0},
		{"pages", "GET", "/signin", "192.0.2.1:1000", 20},
		{"other forms", "POST", "/surveys/basics", "192.0.2.1:1000", 20},
		{"another address", "POST", "/signin", "192.0.2.2:1000", 10},
		{"authorization requests", "GET", "/auth/authorize", "192.0.2.3:1", 10},
		{"a subscriber", "POST", "/signin", "[2001:db8::1]:1", 10},
		{"the same subscriber", "POST", "/signin", "[2001:db8::2]:1", 0},
		{"another subscriber", "POST", "/signin", "[2001:db8:0:1::1]:1", 10},
	} {
		if got := asked(h, c.method, c.path, c.from, 20); got != c.passed {
			t.Errorf("%s: %d of 20 passed, want %d", c.what, got, c.passed)
		}
	}
	if got := asked(limited(0, ok), "POST", "/confirm", "192.0.2.1:1", 20); got != 20 {
		t.Errorf("without a limit %d of 20 passed", got)
	}
}

func TestAddressesAreForgotten(t *testing.T) {
	h := limited(1, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	if asked(h, "POST", "/signin", "192.0.2.1:1", 2) != 1 {
		t.Fatal("no limit")
	}
	for i := range maxAddresses {
		asked(h, "POST", "/signin", fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255), 1)
	}
	if asked(h, "POST", "/signin", "192.0.2.1:1", 1) != 1 {
		t.Error("every address is remembered for good")
	}
}
