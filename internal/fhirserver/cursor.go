package fhirserver

// cursorParam carries the place where a page begins.
const cursorParam = "_cursor"

// scope is what a cursor belongs to: who searches, where, by which parameters.
func (r *request) scope(where, query string) string {
	return string(r.actor.Role) + "\x00" + r.actor.ID + "\x00" + r.actor.Client + "\x00" + where + "\x00" + query
}
