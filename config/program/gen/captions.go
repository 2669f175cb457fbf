package main

import (
	"fmt"
	"strings"
	"time"
)

// captions is a WebVTT file (W3C, WebVTT: The Web Video Text Tracks Format) with
// one cue a line: what is said, while it is said and a moment longer.
func captions(lines []line) string {
	var b strings.Builder
	b.WriteString("WEBVTT\n")
	for i, l := range lines {
		fmt.Fprintf(&b, "\n%d\n%s --> %s\n%s\n", i+1, stamp(l.From), stamp(min(l.To+300*time.Millisecond, l.Until)), escape.Replace(l.Text))
	}
	return b.String()
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func stamp(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d:%02d.%03d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60, d.Milliseconds()%1000)
}
