package export

import (
	"reflect"
	"testing"

	"tributary/internal/access"
)

// A job asks as the client that it works for: with the same scopes, granular ones as
// well, Groups and provider.
func TestAskerIsKeptWhole(t *testing.T) {
	scopes, err := access.ParseScopes("system/Observation.rs?category=laboratory system/Patient.rs")
	if err != nil {
		t.Fatal(err)
	}
	a := access.Actor{Role: access.EHR, ID: "h", Client: "h", Scopes: scopes, Groups: []string{"g"}, Provider: "hospital", Purpose: "TREAT", Address: "192.0.2.1", RequestID: "r"}
	raw, err := keepAsker(a, []string{"x"})
	if err != nil {
		t.Fatal(err)
	}
	kept, back, err := readAsker(raw)
	if err != nil || back.Scopes.String() != scopes.String() || len(kept.Ignored) != 1 {
		t.Errorf("%+v, %v", kept, err)
	}
	back.Scopes = a.Scopes
	if !reflect.DeepEqual(back, a) {
		t.Errorf("%+v, want %+v", back, a)
	}
}

// Who is in an export of records as they are: those who share with the provider that asks.
func TestStandardExportIsForTheProvider(t *testing.T) {
	shares := func(with string) access.Permissions {
		return access.Permissions{Research: true, EHR: true, Providers: with}
	}
	withdrawn := shares("")
	withdrawn.Withdrawn = true
	for name, c := range map[string]struct {
		role        access.Role
		permissions access.Permissions
		ehr, ok     bool
	}{
		"shared with all": {access.EHR, shares(""), true, true}, "with it": {access.EHR, shares("clinic hospital"), true, true},
		"with another": {access.EHR, shares("clinic"), false, false}, "not shared": {access.EHR, access.Permissions{Research: true}, false, false},
		"withdrawn": {access.EHR, withdrawn, false, false}, "maintenance": {access.Maintenance, shares("clinic"), true, true},
		"maintenance of who left": {access.Maintenance, withdrawn, false, false},
	} {
		ehr, ok := admitsStandard(access.Actor{Role: c.role, Provider: "hospital"}, c.permissions)
		if ehr != c.ehr || ok != c.ok {
			t.Errorf("%s: %v, %v", name, ehr, ok)
		}
	}
}
