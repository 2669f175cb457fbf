package store

// Ending is how a transaction ended.
type Ending int

// The endings.
const (
	RolledBack Ending = iota
	Committed
	Unknown // the database could not be heard when it was asked to commit
)

// Ender is a transaction that tells how it ended, before its Update returns: each
// attempt of an Update tells of itself. What is told must not wait, nor use the store.
type Ender interface {
	OnEnd(func(Ending))
}
