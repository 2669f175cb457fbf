package sqlindex

import (
	"strings"

	"tributary/fhir/search"
)

// Separator stands between the texts of a field, so that no phrase goes from one to
// the next: a letter to SQLite, and none that a text has.
const Separator = "\ue000"

// textColumns are the columns of table fulltext.
var textColumns = [...]string{search.Narrative: "narrative", search.Content: "content", search.Labels: "labels"}

func isText(c search.Clause) bool {
	if len(c.AnyOf) == 0 {
		return false
	}
	_, ok := c.AnyOf[0].(search.TextValue)
	return ok
}

// textRows are the resources whose full text has what is asked for: those of all
// types, and perhaps some that have just been deleted.
func (b *builder) textRows(c search.Clause) (source, error) {
	values := make([]search.TextValue, len(c.AnyOf))
	for i, v := range c.AnyOf {
		text, ok := v.(search.TextValue)
		if !ok || !sound(text) || text.Field != c.AnyOf[0].(search.TextValue).Field {
			return source{}, mismatch(c.Param.Code)
		}
		values[i] = text
	}
	t := b.alias()
	key, before, argument, after := b.dialect.Text(t, values)
	return source{table: "fulltext", alias: t, key: key, where: before + b.arg(argument) + after, unique: true}, nil
}

// sound holds that a text query is made of words alone, so that it can be written
// in the databases' own languages, and does not ask for an absence only.
func sound(v search.TextValue) bool {
	for _, all := range v.Any {
		some := false
		for _, term := range all {
			if !term.Valid() {
				return false
			}
			some = some || !term.Not
		}
		if !some {
			return false
		}
	}
	return len(v.Any) > 0
}

// matchText asks SQLite's FTS5.
func matchText(t string, values []search.TextValue) (key, before, argument, after string) {
	query := alternatives(values, " OR ", func(all []search.Term) string {
		var have, without string
		for _, term := range all {
			text := `"` + strings.Join(term.Words, " ") + `"`
			if term.Prefix {
				text += " *"
			}
			switch {
			case term.Not:
				without += " NOT " + text
			case have == "":
				have = text
			default:
				have += " AND " + text
			}
		}
		if without == "" {
			return "(" + have + ")"
		}
		return "((" + have + ")" + without + ")"
	})
	return t + ".rowid", t + ".fulltext MATCH ", textColumns[values[0].Field] + " : (" + query + ")", ""
}

// queryText asks PostgreSQL's tsvector.
func queryText(t string, values []search.TextValue) (key, before, argument, after string) {
	query := alternatives(values, " | ", func(all []search.Term) string {
		parts := make([]string, len(all))
		for i, term := range all {
			text := "'" + strings.Join(term.Words, "' <-> '") + "'"
			if term.Prefix {
				text += ":*"
			}
			if parts[i] = "(" + text + ")"; term.Not {
				parts[i] = "!" + parts[i]
			}
		}
		return "(" + strings.Join(parts, " & ") + ")"
	})
	return t + ".key", t + "." + textColumns[values[0].Field] + " @@ CAST(", query, "::text AS tsquery)"
}

func alternatives(values []search.TextValue, or string, one func([]search.Term) string) string {
	var parts []string
	for _, v := range values {
		for _, all := range v.Any {
			parts = append(parts, one(all))
		}
	}
	return strings.Join(parts, or)
}

// near is the condition that a row of Location.near is within reach: between two
// latitudes, which the index narrows by, and within a straight distance.
func (b *builder) near(v search.NearValue, t string) string {
	square := func(column string, at float64) string {
		a := b.arg(at)
		return "(" + t + "." + column + " - " + a + ") * (" + t + "." + column + " - " + a + ")"
	}
	return "(" + t + ".first >= " + b.arg(v.South) + " AND " + t + ".first <= " + b.arg(v.North) +
		" AND " + square("lo2", v.X) + " + " + square("hi2", v.Y) + " + " + square("lo3", v.Z) + " <= " + b.arg(v.Chord) + ")"
}
