package records

import (
	"slices"
	"strconv"
	"strings"

	"tributary/internal/errs"
	"tributary/internal/store"
)

// expectation is what the current version must be for a change to be made.
type expectation struct {
	version int64  // that number; 0 asks nothing
	tags    string // one of these entity tags (If-Match); "" asks nothing
	unless  string // none of these entity tags (If-None-Match)
	absent  bool   // there must be none
	present bool   // there must be one
}

// parseIfMatch reads If-Match: * for any version, or a list of entity tags (RFC 9110,
// section 13.1.1), each a version's number in quotes. FHIR's tags are weak (R4, section
// 3.1.0.5), so that W/"3" and "3" are compared as the same.
func parseIfMatch(header string) (expectation, error) {
	text := strings.TrimSpace(header)
	switch text {
	case "":
		return expectation{}, nil
	case "*":
		return expectation{present: true}, nil
	}
	for tag := range strings.SplitSeq(text, ",") {
		if !isTag(strings.TrimSpace(tag)) {
			return expectation{}, errs.New(errs.Precondition, `If-Match is a version's tag, such as W/"3", a list of them, or *`)
		}
	}
	return expectation{tags: text}, nil
}

// expect is what an operation's If-Match and If-None-Match ask for.
func (op Op) expect() (expectation, error) {
	e, err := parseIfMatch(op.IfMatch)
	if text := strings.TrimSpace(op.IfNoneMatch); text == "*" {
		e.absent = true
	} else {
		e.unless = text
	}
	return e, err
}

// isTag tells whether a text is an entity tag, or the bare number that some clients send;
// an empty part of a list is none, and does no harm.
func isTag(text string) bool {
	text = strings.TrimPrefix(text, "W/")
	if _, err := strconv.ParseUint(text, 10, 63); err == nil || text == "" {
		return true
	}
	return len(text) > 1 && text[0] == '"' && strings.IndexByte(text[1:], '"') == len(text)-2
}

// Tagged tells whether one of the entity tags, as If-Match and If-None-Match list them,
// is that of the version, by the weak comparison (RFC 9110, section 8.8.3.2); * alone is
// that of any.
func Tagged(tags string, version int64) bool {
	if strings.TrimSpace(tags) == "*" {
		return true
	}
	own := strconv.FormatInt(version, 10)
	return slices.ContainsFunc(strings.Split(tags, ","), func(tag string) bool {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		return tag == own || len(tag) == len(own)+2 && tag[0] == '"' && tag[len(tag)-1] == '"' && tag[1:len(tag)-1] == own
	})
}

// Match holds what If-Match asks of a read against the version that is there.
func Match(header string, version int64) error {
	e, err := parseIfMatch(header)
	if err != nil {
		return err
	}
	return e.hold(&store.Resource{Version: version})
}

func (e expectation) hold(current *store.Resource) error {
	there := current != nil && !current.Deleted
	switch {
	case e.absent && there:
		return errs.New(errs.Precondition, "there is one already")
	case (e.present || e.version != 0 || e.tags != "") && !there:
		return errs.New(errs.Precondition, "there is no current version")
	case e.version != 0 && current.Version != e.version:
		return errs.New(errs.Precondition, "the current version is %d, not %d; read it again", current.Version, e.version)
	case e.tags != "" && !Tagged(e.tags, current.Version):
		return errs.New(errs.Precondition, "the current version is %d, which If-Match does not name; read it again", current.Version)
	case e.unless != "" && there && Tagged(e.unless, current.Version):
		return errs.New(errs.Precondition, "the current version is %d, which If-None-Match names", current.Version)
	}
	return nil
}
