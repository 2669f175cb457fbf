package path

import (
	"fmt"
	"strings"
)

// tokenKind sorts what the lexer finds.
type tokenKind uint8

const (
	tokenEnd       tokenKind = iota
	tokenName                // identifier or keyword
	tokenDelimited           // `identifier`: never a keyword
	tokenString              // 'text'
	tokenNumber              // 1 or 1.50
	tokenTemporal            // @2020, @2020T, @T10
	tokenVariable            // %name
	tokenSymbol              // operators, brackets, $this
)

type token struct {
	kind tokenKind
	text string // unescaped, without quotes and marks
	pos  int
}

// symbols are tried in this order: the longer ones first.
var symbols = []string{
	"<=", ">=", "!=", "!~", "$this", "$index", "$total",
	"<", ">", "=", "~", "|", "&", "+", "-", "*", "/", ".", ",", "(", ")", "[", "]", "{", "}",
}

type lexer struct {
	src string
	pos int
}

func (l *lexer) fail(pos int, format string, args ...any) error {
	return &SyntaxError{Position: pos, Reason: fmt.Sprintf(format, args...)}
}

// tokens cuts the whole expression.
func (l *lexer) tokens() ([]token, error) {
	var all []token
	for {
		if err := l.space(); err != nil {
			return nil, err
		}
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		if t.kind == tokenEnd {
			return all, nil
		}
	}
}

// space passes over white space and comments.
func (l *lexer) space() error {
	for l.pos < len(l.src) {
		rest := l.src[l.pos:]
		switch {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			l.pos++
		case strings.HasPrefix(rest, "//"):
			end := strings.IndexAny(rest, "\r\n")
			if end < 0 {
				end = len(rest)
			}
			l.pos += end
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return l.fail(l.pos, "a comment does not end")
			}
			l.pos += end + 4
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) next() (token, error) {
	start := l.pos
	if start == len(l.src) {
		return token{kind: tokenEnd, pos: start}, nil
	}
	switch c := l.src[start]; {
	case letter(c):
		return token{tokenName, l.while(nameByte), start}, nil
	case digit(c):
		return token{tokenNumber, l.number(), start}, nil
	case c == '\'':
		return l.quoted(tokenString)
	case c == '`' || c == '"':
		return l.quoted(tokenDelimited)
	case c == '@':
		l.pos++
		return token{tokenTemporal, l.temporal(), start}, nil
	case c == '%':
		return l.variable()
	}
	for _, s := range symbols {
		if strings.HasPrefix(l.src[start:], s) {
			l.pos += len(s)
			return token{tokenSymbol, s, start}, nil
		}
	}
	return token{}, l.fail(start, "an unexpected character")
}

func (l *lexer) while(accept func(byte) bool) string {
	start := l.pos
	for l.pos < len(l.src) && accept(l.src[l.pos]) {
		l.pos++
	}
	return l.src[start:l.pos]
}

// number leaves a point alone that no digit follows: 1.toString(). An L behind
// digits makes a Long of them.
func (l *lexer) number() string {
	start := l.pos
	l.while(digit)
	if rest := l.src[l.pos:]; rest != "" && rest[0] == 'L' && (len(rest) == 1 || !nameByte(rest[1])) {
		l.pos++
		return l.src[start:l.pos]
	}
	if l.pos+1 < len(l.src) && l.src[l.pos] == '.' && digit(l.src[l.pos+1]) {
		l.pos++
		l.while(digit)
	}
	return l.src[start:l.pos]
}

// temporal takes what can be part of a date or time; parseTemporal judges it.
func (l *lexer) temporal() string {
	start := l.pos
	l.while(func(c byte) bool { return digit(c) || c == '-' })
	if l.pos < len(l.src) && l.src[l.pos] == 'T' {
		l.pos++
		l.while(func(c byte) bool { return digit(c) || c == ':' })
		if l.pos+1 < len(l.src) && l.src[l.pos] == '.' && digit(l.src[l.pos+1]) {
			l.pos++
			l.while(digit)
		}
		l.zone()
	}
	return l.src[start:l.pos]
}

// zone takes Z or +hh:mm; a minus or plus otherwise is an operator.
func (l *lexer) zone() {
	rest := l.src[l.pos:]
	switch {
	case strings.HasPrefix(rest, "Z"):
		l.pos++
	case len(rest) >= 6 && (rest[0] == '+' || rest[0] == '-') && digit(rest[1]) && digit(rest[2]) && rest[3] == ':':
		l.pos += 6
	}
}

func (l *lexer) variable() (token, error) {
	start := l.pos
	l.pos++
	if l.pos < len(l.src) && strings.IndexByte("`'\"", l.src[l.pos]) >= 0 {
		t, err := l.quoted(tokenVariable)
		t.pos = start
		return t, err
	}
	name := l.while(func(c byte) bool { return nameByte(c) || c == '-' })
	if name == "" {
		return token{}, l.fail(start, "a variable has no name")
	}
	return token{tokenVariable, name, start}, nil
}

func digit(c byte) bool    { return c >= '0' && c <= '9' }
func letter(c byte) bool   { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func nameByte(c byte) bool { return letter(c) || digit(c) }
