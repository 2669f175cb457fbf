// Package survey asks people questions: it reads a FHIR R4 Questionnaire, checks
// what was answered on a page against it, and keeps the QuestionnaireResponse.
//
// The response names the Patient by reference only, never a name; its origin is
// "survey". Who may answer is decided by the research consent.
//
// Neighbours: config/program holds the Questionnaires; internal/program asks
// when which survey was completed; internal/portal shows the pages;
// internal/records writes.
package survey
