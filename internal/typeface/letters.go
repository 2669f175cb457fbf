package typeface

import (
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// spaces are Unicode's blocks of Latin letters with marks.
var spaces = [][2]rune{{0x00c0, 0x024f}, {0x1e00, 0x1eff}}

// place is where a mark stands at a letter.
type place int

const (
	above place = iota
	below
	beside // at the upper right
)

// mark is a combining mark: the sign of the fonts that looks like it.
type mark struct {
	sign rune
	place
}

// hook is the sign of our own for the one that the fonts lack.
const hook rune = -1

var marks = map[rune]mark{
	0x0300: {'`', above}, 0x0301: {'´', above}, 0x0302: {'ˆ', above}, 0x0303: {'˜', above}, 0x0304: {'¯', above}, 0x0306: {'˘', above}, 0x0307: {'˙', above},
	0x0308: {'¨', above}, 0x0309: {hook, above}, 0x030a: {'˚', above}, 0x030b: {'˝', above}, 0x030c: {'ˇ', above}, 0x031b: {'’', beside}, 0x0323: {'˙', below},
	0x0324: {'¨', below}, 0x0326: {',', below}, 0x0327: {'¸', below}, 0x032d: {'ˆ', below}, 0x032e: {'˘', below}, 0x0330: {'˜', below}, 0x0331: {'¯', below},
}

// mostParts is how many parts a letter has at most.
const mostParts = 4

// extended is the font with all letters that it lacks and that marks make.
func extended(file []byte) ([]byte, error) {
	f, err := read(file)
	if err != nil {
		return nil, err
	}
	c := composer{face: f, em: fixed.I(int(f.parsed.UnitsPerEm()))}
	hooks := f.add(hookGlyph(), 0, 0)
	for _, space := range spaces {
		for r := space[0]; r <= space[1]; r++ {
			if _, there := f.runes[r]; !there {
				c.compose(r, hooks)
			}
		}
	}
	return f.write(), nil
}

// composer makes glyphs of glyphs, in units of the font, upwards.
type composer struct {
	*face
	em  fixed.Int26_6
	buf sfnt.Buffer
}

// box is the room that a glyph takes.
type box struct{ left, bottom, right, top int }

// part is a glyph in another one.
type part struct {
	glyph uint16
	x, y  int
}

func (c *composer) box(glyph uint16) (box, uint16) {
	b, advance, err := c.parsed.GlyphBounds(&c.buf, sfnt.GlyphIndex(glyph), c.em, font.HintingNone)
	if err != nil {
		return box{}, 0 // of a glyph that the cmap names: read again, it is there
	}
	return box{b.Min.X.Floor(), -b.Max.Y.Ceil(), b.Max.X.Ceil(), -b.Min.Y.Floor()}, uint16(advance.Round())
}

// compose adds a letter of the most of it that there is, and the marks that it lacks.
func (c *composer) compose(r rune, hooks uint16) {
	base, rest := c.base([]rune(norm.NFD.String(string(r))))
	if len(rest) == 0 {
		return
	}
	whole, advance := c.box(base)
	body, parts := whole, []part{{base, 0, 0}}
	for _, m := range rest {
		sign, known := marks[m]
		if !known {
			return
		}
		glyph, room := hooks, hookBox
		if sign.sign != hook {
			glyph = c.runes[sign.sign]
			room, _ = c.box(glyph)
		}
		p := sign.at(whole, body, room)
		p.glyph = glyph
		parts = append(parts, p)
		whole = whole.with(room, p)
	}
	c.runes[r] = c.add(composite(parts, whole), max(advance, uint16(max(whole.right, 0))), int16(whole.left))
}

// base is the longest beginning of a letter's parts that the font itself has. One
// with a mark above has no dot.
func (c *composer) base(parts []rune) (glyph uint16, rest []rune) {
	for n := len(parts) - 1; n > 0; n-- {
		letter := []rune(norm.NFC.String(string(parts[:n])))
		if len(letter) != 1 {
			continue
		}
		if letter[0] == 'i' && marks[parts[n]].place == above {
			letter[0] = 'ı'
		}
		if glyph, ok := c.runes[letter[0]]; ok && glyph < c.count() {
			return glyph, parts[n:]
		}
	}
	return 0, nil
}

// gap is between a letter and a mark.
const gap = 60

// at is where a mark goes: over or under the middle of the letter's body, or beside it.
func (m mark) at(whole, body, sign box) part {
	middle := (body.left+body.right)/2 - (sign.left+sign.right)/2
	switch m.place {
	case below:
		return part{x: middle, y: min(whole.bottom, 0) - gap - sign.top}
	case beside:
		return part{x: body.right - sign.left - gap, y: body.top - (sign.top+sign.bottom)/2}
	}
	return part{x: middle, y: whole.top + gap - sign.bottom}
}

// with is the room of a glyph and of a part more.
func (b box) with(sign box, p part) box {
	return box{min(b.left, sign.left+p.x), min(b.bottom, sign.bottom+p.y), max(b.right, sign.right+p.x), max(b.top, sign.top+p.y)}
}

// Flags of a composite glyph.
const (
	argsAreWords = 1 << 0
	argsAreXY    = 1 << 1
	moreParts    = 1 << 5
)

func composite(parts []part, b box) []byte {
	out := words(nil, 0xffff, uint16(b.left), uint16(b.bottom), uint16(b.right), uint16(b.top))
	for i, p := range parts {
		flags := uint16(argsAreWords | argsAreXY)
		if i < len(parts)-1 {
			flags |= moreParts
		}
		out = words(out, flags, p.glyph, uint16(p.x), uint16(p.y))
	}
	return out
}

// hookBox is the room of the hook.
var hookBox = box{20, 0, 350, 450}

// hookPoints are its outline; those off it bend it.
var hookPoints = []struct {
	x, y int
	on   bool
}{
	{20, 320, true}, {60, 450, false}, {190, 450, true}, {350, 450, false}, {350, 310, true}, {350, 200, false}, {240, 150, true}, {240, 0, true},
	{140, 0, true}, {140, 200, true}, {245, 220, false}, {245, 310, true}, {245, 365, false}, {185, 365, true}, {125, 365, false}, {105, 295, true},
}

// hookGlyph is the hook as a simple glyph.
func hookGlyph() []byte {
	out := words(nil, 1, uint16(hookBox.left), uint16(hookBox.bottom), uint16(hookBox.right), uint16(hookBox.top), uint16(len(hookPoints)-1), 0)
	var xs, ys []byte
	x, y := 0, 0
	for _, p := range hookPoints {
		on := byte(0)
		if p.on {
			on = 1
		}
		out, xs, ys = append(out, on), words(xs, uint16(p.x-x)), words(ys, uint16(p.y-y))
		x, y = p.x, p.y
	}
	return append(append(out, xs...), ys...)
}
