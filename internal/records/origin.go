package records

import "tributary/fhir/tree"

// label is the origin that a version is stored with: what our own code says, or
// what the version before had. A repair over the API changes content, and not
// where it comes from; a resource that was deleted has lost its origin.
func (c *change) label() Origin {
	if c.origin != "" || c.previous == nil || c.previous.Deleted {
		return c.origin
	}
	return originOf(c.previous.Body)
}

func originOf(body []byte) Origin {
	root, err := tree.Parse(body)
	if err != nil {
		return ""
	}
	for tag := range root.At("meta", "tag").Elements() {
		if tag.Get("system").Text() == OriginSystem {
			return Origin(tag.Get("code").Text())
		}
	}
	return ""
}
