package demo_test

import (
	"testing"

	"tributary/internal/demo"
)

// What is in quarantine makes a pull partial, but not incomplete.
func TestWholePulls(t *testing.T) {
	for told, want := range map[string]bool{
		`{"state":"complete","types":[{"state":"done"}]}`:                                   true,
		`{"state":"partial","types":[{"state":"done","quarantined":1},{"state":"done"}]}`:   true,
		`{"state":"partial","types":[{"state":"done"},{"state":"failed","reason":"down"}]}`: false,
		`{"state":"running","types":[{"state":"done"}]}`:                                    false,
		`{"state":"held","types":[]}`:                                                       false,
	} {
		if whole, err := demo.Whole([]byte(told)); whole != want || err != nil {
			t.Errorf("%s: %v, %v", told, whole, err)
		}
	}
}
