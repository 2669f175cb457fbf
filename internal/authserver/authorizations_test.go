package authserver_test

import (
	"testing"

	"tributary/internal/errs"
)

func TestChecklist_8_2_PersonEndsAnAuthorization(t *testing.T) {
	h := newHarness(t)
	tokens := h.tokens()
	all, err := h.Authorizations(t.Context(), "account-1")
	if err != nil || len(all) != 1 || all[0].ClientName != "Public" || len(all[0].Scopes) != 5 {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := h.EndAuthorization(t.Context(), "account-2", all[0].ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("another's: %v", err)
	}
	h.resolves(tokens.text("access_token"), true)
	h.must(h.EndAuthorization(t.Context(), "account-1", all[0].ID))
	h.resolves(tokens.text("access_token"), false)
	h.refuses(h.refresh(tokens.text("refresh_token")), "invalid_grant", 400)
	if all, err := h.Authorizations(t.Context(), "account-1"); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}
