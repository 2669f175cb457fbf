package sqlindex

import "tributary/fhir/search"

// Ranged says that one clause alone drives the query, and that it names a range of
// values. How many resources are in it no statistics tell of a table that many
// parameters share; counting a few rows does: few are sorted, many are met soon
// enough when the type is walked.
func Ranged(q search.Query, clause int) bool {
	return clause != Listing && len(q.Sort) == 0 && drivers(q) == 1 && ranged(q.Where[clause])
}

func ranged(c search.Clause) bool {
	if c.Chain != nil || c.Any != nil || onResource(c) || len(c.AnyOf) == 0 {
		return false
	}
	for _, v := range c.AnyOf {
		switch v := v.(type) {
		case search.DateValue, search.NumberValue, search.QuantityValue:
		case search.StringValue:
			if v.Mode == search.Contains { // finds its rows by looking at all
				return false
			}
		default:
			return false
		}
	}
	return true
}

// inOrder says that the type is walked since much of it is in a range: what the
// database must not turn round.
func inOrder(q search.Query, drive int) bool {
	return drive == Listing && Ranged(q, Rank(q))
}
