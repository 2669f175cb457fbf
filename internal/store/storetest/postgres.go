package storetest

import (
	"os"
	"testing"

	"tributary/internal/store"
)

// PostgresEnv names the environment variable that holds the server's URL.
const PostgresEnv = "TRIBUTARY_TEST_POSTGRES"

// Postgres gives a fresh, migrated PostgreSQL store, or skips the test.
func Postgres(t testing.TB, o Options) store.Store {
	t.Helper()
	if os.Getenv(PostgresEnv) == "" {
		t.Skip(PostgresEnv + " is not set")
	}
	t.Fatal("no PostgreSQL backend is built in")
	return nil
}
