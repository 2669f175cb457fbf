package mydata

import (
	"time"

	"tributary/config/program"
)

// Voice says texts, days and numbers in the reader's language.
type Voice interface {
	T(text string, args ...any) string
	On(t time.Time) string
	Number(n float64, decimals int) string
	In(text program.Text) string
}
