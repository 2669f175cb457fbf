// Evaluates search parameters with the npm package fhirpath. Reads
// {"files": […], "params": {type: [{"code", "terms": […], "parts": […]}]}} on
// standard input, and writes a line {"file", "code", "values": [{"type", "value",
// "parts": [[{"type", "value"}]]}]} for each parameter that finds something.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';

const require = createRequire(process.env.TRIBUTARY_NODE_MODULES + '/');
const fhirpath = require('fhirpath');
const r4 = require('fhirpath/fhir-context/r4');

const compiled = new Map();
function evaluate(resource, expression) {
  if (!compiled.has(expression)) compiled.set(expression, fhirpath.compile(expression, r4));
  return compiled.get(expression)(resource, {resource});
}

// typed gives what an expression finds, each value with its FHIR type.
function typed(resource, expression) {
  const types = evaluate(resource, `(${expression}).type()`);
  return evaluate(resource, expression).map((value, i) => ({type: types[i].name, value}));
}

function withParts(resource, term, parts) {
  return typed(resource, term).map((found, i) => ({
    type: found.type,
    parts: parts.map((part) => typed(resource, `(${term}).skip(${i}).take(1).select(${part})`)),
  }));
}

const {files, params} = JSON.parse(readFileSync(0, 'utf8'));
for (const file of files) {
  const resource = JSON.parse(readFileSync(file, 'utf8'));
  for (const {code, terms, parts} of params[resource.resourceType] ?? []) {
    const values = terms.flatMap((term) =>
      parts ? withParts(resource, term, parts) : typed(resource, term));
    if (values.length > 0) console.log(JSON.stringify({file, code, values}));
  }
}
