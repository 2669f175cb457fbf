package sqlite

import "testing"

func TestUnnamed(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT 1": "SELECT 1",
		"INSERT INTO t (a, b) VALUES ($1,$2),($3,$4)": "INSERT INTO t (a, b) VALUES (?,?),(?,?)",
		"UPDATE t SET b = $1 WHERE a = $2":            "UPDATE t SET b = ? WHERE a = ?",
		"UPDATE t SET b = $2 WHERE a = $1":            "UPDATE t SET b = $2 WHERE a = $1", // not in order
		"SELECT $1, $1":                               "SELECT $1, $1",                    // not once
		"SELECT $1, $3":                               "SELECT $1, $3",
		"SELECT $name":                                "SELECT $name",
		"SELECT '$1''$2', $1, '$'":                    "SELECT '$1''$2', ?, '$'", // text stays
		"SELECT $1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11":   "SELECT ?,?,?,?,?,?,?,?,?,?,?",
	} {
		if got := unnamed(query); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
}
