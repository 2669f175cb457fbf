package program

// Part is what is read at one go: its name, and the pieces in which it is shown.
type Part struct {
	Name   string
	Pieces []string
}

// Parts are the document as it is read: the key information, each module, the
// questions, the text and the statement. Whoever measures how easy it is measures
// each: easy on average may still hold a page that nobody gets through.
func (d *Document) Parts() []Part {
	parts := []Part{{"key information", d.Key}}
	for _, m := range d.Modules {
		parts = append(parts, Part{"module " + m.ID, append([]string{m.Title}, m.Text...)})
	}
	var questions, text []string
	for _, q := range d.Questions {
		questions = append(questions, q.Text, q.Explanation)
		for _, o := range q.Options {
			questions = append(questions, o.Text)
		}
	}
	for _, s := range d.Text {
		text = append(append(text, s.Heading), s.Paragraphs...)
	}
	return append(parts, Part{"questions", questions}, Part{"text", text}, Part{"statement", []string{d.Statement}})
}
