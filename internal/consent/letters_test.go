package consent

import "testing"

func TestLettersOfTheCoreFonts(t *testing.T) {
	for text, want := range map[string]string{
		"José Peña": "José Peña", "Zoë": "Zoë", "Łukasz Żółw": "Lukasz Zólw", "Đặng Ngọc": "Dang Ngoc", "Şükrü Ağaoğlu": "Sükrü Agaoglu",
		"Dvořák": "Dvorák", "Ștefan": "Stefan", "O’Neill – Smith": "O’Neill – Smith", "e\u0301": "é",
	} {
		if got := closest(text); got != want {
			t.Errorf("%q is set as %q, want %q", text, got, want)
		}
	}
}
