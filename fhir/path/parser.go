package path

import "slices"

// maxNesting bounds how deep an expression may nest, so that neither parsing
// nor evaluating exhausts the stack.
const maxNesting = 100

// nodeKind sorts the nodes of the syntax tree.
type nodeKind uint8

const (
	nodeLiteral  nodeKind = iota // value
	nodeEmpty                    // {}
	nodeName                     // text: a member, or the type at the start of a path
	nodeCall                     // text(kids...)
	nodeDot                      // kids[0].kids[1]
	nodeIndex                    // kids[0][kids[1]]
	nodeBinary                   // kids[0] text kids[1]
	nodePolarity                 // text kids[0]
	nodeType                     // kids[0] text(is, as) spec
	nodeVariable                 // %text
	nodeThis                     // $this, $index, $total in text
)

// node is one node of the syntax tree.
type node struct {
	kind  nodeKind
	text  string
	value any
	kids  []*node
	spec  typeSpec
	pos   int
}

type parser struct {
	lexer
	all   []token
	at    int
	depth int
}

// levels are the binary operators from the loosest to the tightest; is and as
// stand at the level of typeLevel.
var levels = [][]string{
	{"implies"}, {"or", "xor"}, {"and"}, {"in", "contains"}, {"=", "~", "!=", "!~"},
	{"<=", "<", ">=", ">"}, {"|"}, {"is", "as"}, {"+", "-", "&"}, {"*", "/", "div", "mod"},
}

const typeLevel = 7

func parse(src string) (*node, error) {
	p := parser{lexer: lexer{src: src}}
	var err error
	if p.all, err = p.tokens(); err != nil {
		return nil, err
	}
	root, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		return nil, p.fail(t.pos, "an operator or the end is expected here")
	}
	return root, nil
}

func (p *parser) peek() token { return p.all[p.at] }

func (p *parser) take() token {
	t := p.all[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

// accept takes the next token if it is that symbol.
func (p *parser) accept(symbol string) bool {
	t := p.peek()
	if t.kind == tokenSymbol && t.text == symbol {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(symbol string) error {
	if !p.accept(symbol) {
		return p.fail(p.peek().pos, "%q is expected here", symbol)
	}
	return nil
}

// operator takes the next token if it is one of the operators.
func (p *parser) operator(of []string) (token, bool) {
	t := p.peek()
	if (t.kind == tokenSymbol || t.kind == tokenName) && slices.Contains(of, t.text) {
		return p.take(), true
	}
	return t, false
}

func (p *parser) binary(level int) (*node, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		op, ok := p.operator(levels[level])
		if !ok {
			return left, nil
		}
		left, err = p.operand(op, left, level)
	}
	return nil, err
}

func (p *parser) operand(op token, left *node, level int) (*node, error) {
	if level == typeLevel {
		spec, err := p.typeSpec()
		return &node{kind: nodeType, text: op.text, kids: []*node{left}, spec: spec, pos: op.pos}, err
	}
	right, err := p.binary(level + 1)
	return &node{kind: nodeBinary, text: op.text, kids: []*node{left, right}, pos: op.pos}, err
}

// typeSpec reads Patient or FHIR.Patient.
func (p *parser) typeSpec() (typeSpec, error) {
	pos := p.peek().pos
	name, err := p.identifier("a type")
	if err != nil {
		return typeSpec{}, err
	}
	if !p.accept(".") {
		return p.checkType("", name, pos)
	}
	qualified, err := p.identifier("a type")
	if err != nil {
		return typeSpec{}, err
	}
	return p.checkType(name, qualified, pos)
}

func (p *parser) checkType(namespace, name string, pos int) (typeSpec, error) {
	spec := typeSpec{namespace, name}
	if reason := spec.fault(); reason != "" {
		return spec, p.fail(pos, "%s", reason)
	}
	return spec, nil
}

func (p *parser) identifier(what string) (string, error) {
	t := p.take()
	if t.kind != tokenName && t.kind != tokenDelimited || t.text == "" {
		return "", p.fail(t.pos, "%s is expected here", what)
	}
	return t.text, nil
}

func (p *parser) unary() (*node, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, p.fail(p.peek().pos, "nested deeper than %d levels", maxNesting)
	}
	defer func() { p.depth-- }()
	sign, ok := p.operator([]string{"+", "-"})
	if !ok {
		return p.postfix()
	}
	of, err := p.unary()
	return &node{kind: nodePolarity, text: sign.text, kids: []*node{of}, pos: sign.pos}, err
}
