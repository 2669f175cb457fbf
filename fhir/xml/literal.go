package xml

import "unsafe"

const hexDigits = "0123456789abcdef"

// unquoted has the bytes that stand for themselves in a JSON string.
var unquoted = func() (table [256]bool) {
	for c := range table {
		table[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return table
}()

// shorter are the escapes that JSON has a letter for.
var shorter = map[byte]byte{'"': '"', '\\': '\\', '\n': 'n', '\r': 'r', '\t': 't'}

// appendQuoted appends what stands between the quotes of a JSON string.
func appendQuoted(b, text []byte) []byte {
	from := 0
	for i, c := range text {
		if unquoted[c] {
			continue
		}
		b = append(b, text[from:i]...)
		if letter, ok := shorter[c]; ok {
			b = append(b, '\\', letter)
		} else {
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		from = i + 1
	}
	return append(b, text[from:]...)
}

// isNumber tells whether the bytes are a number of JSON (RFC 8259, section 6),
// which is what FHIR's numbers look like in XML, too.
func isNumber(b []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(b) && b[n] >= '0' && b[n] <= '9' {
			n++
		}
		b = b[n:]
		return n > 0
	}
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) > 0 && b[0] == '0' {
		b = b[1:]
	} else if !digits() {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		if b = b[1:]; !digits() {
			return false
		}
	}
	if len(b) > 0 && b[0]|0x20 == 'e' {
		if b = b[1:]; len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		if !digits() {
			return false
		}
	}
	return len(b) == 0
}

func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
