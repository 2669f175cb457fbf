// Command gen makes the films of a study's consent modules: slides, a voice,
// captions and a poster, from the modules' own texts and a storyboard.
//
//	texts (consents/*/*.yaml) + storyboard.yaml
//	    -> sentences -> espeak-ng speaks each; its length is the caption's
//	    -> slides, one a sentence -> Chromium draws them
//	    -> frames, each slide fading into the next -> ffmpeg
//	    -> videos/<kind>/<module>.<language>.{webm,vtt,webp}, videos/manifest.json
//
// The film shows and says the module's text and nothing else, so that who reads
// the transcript misses nothing. The manifest records the hash of the words: a
// text that changes takes its film away until the film is made anew. Films whose
// words, storyboard and slides are as they were are left alone.
//
// It runs in the folder config/program (go generate) and needs espeak-ng, ffmpeg
// and chromium; `.ci/setup films` installs them. The same programs make the same
// bytes; other versions of them make the same film.
package main
