package smart

import (
	"slices"
	"strings"
	"testing"

	"tributary/connectors"
)

func TestLacking(t *testing.T) {
	most := "patient/" + strings.Join(usCore[1:], ".rs patient/") + ".rs"
	for _, c := range []struct{ name, asked, granted, refresh, want string }{
		{"all", "patient/*.rs offline_access", "patient/*.rs", "r", ""},
		{"version 1 for version 2", "patient/*.rs", "patient/*.read", "", ""},
		{"all rights", "patient/Observation.rs", "patient/Observation.*", "", ""},
		{"another context", "patient/Observation.rs", "user/Observation.cruds", "", ""},
		{"nothing is echoed", "patient/*.rs patient/Binary.rs", "", "", ""},
		{"a type of a list", "patient/Condition.rs patient/Binary.read", "patient/Condition.rs", "", "Binary"},
		{"a type of all", "patient/*.rs", most, "", usCore[0]},
		{"a part of a type", "patient/Observation.rs", "patient/Observation.rs?category=laboratory", "", ""},
		{"to write is not to read", "patient/Observation.rs", "patient/Observation.cud patient/Observation.write", "", "Observation"},
		{"no renewal, though echoed", "patient/*.rs offline_access", "patient/*.rs offline_access", "", connectors.Renewal},
		{"no renewal was asked for", "patient/*.rs", "patient/*.rs", "", ""},
		{"scopes of no resource", "openid patient/Goal.rs", "openid launch/patient", "", "Goal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := lacking(strings.Fields(c.asked), connectors.Credentials{Scopes: strings.Fields(c.granted), Refresh: c.refresh})
			if !slices.Equal(got, strings.Fields(c.want)) {
				t.Errorf("lacking %q", got)
			}
		})
	}
}

// What is lacking is told by the launch itself.
func TestLaunchTellsWhatIsLacking(t *testing.T) {
	e, c, p := newEHR(t, Options{})
	e.configure(nil)
	e.answer("/token", 200, `{"access_token":"a","patient":"p1","scope":["patient/Goal.rs"]}`)
	p.Scopes = []string{"patient/Goal.rs", "patient/Flag.rs", "offline_access"}
	a, err := c.Begin(t.Context(), p, "https://study.example/back")
	if err != nil {
		t.Fatal(err)
	}
	creds, err := c.Complete(t.Context(), p, a, map[string][]string{"state": {a.State}, "code": {"c"}})
	if err != nil || !slices.Equal(creds.Lacking, []string{"Flag", connectors.Renewal}) {
		t.Errorf("lacking %q, %v", creds.Lacking, err)
	}
}
