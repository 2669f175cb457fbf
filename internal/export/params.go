package export

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tributary/fhir/tree"
	"tributary/internal/errs"
)

// maxKickOff bounds the body of a kick-off by POST.
const maxKickOff = 1 << 20

// asked are the parameters of a kick-off (Bulk Data, "Export: Query Parameters").
type asked struct {
	types   []string
	since   time.Time
	format  string
	lenient bool
	ignored []string // what a lenient request passed over, in words
}

// formats are the spellings of the one output format.
var formats = []string{"", "application/fhir+ndjson", "application/ndjson", "ndjson"}

// parse reads the parameters, from the query or from a Parameters resource.
func parse(r *http.Request) (*asked, error) {
	a := &asked{lenient: prefers(r, "handling=lenient")}
	values, err := values(r)
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		if err := a.take(v[0], v[1]); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func prefers(r *http.Request, what string) bool {
	for _, line := range r.Header.Values("Prefer") {
		for part := range strings.FieldsFuncSeq(line, func(c rune) bool { return c == ',' || c == ';' }) {
			if strings.EqualFold(strings.TrimSpace(part), what) {
				return true
			}
		}
	}
	return false
}

// values are names and values in the order in which they came.
func values(r *http.Request) ([][2]string, error) {
	var pairs [][2]string
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "the query string is not encoded as a URL's")
	}
	for name, all := range query {
		for _, v := range all {
			pairs = append(pairs, [2]string{name, v})
		}
	}
	slices.SortStableFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	if r.Method != http.MethodPost {
		return pairs, nil
	}
	posted, err := posted(r)
	return append(pairs, posted...), err
}

// posted reads a Parameters resource; no body is no parameters.
func posted(r *http.Request) (pairs [][2]string, err error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxKickOff))
	if err != nil {
		return nil, errs.Wrap(err, errs.TooLarge, "the body of a kick-off has at most %d bytes", maxKickOff)
	}
	if len(body) == 0 {
		return nil, nil
	}
	root, err := tree.Parse(body)
	if err != nil || root.Get("resourceType").Text() != "Parameters" {
		return nil, errs.Wrap(err, errs.Invalid, "the body of a kick-off is a Parameters resource")
	}
	for p := range root.Get("parameter").Elements() {
		value := ""
		for name, v := range p.Members() {
			if strings.HasPrefix(name, "value") {
				value = v.Text()
			}
		}
		pairs = append(pairs, [2]string{p.Get("name").Text(), value})
	}
	return pairs, nil
}

func (a *asked) take(name, value string) (err error) {
	switch name {
	case "_outputFormat":
		if a.format = strings.ReplaceAll(value, " ", "+"); !slices.Contains(formats, a.format) { // a + that was not encoded has become a space
			return errs.New(errs.Invalid, "_outputFormat is application/fhir+ndjson")
		}
	case "_type":
		for typ := range strings.SplitSeq(value, ",") {
			if typ = strings.TrimSpace(typ); typ != "" && !slices.Contains(a.types, typ) {
				a.types = append(a.types, typ)
			}
		}
	case "_since":
		if a.since, err = time.Parse(time.RFC3339Nano, strings.ReplaceAll(value, " ", "+")); err != nil {
			return errs.Wrap(err, errs.Invalid, "_since is an instant, such as 2026-01-02T03:04:05Z")
		}
	default:
		return a.pass("this server does not support the parameter " + printable(name))
	}
	return nil
}

// pass goes over what is not supported, if the client lets us.
func (a *asked) pass(what string) error {
	if !a.lenient {
		return errs.New(errs.Invalid, "%s; Prefer: handling=lenient passes over it", what)
	}
	a.ignored = append(a.ignored, what)
	return nil
}

// printable keeps a client's word short and harmless in an answer.
func printable(word string) string {
	word = strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, word)
	return word[:min(len(word), 64)]
}

// narrow holds the types that were asked for against those of the tier.
func (a *asked) narrow(tier []string) ([]string, error) {
	if len(a.types) == 0 {
		return tier, nil
	}
	var types []string
	for _, typ := range a.types {
		if slices.Contains(tier, typ) {
			types = append(types, typ)
		} else if err := a.pass("this client's exports do not hold the type " + printable(typ)); err != nil {
			return nil, err
		}
	}
	if len(types) == 0 {
		return nil, errs.New(errs.Invalid, "none of the types that were asked for is in this client's exports")
	}
	return types, nil
}
