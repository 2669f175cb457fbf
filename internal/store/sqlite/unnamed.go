package sqlite

import (
	"strconv"
	"strings"
)

// unnamed is the statement with plain ? for its parameters $1, $2, …, where they
// stand in this order and each once; any other statement stays as it is. To
// SQLite, $1 is a name, which it finds by going through a list: binding n
// parameters would cost n² steps.
func unnamed(query string) string {
	var b strings.Builder
	rest, quoted := query, false
	for n := 1; ; {
		i := strings.IndexAny(rest, "$'")
		if i < 0 {
			b.WriteString(rest)
			return b.String()
		}
		if rest[i] == '\'' || quoted {
			quoted = quoted != (rest[i] == '\'')
			b.WriteString(rest[:i+1])
			rest = rest[i+1:]
			continue
		}
		digits := numeral(rest[i+1:])
		if digits != strconv.Itoa(n) {
			return query
		}
		b.WriteString(rest[:i])
		b.WriteByte('?')
		rest = rest[i+1+len(digits):]
		n++
	}
}

// numeral is the digits that s begins with.
func numeral(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }
