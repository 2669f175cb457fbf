package records

import (
	"slices"

	"tributary/fhir/search"
)

// inCourse lets a search, or those of its types, that ask for one Patient's records by
// the dates of care be answered by the rows that have them in this order.
func (s *Service) inCourse(q search.Query) search.Query {
	if q.Each == nil {
		q.Course = s.registry.Course(q)
		return q
	}
	q.Each = slices.Clone(q.Each)
	for i := range q.Each {
		q.Each[i].Course = s.registry.Course(q.Each[i])
	}
	return q
}
