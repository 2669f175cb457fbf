package sqlindex

import (
	"strings"

	"tributary/fhir/search"
)

// union drives a query by the keys that one of the conjunctions selects.
func (b *builder) union(typ string, any [][]search.Clause) (source, error) {
	parts := make([]string, 0, len(any))
	for _, where := range any {
		part := search.Query{Type: typ, Where: where}
		keys, err := b.selectKeys(part, Rank(part), nil)
		if err != nil {
			return source{}, err
		}
		parts = append(parts, keys)
	}
	if len(parts) == 0 {
		parts = []string{"SELECT CAST(0 AS BIGINT) AS key WHERE 1 = 0"}
	}
	t := b.alias()
	return source{table: "(" + strings.Join(parts, " UNION ") + ")", alias: t, key: t + ".key", where: "1 = 1", unique: true, typed: true}, nil
}

// either asks of one key whether one of the conjunctions holds.
func (b *builder) either(typ string, c search.Clause, key string) (string, error) {
	parts := make([]string, 0, len(c.Any))
	for _, where := range c.Any {
		all, err := b.conditions(search.Query{Type: typ, Where: where}, Listing, source{key: key, typed: true})
		if err != nil {
			return "", err
		}
		if len(all) == 0 {
			all = []string{"1 = 1"}
		}
		parts = append(parts, "("+strings.Join(all, " AND ")+")")
	}
	if len(parts) == 0 {
		parts = []string{"1 = 0"}
	}
	condition := "(" + strings.Join(parts, " OR ") + ")"
	if c.Not {
		condition = "NOT " + condition
	}
	return condition, nil
}
