// Package typeface is what our PDFs are set in: the Go fonts, embedded as subsets, so
// that names stand as they are written.
//
//	typeface.go   a PDF's family, and a text in the letters that it has
//	letters.go    letters that the fonts lack, put together of a letter and its marks
//	tables.go     a font's tables, read and written (ISO/IEC 14496-22)
//
// The Go fonts have the letters of WGL4: those of Latin Europe, Greek and Cyrillic.
// Vietnamese, and other Latin letters with marks, are composed once in a process. What
// cannot be shown even so, such as Arabic or Chinese, becomes a box, of which whoever
// makes a PDF says a sentence.
//
// Neighbours: internal/consent and internal/mydata make PDFs.
package typeface
