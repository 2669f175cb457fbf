package profile

import (
	"errors"
	"fmt"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// run is one validation of one document.
type run struct {
	o       *Options
	root    tree.Value
	prefix  string // of the place in the Bundle around the document
	outer   *run   // of that Bundle
	profile *Profile
	issues  []Issue
	more    int // issues that were not listed
	errors  int
	visited map[visit]bool
	said    map[string]bool // what is said once only
	listing map[Issue]bool  // those of issues: an element may be asked for the same twice, by a slice and without it
	env     path.Env
	depth   int
	entries map[string]tree.Value // of a Bundle: resources by fullUrl
}

// visit is that of a place with a profile.
type visit struct {
	profile *Profile
	at      tree.Value
}

// maxDepth bounds how far profiles are followed through types, slices and references.
const maxDepth = 24

func newRun(root tree.Value, o *Options) *run {
	r := &run{o: o, root: root, visited: map[visit]bool{}, said: map[string]bool{}, listing: map[Issue]bool{}}
	r.env = path.Env{Now: o.Now, Resolve: r.resolve, Terminology: o.Terminology, Profiles: r}
	return r
}

// ConformsTo implements path.Profiles.
func (r *run) ConformsTo(resource tree.Value, canonical string) (conforms, known bool, err error) {
	if name := baseType(canonical); name != "" {
		return isType(rootItem(resource).typ, name), true, nil
	}
	p := r.known(canonical, resource)
	return p != nil && r.conforms(p, rootItem(resource)), p != nil, nil
}

// place is where an issue is: FHIRPath has no underscore members, and a client
// chooses the names of members that R4 does not know.
func (r *run) place(v tree.Value) string {
	expression := v.Expression()
	if r.prefix != "" {
		_, rest, deeper := strings.Cut(expression, ".")
		expression = r.prefix
		if deeper {
			expression += "." + rest
		}
	}
	expression = strings.ReplaceAll(expression, "._", ".")
	return strings.Map(nameRune, expression[:min(len(expression), maxExpression)])
}

const maxExpression = 300

func nameRune(c rune) rune {
	plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
	if plain || strings.ContainsRune("_.[]$-", c) {
		return c
	}
	return '?'
}

func (r *run) add(i Issue) {
	if i.Severity == "error" {
		r.errors++
	}
	if len(r.issues) == MaxIssues {
		r.more++
		return
	}
	if !r.listing[i] {
		r.listing[i] = true
		r.issues = append(r.issues, i)
	}
}

func (r *run) issue(severity, code string, at tree.Value, key, format string, args ...any) {
	i := Issue{Severity: severity, Code: code, Text: fmt.Sprintf(format, args...), Key: key}
	if len(r.issues) < MaxIssues {
		i.Expression = r.place(at)
	}
	if r.profile != nil {
		i.Profile = r.profile.Canonical()
	}
	r.add(i)
}

func (r *run) fault(code string, at tree.Value, format string, args ...any) {
	r.issue("error", code, at, "", format, args...)
}

// once tells what is true of the definitions and not of one place: the first place
// stands for all.
func (r *run) once(severity string, at tree.Value, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !r.said[text] {
		r.said[text] = true
		r.issue(severity, "not-found", at, "", "%s", text)
	}
}

func (r *run) listed() []Issue {
	if r.more > 0 {
		r.issues = append(r.issues, Issue{Severity: "warning", Code: "too-costly", Text: fmt.Sprintf("%d further issues are not listed; correct these first", r.more)})
	}
	return r.issues
}

// against holds an item against a profile, once.
func (r *run) against(p *Profile, it item) {
	key := visit{p, it.at()}
	if r.visited[key] || r.depth >= maxDepth || r.stopped() {
		return
	}
	r.visited[key] = true
	before := r.profile
	r.profile = p
	r.depth++
	defer func() { r.profile, r.depth = before, r.depth-1 }()
	if !isType(it.typ, p.Type) {
		r.fault("structure", it.at(), "the profile is for %s; validate this against a profile of its own type", p.Type)
		return
	}
	r.noted(p)
	r.element(p.root, it)
}

// noted tells what of a profile cannot be held.
func (r *run) noted(p *Profile) {
	for _, n := range p.notes {
		if key := n.Profile + n.Text; !r.said[key] {
			r.said[key] = true
			r.add(n)
		}
	}
}

// conforms tries a profile without telling what is wrong.
func (r *run) conforms(p *Profile, it item) bool {
	if r.depth >= maxDepth {
		return true
	}
	try := *r
	try.issues, try.errors, try.more = nil, 0, 0
	try.visited, try.said, try.listing = map[visit]bool{}, map[string]bool{}, map[Issue]bool{}
	try.env.Resolve, try.env.Profiles = try.resolve, &try
	try.against(p, it)
	return try.errors == 0
}

// holds evaluates an invariant. An empty result breaks nothing: R4's own invariants
// say so little of what is absent that bdl-8 (fullUrl.contains('/_history/').not())
// is empty for an entry without fullUrl.
func (r *run) holds(i *invariant, it item) (bool, error) {
	if i.native != nil {
		return i.native(it), nil
	}
	found, err := i.expr.Eval(it.at(), &r.env)
	switch {
	case err != nil || len(found) == 0:
		return true, err
	case len(found) > 1:
		return true, errors.New("it gives several values where one boolean is expected")
	}
	return found[0].String() != "false", nil
}

// stopped tells whether there is no more time, which is said once.
func (r *run) stopped() bool {
	if r.o.Stopped == nil || !r.o.Stopped() {
		return false
	}
	const text = "the resource takes too long to validate: not everything was held against it; validate it in parts"
	if !r.said[text] {
		r.said[text] = true
		r.add(Issue{Severity: "error", Code: "too-costly", Text: text})
	}
	return true
}

// invariant evaluates one; what cannot be evaluated is told.
func (r *run) invariant(i *invariant, it item) {
	if r.stopped() {
		return
	}
	holds, err := r.holds(i, it)
	switch {
	case err != nil:
		r.issue("information", "not-supported", it.at(), i.key, "the invariant %s could not be evaluated here: %v", i.key, err)
	case holds:
	case i.warning:
		r.said[i.key] = true
		r.issue("warning", "invariant", it.at(), i.key, "%s (%s)", i.human, i.key)
	default:
		r.issue("error", "invariant", it.at(), i.key, "%s (%s)", i.human, i.key)
	}
}

func typeNamed(name string) *model.Type {
	t, _ := model.TypeOf(name)
	return t
}
