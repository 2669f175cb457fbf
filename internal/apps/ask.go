package apps

import (
	"slices"
	"strings"

	"tributary/internal/access"
)

// The keys of what is asked beside resources.
const (
	Identity  = "identity"  // who signs in: openid, fhirUser, profile
	Offline   = "offline"   // access while the person is away
	Online    = "online"    // access for as long as the person is signed in
	Encounter = "encounter" // which visit the person is at
)

var others = map[string]string{
	"openid": Identity, "fhirUser": Identity, "profile": Identity,
	"offline_access": Offline, "online_access": Online, "launch/encounter": Encounter,
}

// Piece is the least that can be given on its own.
type Piece struct {
	Key   string // names it in a form: Observation/laboratory:r
	Label string
}

// Group is what belongs together for people; reading and changing are two groups.
type Group struct {
	Key     string // labs:r
	Title   string
	Changes bool
	Pieces  []Piece
}

// Ask is what an app asks for.
type Ask struct {
	Groups []Group
	Others []string // keys of what is asked beside resources

	nodes  []*node
	words  []string        // the scopes that are not of resources
	wholes map[string]bool // keys of what no piece alone stands for
}

// node is a scope, with what it is made of.
type node struct {
	text  string
	key   string // of a piece
	parts []*node
}

// Of reads scopes. Those that are unknown were dropped by the authorization server,
// and are here too.
func Of(scopes []string) *Ask {
	a := &Ask{wholes: map[string]bool{}}
	for _, word := range scopes {
		s, err := access.ParseScopes(word)
		switch {
		case err != nil:
		case len(s.Resource) == 1:
			a.nodes = append(a.nodes, a.halves(s.Resource[0]))
		default:
			a.other(word)
		}
	}
	a.sort()
	return a
}

func (a *Ask) other(word string) {
	a.words = append(a.words, word)
	if key := others[word]; key != "" && !slices.Contains(a.Others, key) {
		a.Others = append(a.Others, key)
	}
}

const reading = access.LetterR | access.LetterS

// halves parts reading from changing.
func (a *Ask) halves(s access.Scope) *node {
	n, r, w := &node{text: s.String()}, s.Letters&reading, s.Letters&^reading
	for _, letters := range []access.Letters{r, w} {
		if letters != 0 {
			n.parts = append(n.parts, a.types(part(s, s.Type, letters, s.Query)))
		}
	}
	return n
}

// part is a part of a scope, spelled in the second version.
func part(s access.Scope, typ string, letters access.Letters, query string) access.Scope {
	return access.Scope{Context: s.Context, Type: typ, Letters: letters, Query: query}
}

// types parts a wildcard.
func (a *Ask) types(s access.Scope) *node {
	if s.Type != "*" || s.Query != "" {
		return a.codes(s)
	}
	n := &node{text: s.String()}
	a.wholes["*:"+mode(s.Letters)] = true
	for _, typ := range named() {
		n.parts = append(n.parts, a.codes(part(s, typ, s.Letters, "")))
	}
	var texts []string
	for _, typ := range rest() {
		texts = append(texts, part(s, typ, s.Letters, "").String())
	}
	n.parts = append(n.parts, a.piece(strings.Join(texts, " "), restOfTypes, "", s.Letters))
	return n
}

// codes parts a type that can be given by category.
func (a *Ask) codes(s access.Scope) *node {
	if s.Query != "" {
		code := codeOf(s.Type, s.Query)
		if code == "" {
			code = "?" + s.Query
		}
		return a.piece(s.String(), s.Type, code, s.Letters)
	}
	if len(codes[s.Type]) == 0 {
		return a.piece(s.String(), s.Type, "", s.Letters)
	}
	n := &node{text: s.String()}
	a.wholes[s.Type+":"+mode(s.Letters)] = true
	for _, code := range codes[s.Type] {
		query := "category=" + systemOf(code) + "|" + code
		n.parts = append(n.parts, a.piece(part(s, s.Type, s.Letters, query).String(), s.Type, code, s.Letters))
	}
	return n
}

// mode is reading, however much of it, or which changes.
func mode(l access.Letters) string {
	if l&^reading == 0 {
		return "r"
	}
	return l.String()
}

func (a *Ask) piece(text, typ, code string, l access.Letters) *node {
	key, where := typ+":"+mode(l), placed(typ, code)
	if code != "" {
		key = typ + "/" + code + ":" + mode(l)
	}
	a.show(where, key, l&^reading != 0)
	return &node{text: text, key: key}
}

// show puts a piece into its group, once.
func (a *Ask) show(where place, key string, changes bool) {
	group := where.category + ":r"
	if changes {
		group = where.category + ":w"
	}
	i := slices.IndexFunc(a.Groups, func(g Group) bool { return g.Key == group })
	if i < 0 {
		i = len(a.Groups)
		a.Groups = append(a.Groups, Group{Key: group, Changes: changes})
	}
	g := &a.Groups[i]
	if !slices.ContainsFunc(g.Pieces, func(p Piece) bool { return p.Key == key }) {
		g.Pieces = append(g.Pieces, Piece{key, where.label})
	}
}

// sort puts groups into the order of the categories, reading before changing.
func (a *Ask) sort() {
	order := func(g Group) int {
		key, _, _ := strings.Cut(g.Key, ":")
		return slices.IndexFunc(Categories, func(c Category) bool { return c.Key == key })
	}
	for i := range a.Groups {
		a.Groups[i].Title = Categories[order(a.Groups[i])].Title
	}
	slices.SortStableFunc(a.Groups, func(x, y Group) int {
		if x.Changes != y.Changes {
			return map[bool]int{false: -1, true: 1}[x.Changes]
		}
		return order(x) - order(y)
	})
}

// Unsorted is what becomes of entries without a category, of the types that are given
// by category: a part of the type does not find them.
type Unsorted string

// The cases. The zero one is that no such type is to be read.
const (
	WithAll Unsorted = "all"  // they come where every part of their type stays
	Never   Unsorted = "none" // parts alone are asked for: they do not come
)

// Unsorted tells it of what is asked to be read.
func (a *Ask) Unsorted() (out Unsorted) {
	for _, g := range a.Groups {
		for _, p := range g.Pieces {
			typ, _, isPart := strings.Cut(p.Key, "/")
			if g.Changes || !isPart {
				continue
			}
			if a.wholes[typ+":r"] {
				return WithAll
			}
			out = Never
		}
	}
	return out
}

// Keys are all that the app asks for.
func (a *Ask) Keys() map[string]bool {
	keys := map[string]bool{}
	for _, g := range a.Groups {
		for _, p := range g.Pieces {
			keys[p.Key] = true
		}
	}
	for _, key := range a.Others {
		keys[key] = true
	}
	return keys
}
