package portal_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tributary/internal/passkey/passkeytest"
	"tributary/internal/store"
)

const staffPassword = "correct horse battery"

// staffKey adds a passkey at a console.
func (b *browser) staffKey(area, name string) *passkeytest.Device {
	b.t.Helper()
	d, room := passkeytest.New(b.t, studyOrigin, studyHost), "/"+area+"/security/passkeys"
	b.sent("/"+area+"/security", room, "name", name, "password", staffPassword, "credential", string(d.Create(b.options(room+"/options", "password", staffPassword))))
	return d
}

// use answers a door with a passkey.
func (b *browser) use(d *passkeytest.Device, path string) answer {
	b.t.Helper()
	return b.post(path, "credential", string(d.Get(b.options(path+"/options"))))
}

func (b *browser) staffKeys(area string) (ids []string) {
	b.t.Helper()
	each(b.sees("/"+area+"/security", "staff-security").page, func(n *html.Node) {
		if id := attribute(n, "data-key"); id != "" {
			ids = append(ids, id)
		}
	})
	return ids
}

// A passkey is asked for behind the password, or comes in place of it.
func TestStaffPasskeys(t *testing.T) {
	for area, console := range map[string][2]string{"center": {"center", "/center"}, "staff": {"study", "/staff/cohort"}} {
		t.Run(area, func(t *testing.T) {
			x, _ := locked(t)
			role, start := console[0], console[1]
			door := "/" + area + "/signin"
			key := x.staff(t, area, role, "harbor-clinic").staffKey(area, "My phone")

			alone := x.browser(t)
			alone.sent(door+"/factor", door, "login", "kim-harbor-clinic", "password", staffPassword)
			if a := alone.get("/" + area + "/security"); a.Header.Get("Location") != door {
				t.Fatalf("the password alone lets in: %d", a.StatusCode)
			}
			alone.sees(door+"/factor", "staff-factor")
			if a := alone.post(door+"/factor", "credential", "{}"); a.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("no passkey: %d", a.StatusCode)
			}
			if a := alone.use(key, door+"/factor"); a.Header.Get("Location") != start {
				t.Fatalf("password and passkey: %d\n%s", a.StatusCode, faultsOf(a))
			}
			alone.sees("/"+area+"/security", "staff-security")
			if a := alone.get(door + "/factor"); a.Header.Get("Location") != door {
				t.Errorf("asked again: %d", a.StatusCode)
			}

			direct := x.browser(t)
			if a := direct.use(key, door+"/passkey"); a.Header.Get("Location") != start {
				t.Errorf("the passkey alone: %d\n%s", a.StatusCode, faultsOf(a))
			}
			if ids := direct.staffKeys(area); len(ids) != 1 {
				t.Errorf("passkeys: %v", ids)
			}
		})
	}
}

// A passkey opens no other console, nor an account of participants, nor for who may not
// come in any more; and nobody else's stands in for the one that was asked for.
func TestStaffPasskeysOpenNothingElse(t *testing.T) {
	x, _ := locked(t)
	key := x.staff(t, "center", "center", "harbor-clinic").staffKey("center", "My phone")
	other := x.staff(t, "center", "center", "hill-clinic").staffKey("center", "Another")
	for _, path := range []string{"/staff/signin/passkey", "/signin/passkey"} {
		if a := x.browser(t).use(key, path); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
	half := x.browser(t)
	half.sent("/center/signin/factor", "/center/signin", "login", "kim-harbor-clinic", "password", staffPassword)
	if a := half.use(other, "/center/signin/factor"); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("somebody else's: %d", a.StatusCode)
	}
	stranger := x.browser(t)
	for _, path := range []string{"/center/signin/factor", "/center/signin/factor/options", "/center/security/passkeys", "/center/security/passkeys/options", "/center/security/passkeys/remove"} {
		if a := stranger.post(path, "credential", "{}"); a.Header.Get("Location") != "/center/signin" {
			t.Errorf("%s without a password: %d", path, a.StatusCode)
		}
	}
	if _, err := x.Store.Exec(t.Context(), `UPDATE staff SET disabled = 1 WHERE login = 'kim-harbor-clinic'`); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/center/signin/factor", "/center/signin/passkey"} {
		if a := half.use(key, path); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s of a closed account: %d", path, a.StatusCode)
		}
	}
}

// To add or remove one the password is asked for; a new password from an administrator
// takes the place of all.
func TestStaffPasskeysAreKept(t *testing.T) {
	x, _ := locked(t)
	b := x.staff(t, "staff", "study", "")
	const room = "/staff/security/passkeys"
	d := passkeytest.New(t, studyOrigin, studyHost)
	credential := string(d.Create(b.options(room+"/options", "password", staffPassword)))
	if a := b.post(room+"/options", "password", "xyzzy plugh plover"); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("offered for a wrong password: %d", a.StatusCode)
	}
	if a := b.post(room, "name", "Mine", "password", "xyzzy plugh plover", "credential", credential); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.text, "The password is not right.") || strings.Contains(a.text, "xyzzy") {
		t.Errorf("added with a wrong password: %d\n%s", a.StatusCode, faultsOf(a))
	}
	if a := b.post(room, "name", "", "password", staffPassword, "credential", credential); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without a name: %d", a.StatusCode)
	}
	key := b.staffKey("staff", "Mine")
	b.staffKey("staff", "Another")
	mine := base64.RawURLEncoding.EncodeToString(key.ID)
	if ids := b.staffKeys("staff"); len(ids) != 2 || !slices.Contains(ids, mine) {
		t.Fatalf("passkeys: %v", ids)
	}
	for field, form := range map[string][]string{"again": {"key", mine, "again", "wrong"}, "key": {"key", "", "again", staffPassword}} {
		if a := b.post(room+"/remove", form...); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.text, `href="#`+field+`"`) {
			t.Errorf("removed with a wrong %s: %d\n%s", field, a.StatusCode, faultsOf(a))
		}
	}
	if a := x.staff(t, "center", "center", "harbor-clinic").post("/center/security/passkeys/remove", "key", mine, "again", staffPassword); a.StatusCode != http.StatusNotFound {
		t.Errorf("somebody else's: %d", a.StatusCode)
	}
	b.sent("/staff/security", room+"/remove", "key", mine, "again", staffPassword)
	if a := x.browser(t).use(key, "/staff/signin/passkey"); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a removed one: %d", a.StatusCode)
	}
	if err := x.Accounts.PutStaff(t.Context(), store.Staff{Login: "kim-", Name: "Kim", Role: "study"}, "another horse battery"); err != nil {
		t.Fatal(err)
	}
	x.browser(t).sent("/staff/cohort", "/staff/signin", "login", "kim-", "password", "another horse battery")
	if ids := b.staffKeys("staff"); len(ids) != 0 {
		t.Errorf("a new password leaves %v", ids)
	}
}

// Where the institution signs staff in, passkeys are its own.
func TestNoStaffPasskeysBesideAnInstitution(t *testing.T) {
	x, _, _ := institution(t)
	for _, path := range []string{"/center/signin/passkey", "/center/signin/passkey/options", "/center/signin/factor", "/staff/signin/passkey"} {
		if a := x.browser(t).post(path, "credential", "{}"); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
}
