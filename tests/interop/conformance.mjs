// Runs the conformance suite against a URL and judges it.
//   node conformance.mjs --url http://localhost:PORT/mcp --requirements 2025-11-25 [--as NAME] [--verbose]
// The last line of output is one JSON object. Exit code 0 only when every required scenario passed, but for the failures that
// expected-failures.yml lists under NAME, and nothing listed there passes.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';

const here = fileURLToPath(new URL('.', import.meta.url));
const suite = join(here, 'node_modules/@modelcontextprotocol/conformance');

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    requirements: { type: 'string' },
    as: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
});
if (!options.url || !options.requirements) {
  console.error('usage: conformance.mjs --url URL --requirements REVISION [--as NAME] [--verbose]');
  process.exit(2);
}

const results = await mkdtemp(join(tmpdir(), 'conformance-'));
let judged;
try {
  await runSuite();
  judged = await judge();
} finally {
  await rm(results, { recursive: true, force: true });
}

for (const problem of judged.problems) console.log(problem);
const { problems, ...summary } = judged;
console.log(JSON.stringify(summary));
process.exit(problems.length === 0 ? 0 : 1);

function runSuite() {
  const args = ['server', '--url', options.url, '--requirements', options.requirements, '--output-dir', results];
  const child = spawn(process.execPath, [join(suite, 'dist/index.js'), ...args], {
    stdio: ['ignore', options.verbose ? 'inherit' : 'ignore', 'inherit'],
  });
  // Its exit code says less than the checks it wrote: see judge.
  return new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
}

async function judge() {
  const set = parse(await readFile(join(suite, `requirements/${options.requirements}.yaml`), 'utf8'));
  const unscored = set.not_scored.filter((entry) => entry.leg === 'server').map((entry) => entry.scenario);
  const expected = await expectedFailures();
  const checks = await readChecks([...set.server, ...unscored]);

  const problems = [];
  const totals = { passed: 0, failed: 0, warnings: 0, expected: 0 };
  const scenarios = { passed: [], failed: [] };
  for (const scenario of set.server) {
    const own = checks.get(scenario) ?? [];
    const failures = own.filter((check) => check.status === 'FAILURE');
    const unexpected = failures.filter((check) => !expected.has(`${scenario}:${check.id}`));
    totals.passed += own.filter((check) => check.status === 'SUCCESS').length;
    totals.failed += unexpected.length;
    totals.expected += failures.length - unexpected.length;
    for (const check of own.filter((check) => check.status === 'WARNING')) {
      totals.warnings++;
      console.log(`warning: ${scenario}:${check.id}: ${check.errorMessage ?? check.description}`);
    }
    for (const check of unexpected) {
      problems.push(`FAILED ${scenario}:${check.id}: ${check.errorMessage ?? check.description}`);
    }
    if (own.length === 0) {
      totals.failed++;
      problems.push(`FAILED ${scenario}: left no checks`);
    }
    const passed = own.length > 0 && unexpected.length === 0;
    scenarios[passed ? 'passed' : 'failed'].push(scenario);
  }
  for (const entry of expected) {
    const [scenario, id] = entry.split(':');
    const met = (checks.get(scenario) ?? []).some((check) => check.id === id && check.status === 'FAILURE');
    if (!met) {
      totals.failed++;
      problems.push(`FAILED ${entry} is listed in expected-failures.yml but does not fail`);
    }
  }

  const failing = unscored.filter((scenario) => (checks.get(scenario) ?? []).some((check) => check.status === 'FAILURE'));
  for (const scenario of failing) {
    for (const check of checks.get(scenario).filter((check) => check.status === 'FAILURE')) {
      console.log(`not scored: ${scenario}:${check.id}: ${check.errorMessage ?? check.description}`);
    }
  }
  return {
    requirements: options.requirements,
    ...totals,
    scenariosPassed: scenarios.passed.length,
    scenariosFailed: scenarios.failed,
    notScoredPassed: unscored.length - failing.length,
    notScoredFailed: failing,
    problems,
  };
}

async function expectedFailures() {
  const listed = parse(await readFile(join(here, 'expected-failures.yml'), 'utf8')) ?? {};
  return new Set(listed[options.as]?.[options.requirements] ?? []);
}

// Each scenario's checks are in a folder named server-<scenario>-<timestamp>.
async function readChecks(names) {
  const folders = await readdir(results);
  const byScenario = new Map();
  for (const name of names) {
    const folder = folders.find((entry) => new RegExp(`^server-${name}-\\d{4}`).test(entry));
    if (folder) byScenario.set(name, JSON.parse(await readFile(join(results, folder, 'checks.json'), 'utf8')));
  }
  return byScenario;
}
