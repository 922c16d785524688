// Asks the registry for known weaknesses of the libraries of production: high and critical ones end with 1. Without an
// answer nothing is known, which is said and is no failure.
import { spawnSync } from 'node:child_process';

const SERIOUS = ['high', 'critical'];

const { stdout } = spawnSync('npm', ['audit', '--json', '--omit=dev'], { encoding: 'utf8', timeout: 120_000 });
const answer = parsed(stdout);
const found = answer?.vulnerabilities;
if (!found) {
  console.log(`weaknesses of libraries: not known (${answer?.message ?? 'the registry gave no answer'})`);
} else {
  const serious = Object.values(found).filter(({ severity }) => SERIOUS.includes(severity));
  for (const { name, severity } of serious) console.error(`${name}: ${severity}, see npm audit`);
  console.log(`weaknesses of libraries: ${serious.length} of ${Object.keys(found).length} known ones are serious`);
  if (serious.length > 0) process.exitCode = 1;
}

/** npm's answer, or null where it is none. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
