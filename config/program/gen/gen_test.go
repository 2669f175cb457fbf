package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"os"
	"strings"
	"testing"
	"time"

	"tributary/config/program"
)

func board(t *testing.T) (*program.Study, storyboard) {
	t.Helper()
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	s, err := readStoryboard("../videos/storyboard.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return study, s
}

// What is checked in was made of this storyboard, these slides and these words.
func TestFilmsAreCurrent(t *testing.T) {
	list, err := films(board(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("..")
	made, err := readManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if e, ok := made[f.name()]; !ok || e.Made != f.hash() || !e.there() {
			t.Errorf("%s is not made of what is here: run go generate ./config/program", f.name())
		}
	}
	if len(made) != len(list) {
		t.Errorf("the manifest names %d films, the texts ask for %d", len(made), len(list))
	}
}

func TestStoryboardThatDoesNotFitIsRefused(t *testing.T) {
	study, s := board(t)
	scenes := s["research"]["about"]
	for want, change := range map[string]scene{
		"there is no icon":        {Icon: "unicorn"},
		`does not say "unicorns"`: {Icon: scenes[0].Icon, Marks: map[string][]string{"en": {"unicorns"}}},
	} {
		s["research"]["about"] = append([]scene{change}, scenes[1:]...)
		if _, err := films(study, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	s["research"]["about"] = scenes[1:]
	if _, err := films(study, s); err == nil || !strings.Contains(err.Error(), "scenes for") {
		t.Errorf("a paragraph without a scene: %v", err)
	}
}

var example = film{Kind: "research", Language: "en", Number: 1, Of: 2,
	Module: program.Module{ID: "m", Title: "Title", Text: []string{"One & two. Three.", "Four."}},
	Scenes: []scene{{Icon: "people", Marks: map[string][]string{"en": {"two"}}}, {Icon: "lock"}}}

func TestSlidesShowOneSentenceAfterAnother(t *testing.T) {
	slides := example.slides()
	if len(slides) != 4 || slides[0].Text != "Title" || slides[0].Paragraph != -1 || slides[3].Icon != "lock" {
		t.Fatalf("%+v", slides)
	}
	if want := `<span class="now">One &amp; <mark>two</mark>.</span> <span class="next">Three.</span> `; slides[1].HTML != want {
		t.Errorf("%s, want %s", slides[1].HTML, want)
	}
	if want := `<span class="said">One &amp; <mark>two</mark>.</span> <span class="now">Three.</span> `; slides[2].HTML != want {
		t.Errorf("%s, want %s", slides[2].HTML, want)
	}
}

func TestPausesTellTitleSentencesAndParagraphsApart(t *testing.T) {
	slides := example.slides()
	for i, want := range []time.Duration{afterTitle, afterText, afterPart, atEnd} {
		if got := pause(slides, i); got != want {
			t.Errorf("after slide %d: %v, not %v", i, got, want)
		}
	}
}

func TestCaptions(t *testing.T) {
	got := captions([]line{
		{slide: slide{Text: "One & two."}, From: 600 * time.Millisecond, To: 2 * time.Second, Until: 2100 * time.Millisecond},
		{slide: slide{Text: "Three."}, From: 2100 * time.Millisecond, To: time.Hour + 61*time.Second, Until: 2 * time.Hour},
	})
	want := "WEBVTT\n\n1\n00:00:00.600 --> 00:00:02.100\nOne &amp; two.\n\n2\n00:00:02.100 --> 01:01:01.300\nThree.\n"
	if got != want {
		t.Errorf("%s", got)
	}
}

func TestSilenceIsTrimmedOffTheVoice(t *testing.T) {
	got, err := trimmed(wav([]int16{0, 5, -900, 0, 700, 3, 0}))
	if err != nil || len(got) != 3 || got[0] != -900 || got[2] != 700 {
		t.Errorf("%v %v", got, err)
	}
	for name, body := range map[string][]byte{"silence": wav(make([]int16, 9)), "no WAV": []byte("x"), "another rate": slower(wav([]int16{900}))} {
		if _, err := trimmed(body); err == nil {
			t.Errorf("%s is taken for a voice", name)
		}
	}
}

func slower(body []byte) []byte {
	binary.LittleEndian.PutUint32(body[24:], 8000)
	return body
}

func TestFramesFadeAndLast(t *testing.T) {
	dark, light := image.NewRGBA(image.Rect(0, 0, 1, 1)), image.NewRGBA(image.Rect(0, 0, 1, 1))
	dark.Set(0, 0, color.RGBA{0, 0, 0, 255})
	light.Set(0, 0, color.RGBA{210, 210, 210, 255})
	var out bytes.Buffer
	lines := []line{{Until: time.Second}, {Until: 3 * time.Second}}
	if err := frames(&out, lines, []*image.RGBA{dark, light}); err != nil {
		t.Fatal(err)
	}
	red := func(frame int) byte { return out.Bytes()[4*frame] }
	if out.Len() != 4*3*perSecond || red(perSecond-1) != 0 || red(perSecond) != 30 || red(perSecond+fade-1) != 210 {
		t.Errorf("%d bytes, red %d %d %d", out.Len(), red(perSecond-1), red(perSecond), red(perSecond+fade-1))
	}
}

func TestSweepLeavesWhatIsNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"videos/a/m.en.webm", "videos/a/old.en.webm", "videos/a/old.en.vtt", "videos/a/notes.txt"} {
		if err := os.MkdirAll("videos/a", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := sweep(map[string]entry{"a/m.en": {Video: program.Video{Film: "a/m.en.webm"}}}); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir("videos/a")
	if err != nil || len(left) != 2 {
		t.Errorf("%v %v", left, err)
	}
}
