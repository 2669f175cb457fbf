package surveys

import (
	"testing"

	"tributary/internal/portal/web/webtest"
)

func TestEveryTextIsInBothLanguages(t *testing.T) {
	webtest.Complete(t, (&Pages{}).Room(), spoken)
}

// spoken are the texts that the code says, not the templates.
var spoken = []string{"This survey is not open yet.", "Picture", "Yes", "No", "From %s to %s", "%s or more", "%s or less", "Time of %s"}
