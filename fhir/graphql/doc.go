// Package graphql answers GraphQL over FHIR resources as R4's page "Using GraphQL
// with FHIR" defines it (section 3.2.1 of the specification's exchange module,
// http://hl7.org/fhir/R4/graphql.html).
//
//	Parse   text -> Request: one operation of the document, its variables
//	Run     Request over a Source -> the JSON of {"data": …, "errors": […]}
//
// A query starts at the system (Patient(id:), PatientList, PatientConnection) or at
// one resource, and walks its elements by their JSON names, which package model
// knows: a name that a type does not have is refused before anything is read. Lists
// take filters (fhirpath, _offset, _count, child: value); references are followed by
// resource(type:, optional:), and followed back by XList(_reference: param). The
// directives are skip, include, flatten, first, singleton and slice. Mutations are
// XCreate, XUpdate and XDelete.
//
// What is asked for and not there is null, as GraphQL has it. A fault leaves no data,
// but for what mutations before it have done, and is told under errors with its path
// and as an OperationOutcome. __schema and __type describe it all. Work is bounded: the
// tokens of the text, the depth, the fields, and the resources of one request.
//
// Neighbours: internal/graphql is the HTTP side and gives the Source, which asks
// internal/access; fhir/tree, fhir/model and fhir/path do the walking.
package graphql

import (
	"context"

	"tributary/fhir/path"
	"tributary/fhir/search"
	"tributary/fhir/tree"
)

// Source is where resources come from. Its errors are shown to the client: they
// must be safe for that.
type Source interface {
	Read(ctx context.Context, typ, id string) (tree.Value, error)
	// Search returns a page. A cursor, the Next or First of another page, stands for
	// its query as well.
	Search(ctx context.Context, typ string, query []search.Pair, cursor string, counted bool) (Page, error)
	// Local tells which resource of this server a reference names, if it does.
	Local(reference string) (typ, id string, ok bool)
	Create(ctx context.Context, typ string, resource []byte) (tree.Value, error)
	Update(ctx context.Context, typ, id string, resource []byte) (tree.Value, error)
	Delete(ctx context.Context, typ, id string) error
}

// Words is a Source that knows codes, for memberOf() and the like in expressions.
type Words interface {
	Terminology(ctx context.Context) path.Terminology
}

// Page is a part of a search's results.
type Page struct {
	Resources []tree.Value
	Total     int64  // -1 when not counted
	First     string // cursor of the first page
	Next      string // of the next one, if there is one
}

// Bounds of one request.
const (
	MaxTokens    = 20_000 // of the text
	MaxDepth     = 30     // of selections in selections
	MaxFields    = 500_000
	MaxDescribed = 2_000_000 // of an introspection: all that there is takes three quarters
	MaxResources = 5_000     // read or found
	MaxCalls     = 1_000     // of the Source
)
