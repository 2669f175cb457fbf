package path

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"strings"
)

// coding turns a text into another; ok is false for text that is no such code.
type coding func(string) (text string, ok bool)

var (
	escaping   = map[string]coding{"html": always(escapeHTML), "json": always(escapeJSON)}
	unescaping = map[string]coding{"html": always(html.UnescapeString), "json": always(unescapeJSON)}
	encoding   = map[string]coding{
		"hex":       always(func(s string) string { return hex.EncodeToString([]byte(s)) }),
		"base64":    always(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
		"urlbase64": always(func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) }),
	}
	decoding = map[string]coding{
		"hex":       decoded(hex.DecodeString),
		"base64":    decoded(base64.StdEncoding.DecodeString),
		"urlbase64": decoded(base64.URLEncoding.DecodeString),
	}
)

var (
	jsonEscapes   = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\f", `\f`, "\b", `\b`)
	jsonUnescapes = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\/`, `/`, `\n`, "\n", `\r`, "\r", `\t`, "\t", `\f`, "\f", `\b`, "\b")
)

// htmlEscapes are named where HTML has names, unlike html.EscapeString's.
var htmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

func escapeHTML(s string) string   { return htmlEscapes.Replace(s) }
func escapeJSON(s string) string   { return jsonEscapes.Replace(s) }
func unescapeJSON(s string) string { return jsonUnescapes.Replace(s) }

func always(fn func(string) string) coding {
	return func(s string) (string, bool) { return fn(s), true }
}

func decoded(fn func(string) ([]byte, error)) coding {
	return func(s string) (string, bool) {
		b, err := fn(s)
		return string(b), err == nil
	}
}

// coded applies the coding that the argument names; an unknown name or a text
// that is no such code gives nothing.
func coded(table map[string]coding) method {
	return func(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
		text, name, ok, err := textAndArgument(r, s, in, args[0])
		if err != nil || !ok || table[name] == nil {
			return out, err
		}
		if result, ok := table[name](text); ok {
			out = append(out, computed(result))
		}
		return out, r.spendText(len(text))
	}
}
