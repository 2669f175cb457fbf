package path

import (
	"strings"
	"unicode/utf8"
)

// stringFunctions are those of FHIRPath, section 5.6. Positions and lengths
// count characters, not bytes.
var stringFunctions = map[string]function{
	"startsWith":  {1, 1, stringTest(strings.HasPrefix), nil},
	"endsWith":    {1, 1, stringTest(strings.HasSuffix), nil},
	"contains":    {1, 1, stringTest(strings.Contains), nil},
	"upper":       {0, 0, stringMap(strings.ToUpper), nil},
	"lower":       {0, 0, stringMap(strings.ToLower), nil},
	"trim":        {0, 0, stringMap(strings.TrimSpace), nil},
	"length":      {0, 0, length, nil},
	"toChars":     {0, 0, toChars, nil},
	"indexOf":     {1, 1, position(strings.Index), nil},
	"lastIndexOf": {1, 1, position(strings.LastIndex), nil},
	"substring":   {1, 2, substring, nil},
	"replace":     {2, 2, replace, nil},
	"split":       {1, 1, split, nil},
	"join":        {0, 1, join, nil},
	"escape":      {1, 1, coded(escaping), nil},
	"unescape":    {1, 1, coded(unescaping), nil},
	"encode":      {1, 1, coded(encoding), nil},
	"decode":      {1, 1, coded(decoding), nil},
}

func inputText(in []Item) (string, bool, error) { return input[string](in, "a string") }

// textAndArgument is the input and the first argument, ok if both are there.
func textAndArgument(r *run, s *scope, in []Item, arg eval) (text, other string, ok bool, err error) {
	text, ok, err = inputText(in)
	if err != nil {
		return "", "", false, err
	}
	other, okArg, err := r.text(s, arg)
	return text, other, ok && okArg, err
}

func stringTest(test func(s, part string) bool) method {
	return func(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
		text, part, ok, err := textAndArgument(r, s, in, args[0])
		if ok && err == nil {
			out = boolean(out, test(text, part))
		}
		return out, err
	}
}

func stringMap(fn func(string) string) method {
	return func(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
		text, ok, err := inputText(in)
		if ok {
			out = append(out, computed(fn(text)))
		}
		return out, err
	}
}

func length(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	text, ok, err := inputText(in)
	if ok {
		out = append(out, computed(int64(utf8.RuneCountInString(text))))
	}
	return out, err
}

func toChars(r *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	text, _, err := inputText(in)
	if err == nil {
		err = r.spend(len(text))
	}
	if err != nil {
		return out, err
	}
	for _, c := range text {
		out = append(out, computed(string(c)))
	}
	return out, nil
}

func position(find func(s, part string) int) method {
	return func(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
		text, part, ok, err := textAndArgument(r, s, in, args[0])
		if !ok || err != nil {
			return out, err
		}
		at := find(text, part)
		if at > 0 {
			at = utf8.RuneCountInString(text[:at])
		}
		return append(out, computed(int64(at))), nil
	}
}

func substring(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	text, ok, err := inputText(in)
	if err != nil || !ok {
		return out, err
	}
	chars := []rune(text)
	start, ok, err := r.integer(s, args[0])
	if err != nil || !ok || start < 0 || start >= int64(len(chars)) {
		return out, err
	}
	chars = chars[start:]
	if len(args) > 1 {
		n, ok, err := r.integer(s, args[1])
		if err != nil {
			return out, err
		}
		if ok {
			chars = chars[:min(max(n, 0), int64(len(chars)))]
		}
	}
	return append(out, computed(string(chars))), nil
}

func replace(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	text, pattern, ok, err := textAndArgument(r, s, in, args[0])
	if err != nil || !ok {
		return out, err
	}
	by, ok, err := r.text(s, args[1])
	if err != nil || !ok {
		return out, err
	}
	if len(text)*(len(by)+1) > 16*maxLength {
		return out, fail("a text becomes too long")
	}
	return append(out, computed(strings.ReplaceAll(text, pattern, by))), nil
}

func split(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	text, separator, ok, err := textAndArgument(r, s, in, args[0])
	if err != nil || !ok {
		return out, err
	}
	for part := range strings.SplitSeq(text, separator) {
		out = append(out, computed(part))
	}
	return out, nil
}

func join(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	if len(in) == 0 {
		return out, nil
	}
	separator := ""
	if len(args) > 0 {
		var err error
		if separator, _, err = r.text(s, args[0]); err != nil {
			return out, err
		}
	}
	parts := make([]string, 0, len(in))
	for _, i := range in {
		part, ok := i.value().(string)
		if !ok {
			return out, fail("join() expects strings")
		}
		if err := r.spendText(len(part) + len(separator)); err != nil {
			return out, err
		}
		parts = append(parts, part)
	}
	return append(out, computed(strings.Join(parts, separator))), nil
}
