package browsertest

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"tributary/config"
)

// overheard is what the service writes into its log, all of it.
type overheard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *overheard) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *overheard) lines() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Split(strings.TrimSpace(o.text.String()), "\n")
}

func (o *overheard) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(o, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// onRedis keeps sessions in the Redis of TRIBUTARY_TEST_REDIS, if it is wanted and there.
func onRedis(wanted bool) func(*config.Config) {
	return func(c *config.Config) {
		if wanted {
			c.RedisURL = os.Getenv("TRIBUTARY_TEST_REDIS")
		}
	}
}

// discreet reads what a journey has left outside of the guarded records: no subject of a
// mail, no line of the log and no key of a session says who somebody is.
func (w *world) discreet(t *testing.T) {
	t.Helper()
	b := &tab{T: t, world: w}
	for what, texts := range map[string][]string{"the subject of a mail": w.subjects(t), "a line of the log": w.heard.lines(), "a session's key": w.keys(t)} {
		if len(texts) < 3 {
			t.Errorf("%s: there are %d only", what, len(texts))
		}
		for _, text := range texts {
			b.saysNothing(what, text)
		}
	}
}

// subjects are those of all mails.
func (w *world) subjects(t *testing.T) (out []string) {
	t.Helper()
	res, err := http.Get(w.base + "/dev/mail.json")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var mails []struct{ Subject string }
	if err := json.NewDecoder(res.Body).Decode(&mails); err != nil {
		t.Fatal(err)
	}
	for _, m := range mails {
		out = append(out, m.Subject)
	}
	return out
}

// keys are those under which sessions are kept.
func (w *world) keys(t *testing.T) []string {
	t.Helper()
	if w.config.RedisURL != "" {
		return keysOfRedis(t, w.config.RedisURL)
	}
	db, err := sql.Open("sqlite", filepath.Join(w.config.DataDir, "sessions.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all string
	if err := db.QueryRow(`SELECT group_concat(key, char(10)) FROM session`).Scan(&all); err != nil {
		t.Fatal(err)
	}
	return strings.Split(all, "\n")
}

func keysOfRedis(t *testing.T, url string) (out []string) {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(o)
	defer client.Close()
	all := client.Scan(context.Background(), 0, "", 0).Iterator()
	for all.Next(context.Background()) {
		out = append(out, all.Val())
	}
	if err := all.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
