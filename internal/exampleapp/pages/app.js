"use strict";
// SMART App Launch 2.2 by hand, for a public client that reads a patient.

const CLIENT = "example";
const HOME = new URL("./", location.href).href; // the redirect URI
const say = text => { document.getElementById("status").textContent = text; };
const base64url = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

async function json(url, options) {
  const answer = await fetch(url, options);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error_description ?? body.issue?.[0]?.diagnostics ?? `HTTP ${answer.status}`);
  return body;
}

// launch goes to the server's authorization endpoint. With iss and launch an EHR
// opened the app; without, it was opened by itself.
async function launch() {
  const asked = new URLSearchParams(location.search);
  const iss = asked.get("iss") ?? new URL("/fhir/R4", location.href).href;
  if (new URL(iss).origin !== location.origin) throw new Error("This example works with its own server only.");
  const smart = await json(iss.replace(/\/$/, "") + "/.well-known/smart-configuration");
  const verifier = random(), state = random(), opened = asked.get("launch");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  sessionStorage.setItem(state, JSON.stringify({ verifier, iss, token: smart.token_endpoint }));
  const scope = "openid fhirUser " + (opened ? "launch launch/encounter " : "launch/patient ") + (asked.get("as") === "user"
    ? "user/Patient.rs user/Observation.rs user/Practitioner.rs" : "patient/Patient.rs patient/Observation.rs");
  const query = new URLSearchParams({ response_type: "code", client_id: CLIENT, redirect_uri: HOME, scope, state, aud: iss,
    code_challenge: base64url(digest), code_challenge_method: "S256", ...(opened && { launch: opened }) });
  location.replace(smart.authorization_endpoint + "?" + query);
}

// finish exchanges the code and reads.
async function finish() {
  const back = new URLSearchParams(location.search);
  const kept = JSON.parse(sessionStorage.getItem(back.get("state")) ?? "null");
  sessionStorage.removeItem(back.get("state"));
  history.replaceState(null, "", HOME); // the code is used once, and in no bookmark
  if (back.get("error")) throw new Error(back.get("error_description") ?? back.get("error"));
  if (!kept) throw new Error("This answer belongs to no request of this tab.");
  const granted = await json(kept.token, { method: "POST", body: new URLSearchParams({ grant_type: "authorization_code",
    code: back.get("code"), redirect_uri: HOME, client_id: CLIENT, code_verifier: kept.verifier }) });
  document.getElementById("scope").textContent = granted.scope.replaceAll(" ", "\n");
  const read = path => json(kept.iss + "/" + path, { headers: { Authorization: "Bearer " + granted.access_token, Accept: "application/fhir+json" } });
  const look = () => Promise.all([who(read, granted.patient), what(read, granted.patient)]).then(() => say("Done."));
  await look();
  const again = document.getElementById("again"); // with the token that it has, until that is taken back
  again.hidden = false;
  again.onclick = () => { say("Reading…"); look(); };
}

async function who(read, id) {
  const at = document.getElementById("patient");
  try {
    const patient = await read("Patient/" + id), name = patient.name?.[0] ?? {};
    at.textContent = name.text ?? [...(name.given ?? []), name.family].join(" ");
  } catch (e) { at.textContent = "Not shared: " + e.message; }
}

async function what(read, id) {
  const at = document.getElementById("observations");
  at.replaceChildren();
  try {
    const found = await read(`Observation?patient=${encodeURIComponent(id)}&_sort=-date&_count=10`);
    for (const { resource: o } of found.entry ?? []) {
      const item = document.createElement("li"), q = o.valueQuantity;
      item.textContent = (o.code?.text ?? o.code?.coding?.[0]?.display ?? "Measurement") + (q ? `: ${q.value} ${q.unit ?? ""}` : "");
      at.append(item);
    }
    if (!found.entry?.length) at.append("None.");
  } catch (e) { at.append("Not shared: " + e.message); }
}

if (document.body.dataset.step === "launch") launch().catch(e => say("This did not work: " + e.message));
else if (location.search) finish().catch(e => say("This did not work: " + e.message));
else say("Open the app to begin.");
