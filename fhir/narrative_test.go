package fhir_test

import (
	"encoding/json"
	"strings"
	"testing"

	"tributary/fhir"
)

const div = `<div xmlns="http://www.w3.org/1999/xhtml">`

func TestNarrativesThatAreAllowed(t *testing.T) {
	for _, inner := range []string{
		`<p style="color: red">Hello&nbsp;<b class="x">World</b> &#169;<br/></p>`,
		`<!-- a comment --><table border="1"><tr><td colspan="2">x</td></tr></table>`,
		`<a href="https://example.org/x?y=1">a</a><a href="#part">b</a><a href="Patient/1">c</a><a name="part">d</a>`,
		`<img src="data:image/png;base64,AAAA" alt="x"/><img src="pic.png"/>`,
		`<td style="background-image: url(data: image/png;base64,iVBORw0KGgo=)">x</td>`,
		`<p xml:lang="en" lang="en">1 &lt; 2 &amp;&amp; 3 &gt; 2</p>`,
	} {
		if err := withDiv(div + inner + "</div>"); err != nil {
			t.Errorf("%s: %v", inner, err)
		}
	}
}

func TestNarrativesThatAreRefused(t *testing.T) {
	for _, inner := range []string{
		`<script>alert(1)</script>`, `<SCRIPT>alert(1)</SCRIPT>`, `<style>p{}</style>`, `<iframe src="https://x.y"/>`,
		`<object data="x"/>`, `<form action="x"/>`, `<input/>`, `<svg onload="x"/>`, `<math/>`, `<base href="x"/>`,
		`<p onclick="alert(1)">x</p>`, `<img src="x" onerror="alert(1)"/>`, `<p xmlns:on="y" on:click="x">x</p>`,
		`<a href="javascript:alert(1)">x</a>`, `<a href=" Java&#10;Script&#58;alert(1)">x</a>`, `<a href="&#1;javascript:x">x</a>`,
		`<a href="vbscript:x">x</a>`, `<a href="data:text/html,x">x</a>`, `<img src="data:image/svg+xml,x"/>`, `<img src="javascript:x"/>`,
		`<p style="background:url(https://x.y/z.png)">x</p>`, `<p style="width: expression(alert(1))">x</p>`,
		`<p style="background:u\72l(//x.y)">x</p>`, `<p style="background:url(/**/https://x.y)">x</p>`,
		`<p style="background:url(data:image/png;base64,AA==);behavior:url(x)">x</p>`,
		`<![CDATA[<script>x</script>]]>`, `<!--><script>x</script>-->`, `<!---><script>x</script>-->`, `<!-- x --!><script>x</script> -->`,
		`<?x ><script>y</script>?>`, `<!DOCTYPE x>`, `<p>not closed`, `<p>&unknown;</p>`,
		`<p xmlns="http://www.w3.org/2000/svg">x</p>`, `<x:script xmlns:x="http://www.w3.org/1999/xhtml">x</x:script>`,
	} {
		if err := withDiv(div + inner + "</div>"); err == nil {
			t.Errorf("%s was accepted", inner)
		} else if !strings.HasPrefix(err.Error(), "Patient.text.div: a narrative") {
			t.Errorf("%s: %v", inner, err)
		}
	}
	for _, whole := range []string{
		`<p xmlns="http://www.w3.org/1999/xhtml">x</p>`, `<div>x</div>`, `text`, div + `</div><div/>`, div + `</div> more`, `<!-- -->`,
	} {
		if err := withDiv(whole); err == nil {
			t.Errorf("%s was accepted", whole)
		}
	}
}

func withDiv(text string) error {
	quoted, err := json.Marshal(text)
	if err != nil {
		return err
	}
	_, err = fhir.Parse([]byte(`{"resourceType":"Patient","text":{"status":"generated","div":` + string(quoted) + `}}`))
	return err
}
