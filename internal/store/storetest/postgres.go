package storetest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"tributary/internal/store/postgres"
)

// PostgresEnv names the environment variable that holds the server's URL.
const PostgresEnv = "TRIBUTARY_TEST_POSTGRES"

// Postgres gives a fresh, migrated PostgreSQL store whose database is dropped
// after the test; it skips the test when no server is named.
func Postgres(t testing.TB, o Options) *postgres.Store {
	t.Helper()
	database := PostgresURL(t)
	s, err := postgres.Open(context.WithoutCancel(t.Context()), database, postgres.Options{Now: o.Now, SearchTimeout: o.SearchTimeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// PostgresURL is the URL of the database that Postgres opens, for what opens it
// itself.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(PostgresEnv)
	if server == "" {
		t.Skip(PostgresEnv + " is not set")
	}
	template, err := postgresTemplate()
	if err != nil {
		t.Fatal(err)
	}
	name := "tributary_test_" + strings.ToLower(rand.Text())
	ctx := context.WithoutCancel(t.Context())
	if err := administer(ctx, server, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := administer(ctx, server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return PostgresDatabase(server, name)
}

// PostgresDatabase is a server's URL with another database.
func PostgresDatabase(server, database string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server // connecting says what is wrong with it
	}
	u.Path = "/" + database
	return u.String()
}

func administer(ctx context.Context, server, statement string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// templateLock is the advisory lock under which the template is made.
const templateLock = 0x7472_6962

var postgresTemplate = sync.OnceValues(makeTemplate)

// makeTemplate makes the migrated database that tests copy. Its name tells the
// schema, so that it serves every test process until a migration changes.
func makeTemplate() (string, error) {
	schema, err := postgres.Schema()
	if err != nil {
		return "", err
	}
	ctx, server, name := context.Background(), os.Getenv(PostgresEnv), "tributary_template_"+schema
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx) // which gives up the lock
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return "", err
	}
	var there bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there)
	if err != nil || there {
		return name, err
	}
	return name, fill(ctx, conn, server, name)
}

// fill migrates a database of another name and renames it when it is whole.
func fill(ctx context.Context, conn *pgx.Conn, server, name string) error {
	draft := name + "_draft"
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + draft, "CREATE DATABASE " + draft} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	s, err := postgres.Open(ctx, PostgresDatabase(server, draft), postgres.Options{})
	if err != nil {
		return err
	}
	err = s.Migrate(ctx)
	_ = s.Close()
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name)
	return err
}
