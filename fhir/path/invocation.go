package path

// postfix reads a term and the invocations and indexers that follow it.
func (p *parser) postfix() (*node, error) {
	left, err := p.term()
	for n := 0; err == nil; n++ {
		pos := p.peek().pos
		switch {
		case n > 10*maxNesting:
			return nil, p.fail(pos, "a path is too long")
		case p.accept("."):
			var right *node
			right, err = p.invocation()
			left = &node{kind: nodeDot, kids: []*node{left, right}, pos: pos}
		case p.accept("["):
			var index *node
			if index, err = p.binary(0); err == nil {
				err = p.expect("]")
			}
			left = &node{kind: nodeIndex, kids: []*node{left, index}, pos: pos}
		default:
			return left, nil
		}
	}
	return nil, err
}

// invocation reads what may stand behind a point.
func (p *parser) invocation() (*node, error) {
	t := p.peek()
	if t.kind == tokenSymbol && len(t.text) > 1 && t.text[0] == '$' {
		p.at++
		return &node{kind: nodeThis, text: t.text, pos: t.pos}, nil
	}
	name, err := p.identifier("a name")
	if err != nil {
		return nil, err
	}
	if !p.accept("(") {
		return &node{kind: nodeName, text: name, pos: t.pos}, nil
	}
	call := &node{kind: nodeCall, text: name, pos: t.pos}
	call.kids, err = p.arguments()
	return call, err
}

func (p *parser) arguments() ([]*node, error) {
	if p.accept(")") {
		return nil, nil
	}
	var args []*node
	for {
		arg, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		if p.accept(")") {
			return args, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}
