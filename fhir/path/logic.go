package path

// three is three-valued logic: no, unknown, yes.
type three int8

const (
	no three = iota - 1
	unsure
	yes
)

func toThree(value, known bool) three {
	switch {
	case !known:
		return unsure
	case value:
		return yes
	}
	return no
}

// logics are the tables of FHIRPath, section 6.5.
var logics = map[string]func(a, b three) three{
	"and":     func(a, b three) three { return min(a, b) },
	"or":      func(a, b three) three { return max(a, b) },
	"xor":     func(a, b three) three { return -a * b },
	"implies": func(a, b three) three { return max(-a, b) },
}

// logical does not evaluate the right side where the left one decides.
func logical(logic func(a, b three) three, left, right eval) eval {
	return func(r *run, s *scope, out []Item) ([]Item, error) {
		value, known, err := r.truth(s, left)
		if err != nil {
			return out, err
		}
		a := toThree(value, known)
		result := logic(a, no)
		if result != logic(a, yes) {
			if value, known, err = r.truth(s, right); err != nil {
				return out, err
			}
			result = logic(a, toThree(value, known))
		}
		if result == unsure {
			return out, nil
		}
		return boolean(out, result == yes), nil
	}
}
