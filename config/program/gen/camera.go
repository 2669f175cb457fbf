package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"net/url"
	"strings"

	"github.com/chromedp/chromedp"
)

// The picture's size in pixels.
const (
	width  = 854
	height = 480
)

//go:embed slide.html
var page string

//go:embed icons.svg
var icons string

// camera is a browser that shows one slide after another.
type camera struct{ ctx context.Context }

// newCamera starts a browser with the page of slides.
func newCamera() (*camera, func(), error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(width, height),
		chromedp.Flag("force-device-scale-factor", "1"), chromedp.Flag("font-render-hinting", "none"), chromedp.Flag("hide-scrollbars", true))
	allocated, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocated)
	content := strings.Replace(page, "<!-- icons -->", icons, 1)
	err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate("data:text/html;charset=utf-8,"+url.PathEscape(content)))
	return &camera{ctx}, func() { stop(); cancel() }, err
}

// take is the picture of a slide.
func (c *camera) take(f film, s slide) (*image.RGBA, error) {
	script := fmt.Sprintf("show(%q, %d, %d, %q, %q, %q, %d, %d)", f.Language, f.Number, f.Of, f.Module.Title, s.HTML, s.Icon, s.Paragraph, len(f.Module.Text))
	if _, err := chromedp.Run(c.ctx, chromedp.Evaluate[chromedp.Void](script)); err != nil {
		return nil, err
	}
	shot, err := chromedp.Run(c.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return nil, err
	}
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Bounds(), picture, picture.Bounds().Min, draw.Src)
	return out, nil
}
