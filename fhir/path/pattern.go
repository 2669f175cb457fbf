package path

import "regexp"

// patternFunctions take regular expressions, in RE2's syntax: no look-around
// and no back-references, in return for linear time.
var patternFunctions = map[string]function{
	"matches":        {1, 2, nil, prepared(matches, false)},
	"matchesFull":    {1, 2, nil, prepared(matches, true)},
	"replaceMatches": {2, 3, nil, prepared(replaceMatches, false)},
}

// matcher gives the pattern of a call; ok is false when it is empty.
type matcher func(r *run, s *scope, args []eval) (re *regexp.Regexp, ok bool, err error)

// prepared compiles a literal pattern with the expression.
func prepared(use func(matcher) method, full bool) func(n *node) (method, error) {
	return func(n *node) (method, error) {
		text, literal := n.kids[0].value.(string)
		if !literal {
			return use(dynamic(full)), nil
		}
		re, err := pattern(text, full)
		if err != nil {
			return nil, &SyntaxError{n.kids[0].pos, err.(*EvalError).Reason}
		}
		return use(func(*run, *scope, []eval) (*regexp.Regexp, bool, error) { return re, true, nil }), nil
	}
}

func dynamic(full bool) matcher {
	return func(r *run, s *scope, args []eval) (*regexp.Regexp, bool, error) {
		text, ok, err := r.text(s, args[0])
		if err != nil || !ok {
			return nil, false, err
		}
		re, err := pattern(text, full)
		return re, true, err
	}
}

// pattern compiles in single-line mode, where the point matches line ends too.
func pattern(text string, full bool) (*regexp.Regexp, error) {
	if full {
		text = `\A(?:` + text + `)\z`
	}
	re, err := regexp.Compile("(?s)" + text)
	if err != nil {
		return nil, fail("a regular expression is not valid")
	}
	return re, nil
}

func matches(m matcher) method {
	return func(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
		text, ok, err := inputText(in)
		if err != nil || !ok {
			return out, err
		}
		re, ok, err := m(r, s, args)
		if err == nil && ok {
			out = boolean(out, re.MatchString(text))
		}
		return out, err
	}
}

func replaceMatches(m matcher) method {
	return func(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
		text, ok, err := inputText(in)
		if err != nil || !ok {
			return out, err
		}
		re, ok, err := m(r, s, args)
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
		if re.String() == "(?s)" {
			return append(out, computed(text)), nil // an empty pattern replaces nothing
		}
		return append(out, computed(re.ReplaceAllString(text, groups.ReplaceAllString(by, "$${$1}")))), nil
	}
}

// groups are the references to groups in a replacement; Go wants them in
// braces, or $1x would be a group of that name.
var groups = regexp.MustCompile(`\$(\d+)`)
