package main

import (
	"image"
	"image/color"
	"slices"
)

// apart is how far colours of a palette are from each other at least, as the sum of the
// differences of red, green and blue.
const apart = 18

// palette is the most frequent colours of a part of a picture that differ to the eye.
// Pages are painted in few: the rest are the edges of letters.
func palette(shot image.Image, part image.Rectangle, most int) color.Palette {
	times := map[color.RGBA]int{}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			times[color.RGBAModel.Convert(shot.At(x, y)).(color.RGBA)]++
		}
	}
	all := make([]color.RGBA, 0, len(times))
	for c := range times {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		if times[a] != times[b] {
			return times[b] - times[a]
		}
		return int(a.R)<<16 + int(a.G)<<8 + int(a.B) - int(b.R)<<16 - int(b.G)<<8 - int(b.B)
	})
	var out color.Palette
	for _, c := range all {
		if len(out) == most {
			break
		}
		if !slices.ContainsFunc(out, func(o color.Color) bool { return distance(o.(color.RGBA), c) < apart }) {
			out = append(out, c)
		}
	}
	return out
}

func distance(a, b color.RGBA) int {
	return abs(int(a.R)-int(b.R)) + abs(int(a.G)-int(b.G)) + abs(int(a.B)-int(b.B))
}

func abs(n int) int { return max(n, -n) }
