package app

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tributary/internal/portal/web"
)

// roomAsk is what is sent to a route: its path, and its form. In both, <name> stands
// for an id of a person's; those in shared belong to nobody.
type roomAsk struct{ path, form string }

const (
	typedName = "printed_name=<name>"
	childForm = "given=Kid&family=Example&birth_date=2019-01-01&sex=male&state=MA&email=<email>&seen=yes"
	readForm  = "height=170.5&weight=70&waist=82&systolic_1=130&systolic_2=120&systolic_3=121&diastolic_1=85&diastolic_2=80&diastolic_3=80&heart_rate_1=70&heart_rate_2=68&heart_rate_3=66&pregnant=no&wheelchair=no"
	writeForm = "topic=account&title.en=Hello&text.en=A+word"
	contact   = "given=<given>&family=Example&phone=&line=1+New+Street&city=Boston&state=MA&postal=02110"
	months    = "ends=2099-01-01&agreed=2099-01-01&trained=2099-01-01"
)

// roomAsks are what is sent to each route of the rooms that has a variable or a form. A
// route that is not here fails the tests: say what is sent, and whose ids it names.
var roomAsks = map[string]roomAsk{
	"POST /acting":         {"/acting", "patient=<ward>"},
	"POST /acting/end":     {"/acting/end", "id=<delegation>"},
	"POST /staff/of-age":   {"/staff/of-age", "number=<ward>&birth_date=2000-01-01&email=grown@example.org&seen=yes"},
	"POST /center/of-age":  {"/center/of-age", "number=<ward>&birth_date=2000-01-01&email=grown@example.org&seen=yes"},
	"POST /staff/proxies":  {"/staff/proxies", childForm},
	"POST /center/proxies": {"/center/proxies", childForm},

	"GET /consent/{kind}":              {"/consent/results", ""},
	"POST /consent/{kind}":             {"/consent/ehr", "decision=no"},
	"GET /consent/{kind}/modules/{n}":  {"/consent/results/modules/1", ""},
	"POST /consent/{kind}/modules/{n}": {"/consent/results/modules/1", ""},
	"GET /consent/{kind}/quiz":         {"/consent/results/quiz", ""},
	"POST /consent/{kind}/quiz":        {"/consent/results/quiz", "q.x=y"},
	"GET /consent/{kind}/sign":         {"/consent/research/sign", ""},
	"POST /consent/{kind}/sign":        {"/consent/results/sign", "agree=yes&" + typedName},
	"POST /consent/{kind}/decline":     {"/consent/results/decline", ""},
	"POST /consent/{kind}/revoke":      {"/consent/ehr/revoke", "confirm=revoke"},
	"GET /films/{hash}/{kind}/{file}":  {"/films/" + strings.Repeat("0", 64) + "/research/x.webm", ""},
	"GET /documents/{id}.pdf":          {"/documents/<DocumentReference>.pdf", ""},
	"POST /pause":                      {"/pause", "confirm=pause&" + typedName},
	"POST /withdraw":                   {"/withdraw", "confirm=withdraw&" + typedName},

	"POST /profile":                                 {"/profile", contact},
	"POST /profile/language":                        {"/profile/language", "language=es"},
	"POST /profile/email":                           {"/profile/email", "email=new.<email>"},
	"POST /profile/email/confirm":                   {"/profile/email/confirm", "code=000000"},
	"GET /staff/participants/{id}/recovery":         {"/staff/participants/<patient>/recovery", ""},
	"POST /staff/participants/{id}/recovery":        {"/staff/participants/<patient>/recovery", "seen=yes"},
	"GET /center/participants/{id}/recovery":        {"/center/participants/<patient>/recovery", ""},
	"POST /center/participants/{id}/recovery":       {"/center/participants/<patient>/recovery", "seen=yes"},
	"GET /staff/participants/{id}":                  {"/staff/participants/<patient>", ""},
	"POST /staff/participants":                      {"/staff/participants", "id=<patient>"},
	"POST /staff/participants/{id}/message":         {"/staff/participants/<patient>/message", writeForm},
	"POST /staff/participants/{id}/ask":             {"/staff/participants/<patient>/ask", "kind=deceased&evidence=a+call"},
	"POST /staff/participants/{id}/studies/{study}": {"/staff/participants/<patient>/studies/<study>", ""},

	"POST /providers/{id}/connect": {"/providers/harbor/connect", ""},
	"POST /connections/{id}/retry": {"/connections/<connection>/retry", ""},
	"GET /connections/{id}/end":    {"/connections/<connection>/end", ""},
	"POST /connections/{id}/end":   {"/connections/<connection>/end", "what=remove&confirm=yes"},

	"GET /surveys/{id}.css":           {"/surveys/lifestyle.css", ""},
	"GET /surveys/{id}":               {"/surveys/lifestyle", ""},
	"POST /surveys/{id}":              {"/surveys/overall-health", ""},
	"GET /surveys/{id}/all":           {"/surveys/lifestyle/all", ""},
	"GET /surveys/{id}/sections/{n}":  {"/surveys/lifestyle/sections/1", ""},
	"POST /surveys/{id}/sections/{n}": {"/surveys/lifestyle/sections/1", "q.sweet-drinks=never"},
	"GET /surveys/{id}/review":        {"/surveys/lifestyle/review", ""},
	"POST /surveys/{id}/review":       {"/surveys/lifestyle/review", ""},
	"POST /surveys/{id}/drop":         {"/surveys/lifestyle/drop", ""},
	"GET /surveys/{id}/files/{file}":  {"/surveys/basics/files/<file>", ""},

	"POST /visits/near":             {"/visits/near", "near=MA&zone=America/Chicago&site=//evil.example&change=//evil.example"},
	"POST /visits/book":             {"/visits/book", "slot=<slot>"},
	"POST /visits/change":           {"/visits/change", "appointment=<booked>&slot=<slot>"},
	"POST /visits/cancel":           {"/visits/cancel", "appointment=<booked>"},
	"GET /visits/{id}/calendar.ics": {"/visits/<booked>/calendar.ics", ""},

	"POST /data":                 {"/data", "kind=&words=glucose"},
	"GET /data/charts/{id}":      {"/data/charts/none", ""},
	"GET /data/{type}/{id}":      {"/data/Observation/<observation>", ""},
	"GET /data/{type}/{id}/json": {"/data/Observation/<observation>/json", ""},

	"POST /studies/{id}":     {"/studies/<study>", "answer=yes"},
	"POST /news/mail":        {"/news/mail", "topic=studies"},
	"POST /news/unsubscribe": {"/news/unsubscribe", "t=x"},
	"GET /news/{id}":         {"/news/<news>", ""},

	"POST /center/appointments/{id}/checkin":        {"/center/appointments/<booked>/checkin", ""},
	"POST /center/appointments/{id}/noshow":         {"/center/appointments/<booked>/noshow", ""},
	"GET /center/appointments/{id}/measurements":    {"/center/appointments/<visit>/measurements", ""},
	"POST /center/appointments/{id}/measurements":   {"/center/appointments/<visit>/measurements", readForm},
	"GET /center/appointments/{id}/results":         {"/center/appointments/<visit>/results", ""},
	"GET /center/measurements/{id}/amend":           {"/center/measurements/<set>/amend", ""},
	"POST /center/measurements/{id}/amend":          {"/center/measurements/<set>/amend", readForm + "&reason=typo"},
	"POST /center/measurements/{id}/cancel":         {"/center/measurements/<set>/cancel", "reason=typo"},
	"GET /center/appointments/{id}/samples":         {"/center/appointments/<visit>/samples", ""},
	"POST /center/appointments/{id}/samples":        {"/center/appointments/<visit>/samples", "kit=urine"},
	"POST /center/samples/{id}/step":                {"/center/samples/<order>/step", "step=collected"},
	"POST /center/samples/{id}/cancel":              {"/center/samples/<order>/cancel", "reason=error"},
	"GET /center/samples/{id}/labels":               {"/center/samples/<order>/labels", ""},
	"GET /center/samples/{id}/labels/{tube}.svg":    {"/center/samples/<order>/labels/SST.svg", ""},
	"GET /center/appointments/{id}/consent":         {"/center/appointments/<visit>/consent", ""},
	"GET /center/appointments/{id}/consent/{kind}":  {"/center/appointments/<visit>/consent/results", ""},
	"POST /center/appointments/{id}/consent/{kind}": {"/center/appointments/<visit>/consent/results", "identified=yes&drawn=M1+1L20+20&" + typedName},
	"GET /center/appointments/{id}/move":            {"/center/appointments/<booked>/move", ""},
	"POST /center/appointments/{id}/move":           {"/center/appointments/<booked>/move", "slot=<slot>"},
	"POST /center/appointments/{id}/calloff":        {"/center/appointments/<booked>/calloff", ""},
	"GET /center/appointments/{id}/apps":            {"/center/appointments/<visit>/apps", ""},
	"POST /center/appointments/{id}/apps/{client}":  {"/center/appointments/<visit>/apps/app", ""},
	"POST /center/enroll":                           {"/center/enroll", "identified=yes&given=New&family=Person&email=new@example.org&birth_date=1980-01-01&sex=male&state=MA"},
	"POST /center/enroll/confirm":                   {"/center/enroll/confirm", "code=000000"},
	"POST /center/hours":                            {"/center/hours", "minutes=30&capacity=1&version=1&mon-from-0=09:00&mon-to-0=10:00"},

	"POST /staff/decisions/{id}":  {"/staff/decisions/<decision>", "decision=approve"},
	"GET /staff/work/{list}":      {"/staff/work/connections", ""},
	"POST /staff/held/{id}":       {"/staff/held/<connection>", "decision=refuse&reason=no"},
	"GET /staff/quarantine/{id}":  {"/staff/quarantine/none", ""},
	"POST /staff/researchers":     {"/staff/researchers", "researcher=grace&project=Sleep&" + months},
	"POST /staff/researchers/end": {"/staff/researchers/end", "researcher=none&group=none"},
	"POST /staff/invitations":     {"/staff/invitations", "study=<study>&query=gender=female&do=send"},
	"POST /staff/news":            {"/staff/news", writeForm},

	"POST /security/identity/remove":          {"/security/identity/remove", ""},
	"POST /security/passkeys/options":         {"/security/passkeys/options", ""},
	"POST /security/passkeys":                 {"/security/passkeys", "name=x&credential={}"},
	"POST /security/passkeys/{id}/rename":     {"/security/passkeys/<passkey>/rename", "name=mine"},
	"POST /security/passkeys/{id}/remove":     {"/security/passkeys/<passkey>/remove", ""},
	"POST /security/sessions/{id}/end":        {"/security/sessions/<session>/end", ""},
	"POST /security/signout":                  {"/security/signout", "apps=yes"},
	"POST /second-factor":                     {"/second-factor", "code=000000&next=//evil.example"},
	"POST /second-factor/enroll":              {"/second-factor/enroll", "code=000000"},
	"POST /second-factor/passkey":             {"/second-factor/passkey", "credential={}&next=//evil.example"},
	"POST /second-factor/passkey/options":     {"/second-factor/passkey/options", ""},
	"GET /apps/access/{client}":               {"/apps/access/<client>", ""},
	"POST /apps/access/{client}/end":          {"/apps/access/<client>/end", "about=<patient>"},
	"POST /apps/delegates/end":                {"/apps/delegates/end", "id=<grant>"},
	"POST /apps/open/{client}":                {"/apps/open/<client>", ""},
	"GET /apps/logo/{client}":                 {"/apps/logo/<client>", ""},
	"POST /apps/authorize":                    {"/apps/authorize", "id=none&decision=approve"},
	"POST /signup":                            {"/signup", "given=Eve&family=Example&email=eve@example.org&birth_date=1980-01-01&sex=other&state=MA&next=//evil.example"},
	"POST /signin":                            {"/signin", "email=nobody@example.org&next=//evil.example"},
	"POST /signin/openid":                     {"/signin/openid", "next=//evil.example"},
	"POST /signin/passkey":                    {"/signin/passkey", "credential={}&next=//evil.example"},
	"POST /signin/passkey/options":            {"/signin/passkey/options", ""},
	"POST /signin/backchannel":                {"/signin/backchannel", "logout_token=x"},
	"POST /signin/staff/backchannel":          {"/signin/staff/backchannel", "logout_token=x"},
	"POST /signout":                           {"/signout", ""},
	"POST /confirm":                           {"/confirm", "code=000000"},
	"POST /confirm/resend":                    {"/confirm/resend", ""},
	"POST /center/signin":                     {"/center/signin", "login=kim&password=x&next=//evil.example"},
	"POST /center/signout":                    {"/center/signout", ""},
	"POST /center/security/sessions/{id}/end": {"/center/security/sessions/<session>/end", ""},
	"POST /staff/security/sessions/{id}/end":  {"/staff/security/sessions/<session>/end", ""},
	"POST /center/security/signout":           {"/center/security/signout", ""},
	"POST /staff/security/signout":            {"/staff/security/signout", ""},
	"POST /center/openid":                     {"/center/openid", ""},
	"POST /center/signin/passkey":             {"/center/signin/passkey", "credential={}"},
	"POST /center/signin/passkey/options":     {"/center/signin/passkey/options", ""},
	"POST /center/signin/factor":              {"/center/signin/factor", "credential={}"},
	"POST /center/signin/factor/options":      {"/center/signin/factor/options", ""},
	"POST /center/security/passkeys":          {"/center/security/passkeys", "name=Mine&password=x&credential={}"},
	"POST /center/security/passkeys/options":  {"/center/security/passkeys/options", ""},
	"POST /center/security/passkeys/remove":   {"/center/security/passkeys/remove", "key=AAAA&again=x"},
	"POST /staff/signin/passkey":              {"/staff/signin/passkey", "credential={}"},
	"POST /staff/signin/passkey/options":      {"/staff/signin/passkey/options", ""},
	"POST /staff/signin/factor":               {"/staff/signin/factor", "credential={}"},
	"POST /staff/signin/factor/options":       {"/staff/signin/factor/options", ""},
	"POST /staff/security/passkeys":           {"/staff/security/passkeys", "name=Mine&password=x&credential={}"},
	"POST /staff/security/passkeys/options":   {"/staff/security/passkeys/options", ""},
	"POST /staff/security/passkeys/remove":    {"/staff/security/passkeys/remove", "key=AAAA&again=x"},
	"POST /staff/signin":                      {"/staff/signin", "login=pat&password=x&next=//evil.example"},
	"POST /staff/signout":                     {"/staff/signout", ""},
	"POST /staff/openid":                      {"/staff/openid", ""},
}

// shared are ids that name nobody.
var shared = map[string]bool{"name": true, "given": true, "email": true, "study": true, "client": true, "slot": true, "site": true}

var placeholder = regexp.MustCompile(`<(\w+)>`)

// personal reports whether an ask names something of somebody's.
func (a roomAsk) personal() bool {
	for _, found := range placeholder.FindAllStringSubmatch(a.path+a.form, -1) {
		if !shared[found[1]] {
			return true
		}
	}
	return false
}

// about fills in whose ids are meant.
func (a roomAsk) about(p *roomer) (path string, form url.Values) {
	fill := func(text string, escape func(string) string) string {
		return placeholder.ReplaceAllStringFunc(text, func(found string) string {
			name := strings.Trim(found, "<>")
			values := map[string]string{"name": p.person.Name(), "given": p.person.Given, "email": p.person.Email, "patient": p.Patient}
			for id, value := range p.ids {
				values[id] = value
			}
			return escape(values[name])
		})
	}
	form, err := url.ParseQuery(fill(a.form, url.QueryEscape))
	if err != nil {
		panic(err)
	}
	return fill(a.path, url.PathEscape), form
}

// nameOf is a route as the rows name it.
func nameOf(r web.Route) string { return r.Method + " " + plain(r.Path) }

// askOf is what is sent to a route.
func askOf(t *testing.T, r web.Route) roomAsk {
	t.Helper()
	a, known := roomAsks[nameOf(r)]
	if !known {
		if r.Method != http.MethodGet || strings.Contains(r.Path, "{") {
			t.Errorf("nothing says what is sent to %q", nameOf(r))
		}
		return roomAsk{path: r.Path}
	}
	return a
}

func TestEveryRoomsRouteHasAnAsk(t *testing.T) {
	w := service(t, t.TempDir())
	served := map[string]bool{}
	for _, r := range routesOf(t, w) {
		askOf(t, r)
		served[nameOf(r)] = true
	}
	for name := range roomAsks {
		if !served[name] {
			t.Errorf("%q is not served", name)
		}
	}
}
