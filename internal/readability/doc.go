// Package readability measures how hard a text is to read, so that what the
// portal asks people to agree to can be held to words that a child of twelve
// understands: a wish that nobody measures is lost with the next edit.
//
// Two published formulas over three counts (words, sentences, syllables):
//
//   - English: the Flesch–Kincaid grade, 0.39 words/sentences + 11.8
//     syllables/words − 15.59, a school year of the United States (Kincaid and
//     others, Derivation of new readability formulas for Navy enlisted personnel,
//     1975). Seventh grade is the age of twelve.
//   - Spanish: the index of Fernández Huerta (Medidas sencillas de lecturabilidad,
//     1959), 206.84 − 60 syllables/words − 1.02 words/sentences, from 0 (very hard)
//     to 100 (very easy); 70 and more is fairly easy. As printed in 1959 the last
//     term counts sentences where it must count words in a sentence; the form
//     here is the corrected one (Gwillim Law, LINGUIST List 22.2332, 2011).
//
// A text is given as the pieces that a reader meets one by one (a paragraph, a
// point of a list, a heading): each ends a sentence, whether or not a full stop
// stands there.
//
// Syllables of Spanish follow from its spelling. Those of English do not: rules
// and a short list of exceptions come within two in a hundred of a dictionary's.
//
// The package imports nothing of ours. Its users are tests of the texts in
// config/program and of the portal's pages.
package readability
