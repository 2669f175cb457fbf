package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"time"
)

const (
	perSecond = 15 // frames
	fade      = 7  // frames from one slide to the next
)

// encode writes the film: the pictures, each from its line's beginning on, and
// the voice.
func encode(name string, lines []line, pictures []*image.RGBA, samples []int16) error {
	voice, err := os.CreateTemp("", "film-*.wav")
	if err != nil {
		return err
	}
	defer os.Remove(voice.Name())
	_, err = voice.Write(wav(samples))
	if err := errors.Join(err, voice.Close()); err != nil {
		return err
	}
	cmd := exec.Command("ffmpeg", "-v", "error", "-y",
		"-f", "rawvideo", "-pix_fmt", "rgba", "-s", fmt.Sprintf("%dx%d", width, height), "-r", fmt.Sprint(perSecond), "-i", "-", "-i", voice.Name(),
		"-map", "0:v", "-map", "1:a", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact",
		"-pix_fmt", "yuv420p", "-c:v", "libvpx-vp9", "-crf", "47", "-b:v", "0", "-deadline", "good", "-cpu-used", "3", "-g", "450", "-lag-in-frames", "25",
		"-auto-alt-ref", "1", "-tune-content", "screen", "-threads", "1",
		"-af", "highpass=f=80,lowpass=f=8500,loudnorm=I=-18:TP=-2:LRA=7,aresample=48000", "-c:a", "libopus", "-b:a", "16k", "-ac", "1", "-application", "voip",
		name)
	return fed(cmd, func(w io.Writer) error { return frames(w, lines, pictures) })
}

// fed runs a command that reads what write gives.
func fed(cmd *exec.Cmd, write func(io.Writer) error) error {
	var said bytes.Buffer
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	wrote := write(in)
	in.Close()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("ffmpeg: %w: %s", err, said.String())
	}
	return wrote
}

// frames writes every picture for as long as its line lasts; the first moments
// of each fade in from the one before.
func frames(w io.Writer, lines []line, pictures []*image.RGBA) error {
	at := 0
	for i, l := range lines {
		before := pictures[max(0, i-1)]
		for n := 0; at < int(l.Until*perSecond/time.Second); n++ {
			if _, err := w.Write(mix(before, pictures[i], n+1)); err != nil {
				return err
			}
			at++
		}
	}
	return nil
}

// mix is the step-th picture on the way from one to the other.
func mix(from, to *image.RGBA, step int) []byte {
	if step >= fade || from == to {
		return to.Pix
	}
	out := make([]byte, len(to.Pix))
	for i := range out {
		out[i] = byte((int(from.Pix[i])*(fade-step) + int(to.Pix[i])*step) / fade)
	}
	return out
}

// still writes a picture as WebP.
func still(name string, picture *image.RGBA) error {
	cmd := exec.Command("ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgba", "-s", fmt.Sprintf("%dx%d", width, height), "-i", "-",
		"-frames:v", "1", "-map_metadata", "-1", "-fflags", "+bitexact", "-pix_fmt", "yuv420p", "-c:v", "libwebp", "-quality", "82", name)
	return fed(cmd, func(w io.Writer) error { _, err := w.Write(picture.Pix); return err })
}

// wav is a RIFF file of the samples.
func wav(samples []int16) []byte {
	var b bytes.Buffer
	size := uint32(2 * len(samples))
	b.WriteString("RIFF")
	put(&b, 36+size)
	b.WriteString("WAVEfmt ")
	put(&b, uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2*rate), uint16(2), uint16(16))
	b.WriteString("data")
	put(&b, size, samples)
	return b.Bytes()
}

func put(b *bytes.Buffer, values ...any) {
	for _, v := range values {
		_ = binary.Write(b, binary.LittleEndian, v) // a buffer takes everything
	}
}
