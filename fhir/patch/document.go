package patch

import (
	"errors"

	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// document is the resource as the operations so far have left it.
type document struct {
	root tree.Value
	work int // bytes that may still be read
	env  *path.Env
}

// open reads the resource.
func open(src []byte) (*document, error) {
	d := &document{work: maxWork}
	return d, d.read(src)
}

func (d *document) read(src []byte) error {
	if len(src) > MaxSize {
		return refuse("the resource would be over the limit of %d bytes", MaxSize)
	}
	if err := d.charge(len(src)); err != nil {
		return err
	}
	root, err := tree.Parse(src)
	var syntax *tree.SyntaxError
	if errors.As(err, &syntax) {
		return refuse("the resource would be no JSON: %s", syntax.Reason)
	}
	d.root = root
	return err
}

// charge counts bytes that an operation reads.
func (d *document) charge(size int) error {
	if d.work -= size; d.work < 0 {
		return refuse("so many operations on so large a resource are too much at once; send them in several patches")
	}
	return nil
}

// apply makes edits; their size is looked at before they are made.
func (d *document) apply(edits ...tree.Edit) error {
	size := len(d.root.Source())
	for _, e := range edits {
		size += len(e.New) - (e.End - e.Start)
	}
	if size > MaxSize {
		return refuse("the resource would be over the limit of %d bytes", MaxSize)
	}
	return d.read(tree.Apply(d.root.Source(), edits))
}

// find follows a pointer to what must be there.
func (d *document) find(p pointer) (tree.Value, error) {
	v := d.root
	for _, step := range p {
		switch v.Kind() {
		case tree.Object:
			v = v.Get(step)
		case tree.Array:
			i, ok := index(step, v.Len()-1)
			if !ok {
				return v, refuse("the list has no item of that number")
			}
			v = v.Index(i)
		default:
			v = tree.Value{}
		}
		if !v.Exists() {
			return v, refuse("there is nothing at the path")
		}
	}
	return v, nil
}

// add puts a value in: a member, which it replaces if it is there, or an item,
// before the one that has its index ("-": after the last).
func (d *document) add(p pointer, raw []byte) error {
	if len(p) == 0 {
		return d.apply(tree.Replace(d.root, raw))
	}
	parent, err := d.find(p[:len(p)-1])
	if err != nil {
		return err
	}
	last := p[len(p)-1]
	switch parent.Kind() {
	case tree.Object:
		if old := parent.Get(last); old.Exists() {
			return d.apply(tree.Replace(old, raw))
		}
		return d.apply(inserted(parent, tree.Value{}, member(parent, last, raw)))
	case tree.Array:
		return d.insert(parent, last, raw)
	}
	return refuse("nothing can be added to a value that is no object and no list")
}

func (d *document) insert(list tree.Value, step string, raw []byte) error {
	i, ok := index(step, list.Len())
	if step == "-" {
		i, ok = list.Len(), true
	}
	if !ok {
		return refuse("the list is not long enough for that index")
	}
	return d.apply(inserted(list, list.Index(i), append([]byte(nil), raw...)))
}

// remove takes out what a pointer leads to.
func (d *document) remove(p pointer) error {
	if len(p) == 0 {
		return refuse("the whole resource cannot be removed; delete it instead")
	}
	v, err := d.find(p)
	if err != nil {
		return err
	}
	return d.apply(without(v))
}

// replace puts a value in the place of another.
func (d *document) replace(p pointer, raw []byte) error {
	v, err := d.find(p)
	if err != nil {
		return err
	}
	return d.apply(tree.Replace(v, raw))
}
