// Evaluates search parameter expressions with the npm package fhirpath. Reads
// {"files": […], "terms": {type: {code: [expression, …]}}} on standard input
// and writes a line {"file", "code", "values"} for each parameter that finds something.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';

const require = createRequire(process.env.TRIBUTARY_NODE_MODULES + '/');
const fhirpath = require('fhirpath');
const r4 = require('fhirpath/fhir-context/r4');

const {files, terms} = JSON.parse(readFileSync(0, 'utf8'));
const compiled = {};
for (const [type, codes] of Object.entries(terms)) {
  compiled[type] = Object.entries(codes).map(([code, list]) =>
    [code, list.map((term) => fhirpath.compile(term, r4))]);
}
for (const file of files) {
  const resource = JSON.parse(readFileSync(file, 'utf8'));
  for (const [code, list] of compiled[resource.resourceType] ?? []) {
    const values = list.flatMap((evaluate) => evaluate(resource));
    if (values.length > 0) console.log(JSON.stringify({file, code, values}));
  }
}
