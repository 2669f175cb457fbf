package typeface

import (
	"encoding/binary"
	"maps"
	"math/bits"
	"slices"

	"golang.org/x/image/font/sfnt"
)

// face is a TrueType font, taken apart.
type face struct {
	tables map[string][]byte
	parsed *sfnt.Font
	runes  map[rune]uint16 // to glyphs: the cmap
	glyphs [][]byte        // glyf, cut by loca
}

var order = binary.BigEndian

// read takes a font apart.
func read(file []byte) (*face, error) {
	parsed, err := sfnt.Parse(file)
	if err != nil {
		return nil, err
	}
	f := &face{tables: map[string][]byte{}, parsed: parsed, runes: map[rune]uint16{}}
	for i := range int(order.Uint16(file[4:])) { // the directory, which sfnt has checked
		entry := file[12+16*i:]
		from, size := order.Uint32(entry[8:]), order.Uint32(entry[12:])
		f.tables[string(entry[:4])] = file[from : from+size]
	}
	f.cut()
	f.widen()
	var buf sfnt.Buffer
	for r := rune(0x20); r < 0xffff; r++ {
		if g, err := parsed.GlyphIndex(&buf, r); err == nil && g != 0 {
			f.runes[r] = uint16(g)
		}
	}
	return f, nil
}

func (f *face) count() uint16 { return order.Uint16(f.tables["maxp"][4:]) }

// cut finds the glyphs: loca has their offsets, in halves or as they are.
func (f *face) cut() {
	loca := f.tables["loca"]
	at := func(i int) int { return int(order.Uint32(loca[4*i:])) }
	if order.Uint16(f.tables["head"][50:]) == 0 {
		at = func(i int) int { return 2 * int(order.Uint16(loca[2*i:])) }
	}
	for i := range int(f.count()) {
		f.glyphs = append(f.glyphs, f.tables["glyf"][at(i):at(i+1)])
	}
}

// widen gives each glyph a width of its own: in hmtx the last width is that of all that
// follow, of which only the left bearings stand there.
func (f *face) widen() {
	own := int(order.Uint16(f.tables["hhea"][34:]))
	hmtx := f.tables["hmtx"]
	all, last := slices.Clone(hmtx[:4*own]), order.Uint16(hmtx[4*(own-1):])
	for i := range int(f.count()) - own {
		all = words(all, last, order.Uint16(hmtx[4*own+2*i:]))
	}
	f.tables["hmtx"] = all
}

// add appends a glyph and returns its number.
func (f *face) add(glyph []byte, advance uint16, left int16) uint16 {
	f.glyphs = append(f.glyphs, glyph)
	f.tables["hmtx"] = words(slices.Clip(f.tables["hmtx"]), advance, uint16(left))
	return uint16(len(f.glyphs) - 1)
}

// write puts the font together again, without what names or kerns glyphs.
func (f *face) write() []byte {
	var glyf, loca []byte
	for _, g := range f.glyphs {
		loca = order.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, g...)
		glyf = append(glyf, make([]byte, -len(glyf)&3)...)
	}
	f.tables["glyf"], f.tables["loca"], f.tables["cmap"] = glyf, order.AppendUint32(loca, uint32(len(glyf))), f.cmap()
	n := uint16(len(f.glyphs))
	f.set("head", 50, 1)
	f.set("hhea", 34, n)
	f.set("maxp", 4, n)
	f.set("maxp", 28, max(order.Uint16(f.tables["maxp"][28:]), mostParts))
	f.set("maxp", 30, max(order.Uint16(f.tables["maxp"][30:]), 2))
	return f.assembled()
}

func (f *face) set(table string, at int, value uint16) {
	changed := slices.Clone(f.tables[table])
	order.PutUint16(changed[at:], value)
	f.tables[table] = changed
}

// cmap is a table of format 4, a segment for each run of runes and glyphs.
func (f *face) cmap() []byte {
	var ends, starts, deltas []uint16
	last := rune(-2)
	for _, r := range slices.Sorted(maps.Keys(f.runes)) {
		delta := f.runes[r] - uint16(r)
		if n := len(ends); r != last+1 || deltas[n-1] != delta {
			ends, starts, deltas = append(ends, 0), append(starts, uint16(r)), append(deltas, delta)
		}
		ends[len(ends)-1], last = uint16(r), r
	}
	ends, starts, deltas = append(ends, 0xffff), append(starts, 0xffff), append(deltas, 1)
	n := uint16(len(ends))
	log := uint16(bits.Len16(n) - 1)
	out := words(nil, 0, 1, 3, 1, 0, 12, 4, 16+8*n, 0, 2*n, 2<<log, log, 2*n-2<<log)
	out = words(append(words(out, ends...), 0, 0), starts...)
	return append(words(out, deltas...), make([]byte, 2*n)...)
}

func words(out []byte, all ...uint16) []byte {
	for _, w := range all {
		out = order.AppendUint16(out, w)
	}
	return out
}

// kept are the tables of a font to embed, by name.
var kept = []string{"OS/2", "cmap", "cvt ", "fpgm", "gasp", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post", "prep"}

// assembled writes the directory and the tables.
func (f *face) assembled() []byte {
	names := slices.DeleteFunc(slices.Clone(kept), func(name string) bool { return f.tables[name] == nil })
	n := uint16(len(names))
	log := uint16(bits.Len16(n) - 1)
	out, at := words(nil, 1, 0, n, 16<<log, log, 16*n-16<<log), 12+16*int(n)
	var body []byte
	for _, name := range names {
		table := append(slices.Clone(f.tables[name]), make([]byte, -len(f.tables[name])&3)...)
		out = append(out, name...)
		for _, v := range []uint32{sum(table), uint32(at + len(body)), uint32(len(f.tables[name]))} {
			out = order.AppendUint32(out, v)
		}
		body = append(body, table...)
	}
	return append(out, body...)
}

// sum is a table's checksum; that of the whole in head is left as it was, for the font
// is only ever embedded in part.
func sum(table []byte) (total uint32) {
	for i := 0; i < len(table); i += 4 {
		total += order.Uint32(table[i:])
	}
	return total
}
