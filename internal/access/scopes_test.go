package access

import "testing"

func TestParseScopes(t *testing.T) {
	for text, want := range map[string]string{
		"patient/Observation.rs": "patient/Observation.rs:rs:",
		"system/*.cruds":         "system/*.cruds:cruds:",
		"user/Patient.read":      "user/Patient.read:rs:",
		"user/Patient.write":     "user/Patient.write:cud:",
		"user/*.*":               "user/*.*:cruds:",
		"patient/Observation.rs?category=a|b&code=c":                 "patient/Observation.rs?category=a|b&code=c:rs:category=a|b&code=c",
		"http://smarthealthit.org/fhir/scopes/patient/Observation.r": "http://smarthealthit.org/fhir/scopes/patient/Observation.r:r:",
	} {
		s, err := ParseScopes("openid " + text)
		if err != nil || len(s.Resource) != 1 || !s.Has("openid") {
			t.Errorf("%s: %v, %v", text, s, err)
			continue
		}
		scope := s.Resource[0]
		if got := scope.String() + ":" + scope.Letters.String() + ":" + scope.Query; got != want {
			t.Errorf("%s: %s", text, got)
		}
		if s.String() != text+" openid" {
			t.Errorf("written as %s", s)
		}
	}
	for _, bad := range []string{
		"patient/Observation", "patient/Observation.", "patient/Observation.dus", "patient/Observation.rr",
		"patient/Observation.xyz", "patient/Nonsense.r", "patient/.r", "patient/Observation.r?", "system/Observation.sr",
	} {
		if s, err := ParseScopes(bad); err == nil {
			t.Errorf("%s became %v", bad, s)
		}
	}
	if s, err := ParseScopes("openid launch/patient offline_access"); err != nil || len(s.Resource) != 0 || len(s.Other) != 3 {
		t.Errorf("%v, %v", s, err)
	}
}
