package fhirserver

import "net/http"

// Describe serves a resource at metadata?mode=… (R4, section 3.1.0.9), beside the
// CapabilityStatement; terminology is the one mode that R4 has with a resource of its
// own. It must not say more than everybody may know. Before the server is in use.
func (s *Server) Describe(mode string, resource func() []byte) {
	if s.modes == nil {
		s.modes = map[string]func() []byte{}
	}
	s.modes[mode] = resource
}

// described answers the modes of metadata that have a resource of their own.
func (s *Server) described(w http.ResponseWriter, r *request) bool {
	if len(s.modes) == 0 || r.URL.RawQuery == "" {
		return false
	}
	resource := s.modes[r.URL.Query().Get("mode")]
	if resource == nil {
		return false
	}
	write(w, http.StatusOK, resource())
	return true
}
