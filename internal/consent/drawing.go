package consent

import (
	"encoding/json"
	"strings"

	"tributary/internal/form"
)

// Drawing is a signature by hand: strokes on a field of fieldWidth by fieldHeight
// units, whatever the size of the screen.
type Drawing struct{ Strokes [][]Point }

// Point is a place on the field, x to the right, y downwards.
type Point [2]int

const (
	fieldWidth, fieldHeight = 600, 200
	maxPoints               = 6000
	minPoints               = 8 // fewer are a slip of the finger
)

// ReadDrawing reads strokes as the page posts them: a JSON list of lists of
// [x, y]. Nothing at all is no drawing, and no error.
func ReadDrawing(text string) (*Drawing, error) {
	if strings.TrimSpace(text) == "" || text == "[]" {
		return nil, nil
	}
	var d Drawing
	if err := json.Unmarshal([]byte(text), &d.Strokes); err != nil || !d.fits() {
		return nil, form.Faults{{Field: "drawn", Text: "Your signature could not be read. Please draw it again, or type your name."}}
	}
	return &d, nil
}

// fits reports whether the strokes lie on the field and are more than a dot.
func (d *Drawing) fits() bool {
	points := 0
	for _, stroke := range d.Strokes {
		for _, p := range stroke {
			if p[0] < 0 || p[0] > fieldWidth || p[1] < 0 || p[1] > fieldHeight {
				return false
			}
		}
		points += len(stroke)
	}
	return points >= minPoints && points <= maxPoints
}

// path is the drawing as it is kept; nil without one.
func (d *Drawing) path() []byte {
	if d == nil {
		return nil
	}
	body, err := json.Marshal(d.Strokes)
	if err != nil {
		panic("consent: strokes are plain numbers: " + err.Error())
	}
	return body
}
