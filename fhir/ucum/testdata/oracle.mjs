// Converts with the npm package @lhncbc/ucum-lhc. Reads [[value, from, to], …]
// on standard input and writes [{valid: [from, to], value}, …]: value is null
// where there is no conversion.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';

const require = createRequire(process.env.TRIBUTARY_NODE_MODULES + '/');
const ucum = require('@lhncbc/ucum-lhc').UcumLhcUtils.getInstance();

const valid = {};
const isValid = (code) => valid[code] ??= ucum.validateUnitString(code).status === 'valid';
const answers = JSON.parse(readFileSync(0, 'utf8')).map(([value, from, to]) => {
  const answer = ucum.convertUnitTo(from, value, to);
  return {valid: [isValid(from), isValid(to)], value: answer.status === 'succeeded' ? answer.toVal : null};
});
console.log(JSON.stringify(answers));
