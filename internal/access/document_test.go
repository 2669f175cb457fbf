package access

import (
	"os"
	"strings"
	"testing"
)

// The documentation is the policy.
func TestDocumentIsCurrent(t *testing.T) {
	page, err := os.ReadFile("../../docs/access.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), DocumentBegins)
	text, _, ended := strings.Cut(rest, DocumentEnds)
	if !ended || strings.TrimSpace(text) != strings.TrimSpace(Document()) {
		t.Error("docs/access.md is not what the policy says; run: go generate ./internal/access")
	}
}

// Each role of the policy is documented, and has a meaning.
func TestEveryRoleIsDocumented(t *testing.T) {
	if len(Roles) != len(policy) {
		t.Errorf("%d roles are documented, the policy has %d", len(Roles), len(policy))
	}
	for _, role := range Roles {
		if ruleOf(role).is == "" || !strings.Contains(Document(), "`"+string(role)+"`") {
			t.Errorf("nothing is said about %s", role)
		}
	}
}
