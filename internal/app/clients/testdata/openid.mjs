// Goes through OpenID Connect with npm openid-client. What it needs of the person
// it asks for on standard output, a line "open <address>", and reads the address
// that the browser was sent to. A fault ends it with status 1.
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const { modules, issuer, fhir, redirect, patient, clients } = JSON.parse(process.argv[2])
const oidc = await import(pathToFileURL(modules + '/openid-client/build/index.js'))
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const open = async url => { console.log('open ' + url); return new URL((await lines.next()).value) }

async function authentication(client) {
  if (client.secret) return oidc.ClientSecretBasic(client.secret)
  if (!client.jwk) return oidc.None()
  const algorithm = client.jwk.kty === 'EC' ? { name: 'ECDSA', namedCurve: 'P-384' } : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' }
  const key = await crypto.subtle.importKey('jwk', client.jwk, algorithm, false, ['sign'])
  return oidc.PrivateKeyJwt({ key, kid: client.jwk.kid })
}

const discover = async client => oidc.discovery(new URL(issuer), client.id, { id_token_signed_response_alg: client.alg }, await authentication(client),
  { execute: [oidc.allowInsecureRequests] })
const answers = (config, token, path) => oidc.fetchProtectedResource(config, token, new URL(fhir + '/' + path), 'GET')
const refused = (promise, code) => assert.rejects(promise, e => e.error === code || assert.fail(e))

async function flow(client) {
  const config = await discover(client)
  assert.equal(config.serverMetadata().supportsPKCE(), true)
  const verifier = oidc.randomPKCECodeVerifier(), state = oidc.randomState(), nonce = oidc.randomNonce()
  const back = await open(oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirect, scope: 'openid fhirUser launch/patient offline_access patient/*.rs', aud: fhir, state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  }))
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  await assert.rejects(oidc.authorizationCodeGrant(config, back, { ...checks, expectedState: 'another' }))
  const tokens = await oidc.authorizationCodeGrant(config, back, checks)
  const claims = tokens.claims()
  assert.equal(tokens.patient, patient)
  assert.ok(claims.fhirUser.endsWith('Patient/' + patient))
  assert.equal((await answers(config, tokens.access_token, 'Patient/' + patient)).status, 200)

  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token)
  if (again.id_token) assert.equal(again.claims().sub, claims.sub)
  assert.equal(again.patient, patient)
  const less = await oidc.refreshTokenGrant(config, again.refresh_token, { scope: 'patient/Patient.rs' })
  assert.equal(less.scope, 'patient/Patient.rs')
  await refused(oidc.refreshTokenGrant(config, less.refresh_token, { scope: 'patient/*.cruds' }), 'invalid_scope')

  if (config.serverMetadata().userinfo_endpoint) {
    const about = await oidc.fetchUserInfo(config, again.access_token, claims.sub)
    assert.equal(about.sub, claims.sub)
  }
  if (client.secret || client.jwk) {
    const seen = await oidc.tokenIntrospection(config, again.access_token)
    assert.deepEqual([seen.active, seen.client_id, seen.patient, seen.sub, seen.iss], [true, client.id, patient, claims.sub, issuer])
    assert.deepEqual(seen.scope.split(' ').sort(), again.scope.split(' ').sort())
    assert.deepEqual(await oidc.tokenIntrospection(config, 'nothing'), { active: false })
  }
  await oidc.tokenRevocation(config, less.refresh_token)
  await oidc.tokenRevocation(config, 'nothing')
  await assert.rejects(answers(config, again.access_token, 'Patient/' + patient), e => e.cause?.[0]?.scheme === 'bearer' || assert.fail(e))
  await refused(oidc.refreshTokenGrant(config, less.refresh_token), 'invalid_grant')
}

async function backend(client) {
  const config = await discover(client)
  const tokens = await oidc.clientCredentialsGrant(config, { scope: 'system/*.rs' })
  assert.equal(tokens.scope, 'system/*.rs')
  assert.ok(tokens.expires_in <= 300 && !tokens.refresh_token)
  await refused(oidc.clientCredentialsGrant(config, { scope: 'patient/*.rs' }), 'invalid_scope')
}

for (const client of clients) {
  await (client.backend ? backend : flow)(client).catch(e => { console.error(client.id, e); process.exit(1) })
  console.log('done ' + client.id)
}
process.exit(0)
