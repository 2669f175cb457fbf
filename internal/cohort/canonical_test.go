package cohort_test

import (
	"encoding/json"
	"testing"
)

// canonical is a resource's JSON with its fields in order and without meta.
func canonical(t *testing.T, body []byte) string {
	t.Helper()
	var all map[string]any
	ok(t, json.Unmarshal(body, &all))
	delete(all, "meta")
	out, err := json.Marshal(all)
	ok(t, err)
	return string(out)
}
