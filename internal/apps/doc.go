// Package apps is what a person decides about an app: it turns the scopes that the
// app asks for into questions in plain words, and the answers back into scopes.
//
//	scopes     patient/*.rs patient/Observation.cruds openid offline_access
//	pieces     the least that can be given on its own: lab results, vital signs, each
//	           type of resource; reading and changing are pieces of their own
//	groups     pieces that belong together for people: labs, medicines, visits
//	answer     groups and pieces that stay ticked
//	granted    a scope as it was asked for, where all of it stays; else what of it does:
//	           types of a wildcard, categories of Observation and Condition (SMART App
//	           Launch 2.2, section 3.0.2.3)
//
// Answers are remembered (Memory): who is asked for the same or for less is not
// asked again, and who is asked for more is asked for what is new.
//
// Words are English here; internal/portal has them in Spanish. Neighbours:
// internal/portal shows the questions, internal/authserver holds an approval to its
// request, internal/access enforces what was granted.
package apps
