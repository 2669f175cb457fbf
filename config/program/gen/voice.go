package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// The voice: 16 bit, one channel.
const (
	rate        = 22050
	settings    = "espeak-ng -s 148 -p 42 -g 2; vp9 crf 47; opus 16k; 15/s"
	beforeTitle = 600 * time.Millisecond
	afterTitle  = 800 * time.Millisecond
	afterText   = 380 * time.Millisecond
	afterPart   = 900 * time.Millisecond // after a paragraph
	atEnd       = 1400 * time.Millisecond
)

var voices = map[string]string{"en": "en-us", "es": "es-419"}

// line is one sentence in time. Until is when the next one begins.
type line struct {
	slide
	From, To, Until time.Duration
}

// speak says the slides one by one and lays them out in time; the samples are
// those of the whole film.
func speak(language string, slides []slide) ([]line, []int16, error) {
	samples := silence(beforeTitle)
	lines := make([]line, len(slides))
	for i, s := range slides {
		spoken, err := say(language, s.Text)
		if err != nil {
			return nil, nil, err
		}
		from := length(samples)
		samples = append(samples, spoken...)
		lines[i] = line{slide: s, From: from, To: length(samples)}
		samples = append(samples, silence(pause(slides, i))...)
		lines[i].Until = length(samples)
	}
	return lines, samples, nil
}

// pause is how long it is still after a slide.
func pause(slides []slide, i int) time.Duration {
	switch {
	case i == len(slides)-1:
		return atEnd
	case slides[i].Paragraph < 0:
		return afterTitle
	case slides[i].Paragraph != slides[i+1].Paragraph:
		return afterPart
	}
	return afterText
}

func length(samples []int16) time.Duration {
	return time.Duration(len(samples)) * time.Second / rate
}

func silence(d time.Duration) []int16 { return make([]int16, int(d*rate/time.Second)) }

// say has one sentence spoken.
func say(language, text string) ([]int16, error) {
	voice, ok := voices[language]
	if !ok {
		return nil, fmt.Errorf("no voice for the language %q", language)
	}
	cmd := exec.Command("espeak-ng", "-v", voice, "-s", "148", "-p", "42", "-g", "2", "--stdout", "--", text)
	wav, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("espeak-ng: %w", err)
	}
	return trimmed(wav)
}

// trimmed takes the samples out of a WAV stream and the silence off their ends.
func trimmed(wav []byte) ([]int16, error) {
	at := bytes.Index(wav, []byte("data"))
	if at < 0 || len(wav) < at+8 || binary.LittleEndian.Uint32(wav[24:]) != rate {
		return nil, errors.New("espeak-ng: no WAV of the expected rate")
	}
	body := wav[at+8:]
	samples := make([]int16, len(body)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(body[2*i:]))
	}
	from, to := 0, len(samples)
	for from < to && quiet(samples[from]) {
		from++
	}
	for to > from && quiet(samples[to-1]) {
		to--
	}
	if from == to {
		return nil, errors.New("espeak-ng: said nothing")
	}
	return samples[from:to], nil
}

func quiet(sample int16) bool { return sample > -60 && sample < 60 }
