package search

// Generation counts the changes of what Extract gives for a resource that stays the
// same: another expression of a parameter, another form of a value. It is raised
// with such a change. A database keeps the generation by which it is indexed; a
// service that finds a lower one than its own indexes what is stored again, in the
// background, and searches by such values may miss rows until that is done.
const Generation = 4
