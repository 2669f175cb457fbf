package terminology

import "strings"

// Pins say which versions of code systems to use: canonicals with a version
// (the parameters system-version, check-system-version and force-system-version
// of R4's ValueSet/$expand).
type Pins struct{ Default, Check, Force []string }

// apply is the canonical to ask for instead of one that a value set names.
func (p *Pins) apply(canonical string) (string, error) {
	url, version := Canonical(canonical)
	if forced := pinned(p.Force, url); forced != "" {
		return url + "|" + forced, nil
	}
	if checked := pinned(p.Check, url); checked != "" && version != "" && version != checked {
		return "", fault(Invalid, "the value set draws on the version %.60s of %s", version, url)
	}
	if preset := pinned(p.Default, url); preset != "" && version == "" {
		return url + "|" + preset, nil
	}
	return canonical, nil
}

// check holds the system that was found against the version that is asked for.
func (p *Pins) check(s *CodeSystem) error {
	if checked := pinned(p.Check, s.URL); checked != "" && checked != s.Version {
		return fault(Invalid, "the code system %s is known here in the version %.60q", s.URL, s.Version)
	}
	return nil
}

func pinned(list []string, url string) string {
	for _, pin := range list {
		if version, ok := strings.CutPrefix(pin, url+"|"); ok {
			return version
		}
	}
	return ""
}
