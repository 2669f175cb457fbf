package demo_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// installations are the environments to run everything in: embedded parts, and
// PostgreSQL with Redis where the tests have them.
func installations(t *testing.T) map[string][]string {
	all := map[string][]string{"embedded": nil}
	postgres, redis := os.Getenv("TRIBUTARY_TEST_POSTGRES"), os.Getenv("TRIBUTARY_TEST_REDIS")
	if postgres == "" {
		t.Log("TRIBUTARY_TEST_POSTGRES is not set: embedded parts only")
		return all
	}
	environ := []string{"TRIBUTARY_DATABASE_URL=" + freshDatabase(t, postgres)}
	if redis != "" {
		environ = append(environ, "TRIBUTARY_REDIS_URL="+redis)
	}
	all["postgres"] = environ
	return all
}

// freshDatabase makes an empty database on the server and drops it afterwards.
func freshDatabase(t *testing.T, server string) string {
	t.Helper()
	name := fmt.Sprintf("job_%d_%s", time.Now().UnixNano(), strings.ToLower(t.Name()[:4]))
	administer(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { administer(t, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func administer(t *testing.T, server, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}
