package redis

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"tributary/internal/session/sessiontest"
)

// TestStore runs on the Redis of TRIBUTARY_TEST_REDIS (redis://host:port/db)
// where it is set, else on a simulated one.
func TestStore(t *testing.T) {
	open := simulated
	if os.Getenv("TRIBUTARY_TEST_REDIS") != "" {
		open = real
	}
	sessiontest.Run(t, open)
}

func TestOpenRefusesWhatDoesNotAnswer(t *testing.T) {
	for _, url := range []string{"not a url", "http://127.0.0.1", "redis://127.0.0.1:1"} {
		if _, err := Open(t.Context(), url, ""); err == nil {
			t.Errorf("Open(%q) succeeded", url)
		}
	}
}

func TestOpenErrorHidesThePassword(t *testing.T) {
	_, err := Open(t.Context(), "redis://user:hunter2@127.0.0.1:port/0", "")
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Fatalf("error: %v", err)
	}
}

func simulated(t *testing.T) sessiontest.Backend {
	server := miniredis.RunT(t)
	return sessiontest.Backend{Store: connect(t, "redis://"+server.Addr(), "t:"), Advance: server.FastForward}
}

func real(t *testing.T) sessiontest.Backend {
	s := connect(t, os.Getenv("TRIBUTARY_TEST_REDIS"), rand.Text()+":")
	t.Cleanup(func() { age(t, s, 1000*time.Hour) })
	return sessiontest.Backend{Store: s, Advance: func(d time.Duration) { age(t, s, d) }}
}

// age takes d off the time that each of the store's keys has left.
func age(t *testing.T, s *Store, d time.Duration) {
	ctx := context.Background()
	keys := s.client.Scan(ctx, 0, s.prefix+"*", 1000).Iterator()
	for keys.Next(ctx) {
		left, err := s.client.PTTL(ctx, keys.Val()).Result()
		if err == nil && left > d {
			err = s.client.PExpire(ctx, keys.Val(), left-d).Err()
		} else if err == nil {
			err = s.client.Del(ctx, keys.Val()).Err()
		}
		if err != nil {
			t.Error(err)
		}
	}
	if err := keys.Err(); err != nil {
		t.Error(err)
	}
}

func connect(t *testing.T, url, prefix string) *Store {
	s, err := Open(t.Context(), url, prefix)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
