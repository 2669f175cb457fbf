package graphql

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"tributary/fhir/model"
)

// checker holds a selection against the types, before anything is read. Where the
// type is only known once the resource is there (nil), the run tells.
type checker struct {
	request *Request
	faults  []*Fault
	open    map[string]bool // fragments that are being walked
	walked  int

	introspects bool
}

func (c *checker) fault(p *ast.Position, message string) {
	if len(c.faults) < 20 {
		c.faults = append(c.faults, faultAt(p, message))
	}
}

// selections walks the fields of a set, through fragments. field is called for each.
func (c *checker) selections(typ *model.Type, set ast.SelectionSet, depth int, field func(typ *model.Type, f *ast.Field)) {
	if depth > MaxDepth || c.walked > MaxFields {
		c.fault(nil, "the query is too deep or too large")
		return
	}
	for _, s := range set {
		c.walked++
		switch s := s.(type) {
		case *ast.Field:
			field(typ, s)
		case *ast.InlineFragment:
			c.selections(c.condition(typ, s.TypeCondition, s.Position), s.SelectionSet, depth+1, field)
		case *ast.FragmentSpread:
			c.spread(typ, s, depth, field)
		}
	}
}

func (c *checker) spread(typ *model.Type, s *ast.FragmentSpread, depth int, field func(*model.Type, *ast.Field)) {
	f := c.request.fragments[s.Name]
	switch {
	case f == nil:
		c.fault(s.Position, "there is no fragment "+s.Name)
	case c.open[s.Name]:
		c.fault(s.Position, "the fragment "+s.Name+" contains itself")
	default:
		c.open[s.Name] = true
		c.selections(c.condition(typ, f.TypeCondition, f.Position), f.SelectionSet, depth+1, field)
		delete(c.open, s.Name)
	}
}

// condition is the type that holds inside of a fragment.
func (c *checker) condition(outside *model.Type, name string, p *ast.Position) *model.Type {
	if name == "" || name == "Query" {
		return outside
	}
	typ, ok := typeNamed(name)
	if !ok {
		c.fault(p, "R4 has no type "+name)
		return nil
	}
	if outside != nil && outside.DerivesFrom(typ) {
		return outside
	}
	return typ
}

// element checks the selections of a resource or element of that type.
func (c *checker) element(typ *model.Type, set ast.SelectionSet, depth int) {
	c.selections(typ, set, depth, func(typ *model.Type, f *ast.Field) {
		if typ == nil && !strings.HasPrefix(f.Name, "__") {
			c.untyped(f, depth)
			return
		}
		if typ == nil {
			return
		}
		m := fieldOf(typ, f.Name)
		if m.kind == unknown {
			c.fault(f.Position, typ.Name+" has no element "+f.Name)
			return
		}
		c.field(m, f, depth)
	})
}

// untyped walks on below a field of a type that is not known yet.
func (c *checker) untyped(f *ast.Field, depth int) {
	if len(f.SelectionSet) > 0 {
		c.element(nil, f.SelectionSet, depth+1)
	}
}

// system checks the fields at the root.
func (c *checker) system(set ast.SelectionSet) {
	c.selections(nil, set, 0, func(_ *model.Type, f *ast.Field) {
		m := rootField(f.Name)
		if m.kind == unknown {
			c.fault(f.Position, "a query of the system begins with a resource type, such as Patient(id: …), PatientList or PatientConnection; not "+f.Name)
			return
		}
		c.field(m, f, 0)
	})
}

// field checks that a field has selections just where its value has fields.
func (c *checker) field(m meaning, f *ast.Field, depth int) {
	bare := m.kind == typename || m.kind == typeOf || m.kind == element && scalar(m.Member)
	switch {
	case bare && len(f.Arguments) > 0:
		c.fault(f.Position, f.Name+" is a scalar and takes no arguments")
	case m.kind == introspection:
		c.introspects = true
	case bare && len(f.SelectionSet) > 0:
		c.fault(f.Position, f.Name+" is a scalar and has no fields")
	case bare:
	case len(f.SelectionSet) == 0:
		c.fault(f.Position, "say which fields of "+f.Name+" you want")
	case m.kind == connection:
		c.connection(m.of, f.SelectionSet, depth+1)
	case m.kind == list || m.kind == one:
		typ, _ := model.TypeOf(m.of)
		c.element(typ, f.SelectionSet, depth+1)
	case m.kind == target:
		c.target(f, depth)
	default:
		c.element(m.Type, f.SelectionSet, depth+1)
	}
}

// target is of the type that the argument says, if it does.
func (c *checker) target(f *ast.Field, depth int) {
	name, err := c.request.argument(f.Arguments, "type")
	typ, known := model.TypeOf(name)
	if err != nil || name != "" && !known {
		c.fault(f.Position, "the argument type of resource is a resource type")
		return
	}
	c.element(typ, f.SelectionSet, depth+1)
}

// Fields of a connection, and of its edges.
var (
	ofConnection = map[string]bool{"count": true, "offset": true, "pagesize": true, "pageSize": true, "first": true, "previous": true, "next": true, "last": true, "edges": false, "__typename": true}
	ofEdge       = map[string]bool{"mode": true, "score": true, "resource": false, "__typename": true}
)

func (c *checker) connection(of string, set ast.SelectionSet, depth int) {
	typ, _ := model.TypeOf(of)
	c.fixed(ofConnection, set, depth, func(edges *ast.Field) {
		c.fixed(ofEdge, edges.SelectionSet, depth+1, func(resource *ast.Field) {
			c.element(typ, resource.SelectionSet, depth+2)
		})
	})
}

// fixed checks fields by a table that says which are scalars.
func (c *checker) fixed(known map[string]bool, set ast.SelectionSet, depth int, below func(*ast.Field)) {
	c.selections(nil, set, depth, func(_ *model.Type, f *ast.Field) {
		bare, found := known[f.Name]
		switch {
		case !found:
			c.fault(f.Position, "a connection has no field "+f.Name+" here")
		case bare != (len(f.SelectionSet) == 0):
			c.fault(f.Position, "say which fields you want of edges and resource, and only of these")
		case !bare:
			below(f)
		}
	})
}
