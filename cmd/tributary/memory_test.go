package main

import "testing"

func TestTotalMemory(t *testing.T) {
	for text, want := range map[string]int64{
		"MemFree:  1 kB\nMemTotal:       24689764 kB\n": 24689764 << 10,
		"MemTotal: many kB\n":                           0,
		"MemTotal:\n":                                   0,
		"":                                              0,
	} {
		if got := totalMemory([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestProfilesAreForThisMachineAlone(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "localhost", "[::]:0"} {
		if err := (profiling{address}).start(); err == nil {
			t.Errorf("profiles are served on %s", address)
		}
	}
	if err := (profiling{}).start(); err != nil {
		t.Error(err)
	}
	if err := (profiling{"127.0.0.1:0"}).start(); err != nil {
		t.Error(err)
	}
}
