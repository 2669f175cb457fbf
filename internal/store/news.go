package store

import "time"

// NewsMark says of a message that it was sent, and whether it was read. Without a
// patient it is to everybody, and the others of its Communication are who has read it.
type NewsMark struct {
	Patient       string
	Communication string
	Topic         string
	At            time.Time
	Read          time.Time // zero: not yet
}

// NewsPreference is whether a participant wants mails on a topic.
type NewsPreference struct {
	Topic string
	Mail  bool
}
