package terminology

import (
	"sync"
	"time"

	"tributary/fhir/terminology"
)

// Capabilities is the TerminologyCapabilities of this server (R4, section 4.7.2), for
// metadata?mode=terminology. It lists the code systems of R4 that everybody has;
// which others are stored, a client finds out by searching for them.
func (s *Service) Capabilities(baseURL, version string) func() []byte {
	return sync.OnceValue(func() []byte {
		w := &writer{[]byte(`{"resourceType":"TerminologyCapabilities","status":"active","kind":"instance"`)}
		w.member("date", s.now().UTC().Format(time.RFC3339))
		w.raw(`,"software":{"name":"Tributary"`)
		w.member("version", version)
		w.raw(`},"implementation":{"description":"Tributary FHIR R4 terminology"`)
		w.member("url", baseURL)
		w.raw("}")
		list(w, "codeSystem", terminology.BaseSystems(), func(canonical *string) {
			url, version := terminology.Canonical(*canonical)
			w.member("uri", url)
			if version != "" {
				w.raw(`,"version":[{`)
				w.member("code", version)
				w.raw(`,"isDefault":true}]`)
			}
			w.raw(`,"subsumption":true`)
		})
		w.raw(`,"expansion":{"hierarchical":true,"paging":true,"incomplete":false`)
		list(w, "parameter", operations[0].parameters, func(name *string) { w.member("name", *name) })
		w.member("textFilter", "Each word of the filter begins the code, or stands in the display or a designation; case does not matter.")
		w.raw(`},"codeSearch":"explicit","validateCode":{"translations":true},"translation":{"needsMap":false}}`)
		return w.b
	})
}
