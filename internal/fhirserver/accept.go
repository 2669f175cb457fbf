package fhirserver

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tributary/internal/errs"
)

// wish is the form in which a client wants an answer; the zero value is the bytes
// as they are stored.
type wish struct {
	xml, pretty bool
	graphql     string // what of an operation's answer, as GraphQL (R4, graphql.html, Operations)
}

// wished reads _format, or else Accept, and _pretty (R4, sections 3.1.0.1.11 and
// 3.1.0.1.12). Most requests name JSON or nothing, which costs them two look-ups.
func wished(r *http.Request) (wish, error) {
	if r.URL.RawQuery != "" && shapes(r.URL.RawQuery) {
		w, err := wishedIn(r.URL.Query(), r.Header["Accept"])
		if strings.Contains(r.URL.Path, "/$") {
			w.graphql = r.URL.Query().Get("_graphql")
		}
		return w, err
	}
	switch accept := r.Header["Accept"]; {
	case len(accept) == 0, len(accept) == 1 && (formats[accept[0]] == inJSON || anyTypes[accept[0]] > 0):
		return wish{}, nil
	default:
		xml, err := accepted(accept)
		return wish{xml: xml}, err
	}
}

// shapes tells whether a query may say what the answer looks like.
func shapes(query string) bool {
	return strings.Contains(query, "_format") || strings.Contains(query, "_pretty") || strings.Contains(query, "_graphql")
}

func wishedIn(query url.Values, accept []string) (w wish, err error) {
	w.pretty = query.Get("_pretty") == "true"
	if format := query.Get("_format"); format != "" {
		accept = []string{strings.ReplaceAll(format, " ", "+")} // a + that was not encoded has become a space
	}
	w.xml, err = accepted(accept)
	return w, err
}

// weight is how much a client wants a format: the quality, how closely it was
// named (0: not at all), and where.
type weight struct {
	quality float64
	rank    int
	at      int
}

func (w weight) less(other weight) bool {
	switch {
	case w.quality != other.quality:
		return w.quality < other.quality
	case w.rank != other.rank:
		return w.rank < other.rank
	}
	return w.at > other.at
}

// accepted holds media ranges against what is served (RFC 9110, section 12.5.1):
// the closest range counts, of equal wishes the first. Ranges of any type get JSON.
func accepted(lines []string) (xml bool, err error) {
	var wanted [2]weight
	at := 0
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			if part = strings.TrimSpace(part); part != "" {
				at++
				weigh(&wanted, part, at)
			}
		}
	}
	json, other := wanted[0], wanted[1]
	switch {
	case at == 0:
		return false, nil
	case json.quality == 0 && other.quality == 0:
		return false, errs.New(errs.NotAcceptable, "served are %s and %s, of fhirVersion 4.0", fhirJSON, fhirXML)
	}
	return json.less(other), nil
}

// weigh takes account of one media range.
func weigh(wanted *[2]weight, part string, at int) {
	typ, params, _ := strings.Cut(part, ";")
	typ = strings.ToLower(strings.TrimSpace(typ))
	w := weight{quality: qualityOf(params), rank: anyTypes[typ], at: at}
	for i, format := range []format{inJSON, inXML} {
		mine := w
		if formats[typ] == format {
			mine.rank = 3
		}
		if known := wanted[i]; mine.rank > 0 && ourVersion(params) && (mine.rank > known.rank || mine.rank == known.rank && mine.quality > known.quality) {
			wanted[i] = mine
		}
	}
}

// anyTypes are the ranges that hold both formats, and how close they come to them.
var anyTypes = map[string]int{"*": 1, "*/*": 1, "application/*": 2}

func qualityOf(params string) float64 {
	text, ok := param(params, "q")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || q < 0 || q > 1 {
		return 1
	}
	return q
}

// ourVersion tells whether the parameters of a media type name a version of FHIR
// that is not served here (R4, section 2.1.0.11).
func ourVersion(params string) bool {
	version, ok := param(params, "fhirversion")
	return !ok || version == "4.0" || version == "4.0.1"
}

// param finds a parameter of a media type; names are in lower case.
func param(params, name string) (string, bool) {
	for params != "" {
		var one string
		one, params, _ = strings.Cut(params, ";")
		key, value, ok := strings.Cut(one, "=")
		if ok && strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Trim(strings.TrimSpace(value), `"`), true
		}
	}
	return "", false
}

// ask takes account of what a posted form says of the answer's form.
func (r *request) ask(form string) error {
	if !shapes(form) {
		return nil
	}
	query, err := url.ParseQuery(form)
	if err != nil {
		return nil // who reads the parameters says what is wrong
	}
	w, err := wishedIn(query, nil)
	if query.Get("_format") != "" {
		r.wish.xml = w.xml
	}
	r.wish.pretty = r.wish.pretty || w.pretty
	return err
}
