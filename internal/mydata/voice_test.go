package mydata

import (
	"fmt"
	"strconv"
	"time"

	"tributary/config/program"
)

// plainly says everything in English.
type plainly struct{}

func (plainly) T(text string, args ...any) string {
	if len(args) == 0 {
		return text
	}
	english := text
	return fmt.Sprintf(english, args...)
}

func (plainly) On(t time.Time) string { return t.Format("2 January 2006") }

func (plainly) Number(n float64, decimals int) string {
	return strconv.FormatFloat(n, 'f', decimals, 64)
}

func (plainly) In(text program.Text) string { return text.In("en") }
