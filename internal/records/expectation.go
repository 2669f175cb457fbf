package records

import (
	"strconv"
	"strings"

	"tributary/internal/errs"
	"tributary/internal/store"
)

// expectation is what the current version must be for a change to be made.
type expectation struct {
	version int64 // that number; 0 asks nothing
	absent  bool  // there must be none
	present bool  // there must be one
}

// parseIfMatch reads If-Match: a weak entity tag with a version number, the form
// of R4, section 3.1.0.5. Strong tags and * are understood too.
func parseIfMatch(header string) (expectation, error) {
	text := strings.TrimSpace(header)
	switch text {
	case "":
		return expectation{}, nil
	case "*":
		return expectation{present: true}, nil
	}
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(text, "W/"), `"`), `"`)
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil || version < 1 {
		return expectation{}, errs.New(errs.Precondition, `If-Match must be a version's tag, such as W/"3"`)
	}
	return expectation{version: version}, nil
}

func (e expectation) hold(current *store.Resource) error {
	there := current != nil && !current.Deleted
	switch {
	case e.absent && there:
		return errs.New(errs.Precondition, "there is one already")
	case (e.present || e.version != 0) && !there:
		return errs.New(errs.Precondition, "there is no current version")
	case e.version != 0 && current.Version != e.version:
		return errs.New(errs.Precondition, "the current version is %d, not %d; read it again", current.Version, e.version)
	}
	return nil
}
