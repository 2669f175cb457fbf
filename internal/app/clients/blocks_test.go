package clients

import (
	"bufio"
	"os"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of commands in a document, and the answer that the
// document promises: the fenced block that comes next, if it is not commands too.
type block struct {
	line     int // in the document
	heading  string
	commands string
	answer   string
	answered bool
}

// isAnswer are the languages of answers.
var isAnswer = map[string]bool{"json": true, "text": true, "xml": true, "http": true}

// blocks reads the commands (fences of bash) and answers of a document.
func blocks(t *testing.T, path string) (all []block) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var language, heading string
	var body []string
	lines, inside := bufio.NewScanner(file), false
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "```") && inside:
			inside, all = false, added(all, language, block{line: n, heading: heading, commands: strings.Join(body, "\n")})
		case strings.HasPrefix(line, "```"):
			inside, language, body = true, strings.TrimPrefix(line, "```"), nil
		case inside:
			body = append(body, line)
		case strings.HasPrefix(line, "#"):
			heading = strings.TrimLeft(line, "# ")
		}
	}
	if err := lines.Err(); err != nil || len(all) == 0 {
		t.Fatalf("%s has no commands: %v", path, err)
	}
	return all
}

func added(all []block, language string, b block) []block {
	last := len(all) - 1
	switch {
	case language == "bash":
		return append(all, b)
	case isAnswer[language] && last >= 0 && !all[last].answered:
		all[last].answer, all[last].answered = b.commands, true
	}
	return all
}

var space = regexp.MustCompile(`\s+`)

// agrees reports whether an output is as promised: white space does not matter, and
// … stands for anything.
func agrees(promised, output string) bool {
	var pattern strings.Builder
	for i, part := range strings.Split(space.ReplaceAllString(promised, ""), "…") {
		if i > 0 {
			pattern.WriteString(".*")
		}
		pattern.WriteString(regexp.QuoteMeta(part))
	}
	return regexp.MustCompile(`(?s)^` + pattern.String() + `$`).MatchString(space.ReplaceAllString(output, ""))
}

func TestAgrees(t *testing.T) {
	for _, c := range []struct {
		promised, output string
		want             bool
	}{
		{`{"a": 1}`, `{"a":1}`, true}, {`{"a":…}`, "{\"a\":\n[1,2]}", true}, {`{"a":…}`, `{"b":1}`, false}, {"", "x", false}, {"a…c", "ab", false}, {"…", "", true},
	} {
		if got := agrees(c.promised, c.output); got != c.want {
			t.Errorf("%q and %q: %v", c.promised, c.output, got)
		}
	}
}
