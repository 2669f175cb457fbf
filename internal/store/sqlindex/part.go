package sqlindex

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// byParts says that the rows of a clause are found by the parts of strings
// (package parts): it names texts within strings.
func byParts(c search.Clause) bool {
	if c.Param == nil || c.Missing != search.NotAsked || !onlyOf(c, isPart) {
		return false
	}
	for _, v := range c.AnyOf {
		if text := v.(search.StringValue).Folded; text == "" || text[0] == ' ' { // no part begins with a space
			return false
		}
	}
	return true
}

// partRows are the rows of strings with what is asked for: by the parts of those that
// are kept in parts, then of the strings that are too long for it, and of the resources
// that have changed since.
func (b *builder) partRows(q search.Query, c search.Clause) (source, error) {
	var arms []string
	for _, p := range rowsOf(c.Param) {
		for _, v := range c.AnyOf {
			text := v.(search.StringValue)
			changed, err := b.changedStrings(p, text)
			if err != nil {
				return source{}, err
			}
			arms = append(arms, b.partedStrings(p, text), b.longStrings(p, text), changed)
		}
	}
	t := b.alias()
	return source{table: "(" + strings.Join(arms, " UNION ALL ") + ")", alias: t, key: t + ".key", where: "1 = 1", typed: typed(q, c)}, nil
}

// partedStrings goes from the parts to their strings, and to the rows of these.
func (b *builder) partedStrings(p *search.Param, v search.StringValue) string {
	s, t := b.alias(), b.alias()
	where := under(p, s) + " AND " + b.partIs(v, s)
	if v.Mode != search.Contains || utf8.RuneCountInString(v.Folded) > search.PartLength {
		where += " AND " + b.stringRow(v, s)
	}
	return "SELECT " + t + ".key FROM string_part " + s +
		b.dialect.Nested("idx_string", t, "", under(p, t)+" AND "+t+".folded = "+s+".folded") + " WHERE " + where
}

// partIs is the condition that a part begins with what is asked for: parts are no
// longer than search.PartLength.
func (b *builder) partIs(v search.StringValue, s string) string {
	part := b.arg(search.Part(v.Folded))
	if n := utf8.RuneCountInString(v.Folded); n < search.PartLength && v.Mode == search.Contains {
		return s + ".part >= " + part + " AND " + s + ".part <= " + b.arg(v.Folded+strings.Repeat(last, search.PartLength-n))
	}
	return s + ".part = " + part
}

// longStrings are those rows that have no parts.
func (b *builder) longStrings(p *search.Param, v search.StringValue) string {
	t := b.alias()
	return "SELECT " + t + ".key FROM " + b.dialect.Indexed("idx_string", t, "idx_string_long") + " WHERE " + under(p, t) +
		" AND length(" + t + ".folded) > " + strconv.Itoa(search.Parted) + " AND " + b.stringRow(v, t)
}

// changedStrings are the rows of resources that may have strings without parts: which
// have changed since the place up to which they were cut.
func (b *builder) changedStrings(p *search.Param, v search.StringValue) (string, error) {
	n, err := store.TypeNumber(p.Type)
	if err != nil {
		return "", errs.Wrap(err, errs.Invalid, "unknown resource type")
	}
	r, t := b.alias(), b.alias()
	place := "(SELECT coalesce(max(f.updated), 0) FROM feed f WHERE f.name = '" + store.PartsName + "')"
	return "SELECT " + t + ".key FROM " + b.dialect.Indexed("resource", r, "resource_by_updated") +
		b.dialect.Nested("idx_string", t, "idx_string_by_key", t+".key = "+r+".key AND "+under(p, t)+" AND "+b.stringRow(v, t)) +
		" WHERE " + r + ".type = " + strconv.Itoa(int(n)) + " AND " + r + ".deleted = 0 AND " + r + ".updated >= " + place, nil
}
