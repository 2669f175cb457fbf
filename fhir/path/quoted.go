package path

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// escapes of strings and delimited identifiers, besides \u.
var escapes = map[byte]byte{
	'\'': '\'', '"': '"', '`': '`', '\\': '\\', '/': '/', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

func (l *lexer) quoted(kind tokenKind) (token, error) {
	start, quote := l.pos, l.src[l.pos]
	l.pos++
	var b strings.Builder
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; c {
		case quote:
			l.pos++
			return token{kind, b.String(), start}, nil
		case '\\':
			if err := l.escape(&b); err != nil {
				return token{}, err
			}
		default:
			b.WriteByte(c)
			l.pos++
		}
	}
	return token{}, l.fail(start, "a quoted text does not end")
}

func (l *lexer) escape(b *strings.Builder) error {
	rest := l.src[l.pos+1:]
	if rest == "" {
		return l.fail(l.pos, "a quoted text does not end")
	}
	if rest[0] == 'u' {
		return l.unicode(b)
	}
	c, ok := escapes[rest[0]]
	if !ok {
		return l.fail(l.pos, "an unknown escape")
	}
	b.WriteByte(c)
	l.pos += 2
	return nil
}

func (l *lexer) unicode(b *strings.Builder) error {
	r, ok := hex4(l.src[l.pos:])
	if !ok {
		return l.fail(l.pos, "an escape has no four hexadecimal digits")
	}
	l.pos += 6
	if utf16.IsSurrogate(r) {
		low, ok := hex4(l.src[l.pos:])
		if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
			l.pos += 6
		}
	}
	b.WriteRune(r)
	return nil
}

// hex4 reads \uXXXX.
func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[:2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
