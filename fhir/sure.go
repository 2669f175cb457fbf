package fhir

import (
	"net/url"
	"regexp"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// sure reports whether google/fhir would find nothing in the unit, so that it
// need not be asked: it takes several times what all else takes. The walk goes
// by google/fhir's own descriptors and has doubts wherever they do not tell, and
// google/fhir then decides. Whenever something is wrong it is asked, too, for
// all that is wrong is said together, in its words.
//
// That nothing passes here which google/fhir refuses is what sure_test.go holds.
func (w *walker) sure() bool {
	return !w.doubt && !w.thorough && len(w.faults) == 0 && len(w.metas) == 0
}

// tally is which elements an object has.
type tally struct {
	seen  fields
	twice bool // a name, a choice or a primitive's halves; or a name that nothing is known of
}

// resourceType is the member that names a resource's type.
var resourceType = element{field: 1 << 63}

func (s *tally) add(e *element) {
	if e == nil {
		s.twice = true
		return
	}
	s.twice = s.twice || s.seen&e.field != 0
	s.seen |= e.field
}

// whole reports whether every required element is there, each once.
func (s *tally) whole(t *typ) bool {
	if t == nil || s.twice {
		return false
	}
	required := t.needs()
	return s.seen&required == required
}

// sounds are the checks of a primitive's text (of a number, its literal) by the
// name of google/fhir's message. What is only unusual may be told unsound: it
// costs no more than a look of google/fhir's.
var sounds = map[protoreflect.FullName]func(text string) bool{
	"google.fhir.r4.core.String":      soundString,
	"google.fhir.r4.core.Code":        soundCode,
	"google.fhir.r4.core.Id":          IsID,
	"google.fhir.r4.core.Uri":         soundURI,
	"google.fhir.r4.core.Url":         soundURI,
	"google.fhir.r4.core.Canonical":   soundURI,
	"google.fhir.r4.core.Oid":         oidURN.MatchString,
	"google.fhir.r4.core.Uuid":        uuidURN.MatchString,
	"google.fhir.r4.core.Date":        soundDate,
	"google.fhir.r4.core.DateTime":    soundDateTime,
	"google.fhir.r4.core.Instant":     soundInstant,
	"google.fhir.r4.core.Time":        soundTime,
	"google.fhir.r4.core.Decimal":     func(text string) bool { return !strings.ContainsAny(text, "eE") },
	"google.fhir.r4.core.Integer":     func(text string) bool { return soundInteger(strings.TrimPrefix(text, "-")) },
	"google.fhir.r4.core.UnsignedInt": soundInteger,
	"google.fhir.r4.core.PositiveInt": func(text string) bool { return text[0] != '0' && soundInteger(text) },
}

var uuidURN = regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// maxString is the longest string that R4 allows, in bytes (R4, data type string).
const maxString = 1 << 20

func soundString(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return len(text) <= maxString
}

// soundCode holds that white space stands alone and between other signs only.
func soundCode(text string) bool {
	space := true
	for i := range len(text) {
		before := space
		space = strings.IndexByte(" \t\n\f\r", text[i]) >= 0
		if space && before {
			return false
		}
	}
	return !space
}

// soundURI asks package url, as google/fhir does, but for what is plain: a URN,
// or a web address of a host and a path without escapes.
func soundURI(text string) bool {
	rest, plain := strings.CutPrefix(text, "http://")
	if !plain {
		rest, plain = strings.CutPrefix(text, "https://")
	}
	if !plain {
		rest, plain = strings.CutPrefix(text, "urn:")
	}
	for i := 0; plain && i < len(rest); i++ {
		plain = plainSign[rest[i]]
	}
	if plain && rest != "" {
		return true
	}
	_, err := url.Parse(text)
	return err == nil
}

var plainSign = func() (set [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/" {
		set[c] = true
	}
	return set
}()

// soundInteger reports whether digits are a number of at most nine of them.
func soundInteger(digits string) bool {
	if len(digits) == 0 || len(digits) > 9 || digits[0] == '0' && len(digits) > 1 {
		return false
	}
	_, ok := number(digits)
	return ok
}
