package fhirserver

import "context"

// Profiles tells which profiles resources are validated against: canonicals by type.
// The mark is another when they are others.
type Profiles interface {
	Supported(ctx context.Context) (byType map[string][]string, mark string, err error)
}

// Support lists profiles in the CapabilityStatement; before it serves.
func (s *Server) Support(p Profiles) { s.profiles = p }

// supported are the profiles; without any, none and no mark.
func (s *Server) supported(ctx context.Context) (byType map[string][]string, mark string, err error) {
	if s.profiles == nil {
		return nil, "", nil
	}
	return s.profiles.Supported(ctx)
}

// withProfiles puts the profiles into a CapabilityStatement (supportedProfile).
func withProfiles(statement object, profiles map[string][]string) object {
	for _, rest := range statement["rest"].([]object) {
		for _, resource := range rest["resource"].([]object) {
			if of := profiles[resource["type"].(string)]; len(of) > 0 {
				resource["supportedProfile"] = of
			}
		}
	}
	return statement
}
