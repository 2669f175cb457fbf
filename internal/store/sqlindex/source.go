package sqlindex

import (
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/errs"
)

// source is a set of rows that drives a query, or answers one of its clauses.
type source struct {
	table, alias string
	key          string // the column that holds the resource's key
	where        string
	unique       bool // each key once, and walked in key order
	typed        bool // rows are live and of the query's type
	point        bool // with the key given, a row is found by lookup
	byKey        bool // in the index that starts with the key
}

func (s source) from() string { return s.table + " " + s.alias }

// tables are where the values of a kind are kept; byKey ones have an index that
// starts with the resource key.
var tables = map[search.Kind]struct {
	name  string
	byKey bool
}{
	search.Token:     {"idx_token", false},
	search.Reference: {"idx_reference", false},
	search.String:    {"idx_string", true},
	search.Date:      {"idx_date", true},
	search.Number:    {"idx_quantity", true},
	search.Quantity:  {"idx_quantity", true},
	search.URI:       {"idx_uri", true},
	search.Composite: {"idx_composite", false},
	search.Special:   {"idx_composite", false}, // near
}

// source is the rows of a clause, or of the type's listing, to drive by.
func (b *builder) source(q search.Query, clause int) (source, error) {
	if clause >= 0 && byParts(q.Where[clause]) {
		return b.partRows(q, q.Where[clause])
	}
	return b.rows(q, clause)
}

// rows are those of the one table that a clause is about, or of the type's listing.
func (b *builder) rows(q search.Query, clause int) (source, error) {
	if clause == InCourse {
		return b.courseRows(q), nil
	}
	if clause == Listing {
		t := b.alias()
		where, err := b.listed(q.Type, t)
		return resourceSource(t, where), err
	}
	c := q.Where[clause]
	if c.Any != nil {
		return b.union(q.Type, c.Any)
	}
	if c.Param == nil {
		return source{}, errs.New(errs.Invalid, "a condition without a parameter")
	}
	if onResource(c) {
		return b.resourceRows(q, c)
	}
	return b.indexRows(q, c)
}

func resourceSource(t, where string) source {
	return source{table: "resource", alias: t, key: t + ".key", where: where, unique: true, typed: true, point: true}
}

// onResource says whether the clause is answered by the resource row itself.
func onResource(c search.Clause) bool {
	return c.Chain == nil && (c.Param.Code == search.ID || c.Param.Code == search.LastUpdated)
}

func (b *builder) resourceRows(q search.Query, c search.Clause) (source, error) {
	t := b.alias()
	listed, err := b.listed(q.Type, t)
	if err != nil {
		return source{}, err
	}
	condition := "1 = 1" // every resource has an id and a time
	if c.Missing == search.NotAsked {
		condition, err = b.anyOf(c.AnyOf, func(v search.Value) (string, error) { return b.resourceValue(q.Type, v, t) })
	}
	return resourceSource(t, listed+" AND "+condition), err
}

func (b *builder) indexRows(q search.Query, c search.Clause) (source, error) {
	if isText(c) {
		return b.textRows(c)
	}
	kept, ok := tables[c.Param.Kind]
	if !ok {
		return source{}, errs.New(errs.Invalid, "the search parameter %s cannot be searched by", c.Param.Code)
	}
	t := b.alias()
	src := source{table: kept.name, alias: t, key: t + ".key", where: under(c.Param, t), typed: typed(q, c), point: kept.byKey, byKey: kept.byKey}
	if c.Chain != nil {
		return b.chained(src, *c.Chain)
	}
	if c.Missing != search.NotAsked {
		return src, nil
	}
	values, err := b.anyOf(c.AnyOf, func(v search.Value) (string, error) { return b.value(c.Param, v, t) })
	src.where += " AND " + values
	src.point = src.point || equality(c)
	src.unique = src.point && !kept.byKey && single(c) && c.Param.Kind != search.Composite
	return src, err
}

// typed says that the rows of a clause are of the query's type.
func typed(q search.Query, c search.Clause) bool {
	return q.Type == "" || c.Param.Rows().Type == q.Type
}

// under is the condition that the row t stands under the parameter, or under
// one of those that it unites.
func under(p *search.Param, t string) string {
	numbers := p.Numbers()
	if len(numbers) == 1 {
		return t + ".param = " + strconv.Itoa(int(numbers[0]))
	}
	list := make([]string, len(numbers))
	for i, n := range numbers {
		list[i] = strconv.Itoa(int(n))
	}
	return t + ".param IN (" + strings.Join(list, ", ") + ")"
}

// equality says whether the clause names whole values: its rows are then found
// by value and key.
func equality(c search.Clause) bool {
	return c.Param.Kind == search.Token || c.Param.Kind == search.Reference || c.Param.Kind == search.Composite
}

// single says that a clause names one value under one parameter: its rows are
// those of one stretch of the index.
func single(c search.Clause) bool {
	if len(c.AnyOf) != 1 || len(c.Param.Rows().Union) > 0 {
		return false
	}
	r, ok := c.AnyOf[0].(search.ReferenceValue)
	return !ok || len(r.Targets) == 1
}

// anyOf joins the alternatives of a clause; without any, nothing matches.
func (b *builder) anyOf(values []search.Value, one func(search.Value) (string, error)) (string, error) {
	if list, ok := b.hashes(values); ok {
		return one(list)
	}
	alternatives := make([]string, 0, len(values))
	for _, v := range values {
		condition, err := one(v)
		if err != nil {
			return "", err
		}
		alternatives = append(alternatives, condition)
	}
	if len(alternatives) == 0 {
		return "1 = 0", nil
	}
	return "(" + strings.Join(alternatives, " OR ") + ")", nil
}

// tokenList is several TokenValues as one.
type tokenList struct {
	search.TokenValue
	hashes []int64
}

// hashes folds alternatives that are all tokens into one list.
func (b *builder) hashes(values []search.Value) (search.Value, bool) {
	list := tokenList{hashes: make([]int64, 0, len(values))}
	for _, v := range values {
		token, ok := v.(search.TokenValue)
		if !ok {
			return nil, false
		}
		list.hashes = append(list.hashes, token.Hash)
	}
	return list, len(values) > 1
}

// chained narrows the rows of a reference parameter by a condition on the
// resource at its other end.
func (b *builder) chained(src source, chain search.Chain) (source, error) {
	keys, err := b.selectKeys(chain.Query, Rank(chain.Query), nil)
	if err != nil {
		return source{}, err
	}
	here, there := "key", "target"
	if chain.Reverse {
		here, there = there, here
		src.typed = false // a reference may point at nothing
	}
	src.key = src.alias + "." + here
	src.where += " AND " + src.alias + "." + there + " IN (" + keys + ")"
	src.point, src.byKey = false, false
	return src, nil
}

// holds is the clause as a condition on a resource key.
func (b *builder) holds(q search.Query, clause int, key string) (string, error) {
	if c := q.Where[clause]; c.Any != nil {
		return b.either(q.Type, c, key)
	}
	src, err := b.rows(q, clause)
	if err != nil {
		return "", err
	}
	c := q.Where[clause]
	not := ""
	if c.Not || c.Missing == search.IsMissing {
		not = "NOT "
	}
	if b.dialect.WorksOutOnce && !src.point {
		return key + " " + not + "IN (SELECT " + src.key + " FROM " + src.from() + " WHERE " + src.where + ")", nil
	}
	from := src.from()
	if src.byKey {
		from = b.dialect.ByKey(src.table, src.alias)
	}
	end := ")"
	if b.pinned {
		end = b.dialect.Pinned + end
	}
	return not + "EXISTS (SELECT 1 FROM " + from + " WHERE " + src.key + " = " + key + " AND " + src.where + end, nil
}
