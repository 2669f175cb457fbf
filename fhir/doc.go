// Package fhir holds R4 resources as their clients sent them: raw JSON, never
// encoded again, with a tree over it.
//
// A resource is validated once, when it is written. google/fhir decides what
// is R4: names, types, cardinalities, formats, required elements, types of
// reference targets. To ask it takes several times as long as all the rest, so
// that one pass over the tree, by google/fhir's own descriptors, first finds out
// whether it need be asked: where the pass is sure that google/fhir would accept,
// it is not. Where the pass has a doubt (halves of primitives, nulls, an exponent,
// a name it does not know) or finds a fault, google/fhir is asked and words what is
// wrong. sure_test.go has both judge changed documents, and never may one pass
// that google/fhir refuses.
//
// The pass also looks at what google/fhir does not, or is too lenient with:
//
//   - a member name that stands twice; empty objects, arrays and strings; null
//     anywhere but for the missing half of a primitive in an array
//   - names in upper camel case and those of google/fhir's own messages, codes
//     in another case than the value set's, an object where a primitive belongs
//     and the reverse
//   - CodeableConcepts without a coding of the value set that they must be of
//   - strings with half a surrogate pair, numbers beyond a double's range
//   - references that are none, and # references to nothing contained
//   - a contained resource without id, or in a contained one (dom-2)
//   - an extension with neither or both of value and extensions (ext-1)
//   - anything in a narrative but formatting, links and images (txt-1)
//   - requests, fullUrls and their uniqueness in a Bundle (bdl-3, bdl-7)
//
// Resources in resources (contained, a Bundle's entries, a Parameters'
// resources) are cut out and validated each on its own, over all processors:
// google/fhir does not validate contained ones, refuses those in Parameters,
// and takes much memory for a large Bundle.
//
// What google/fhir reads wrongly, Parse reads in its place: base64 with JSON
// escapes or line breaks, and valueMeta. A leap second (23:59:60) is refused, as
// google/fhir does. Of the required bindings those to mime types, currencies
// and UCUM units are not checked.
//
// Writing the id and meta of a stored resource (Stamp) replaces bytes in place.
//
// Neighbours: package tree below; records, search and the servers above.
package fhir
