package sqlindex

// Estimated is the estimate after a bound of choice, for tests from outside.
var Estimated = estimated
