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

/**
 * Runs the scenarios that revision requires and returns { passed, failed, warnings, ... } in checks of required scenarios.
 * @param as the name under which expected-failures.yml may list failures of this run
 */
export async function conformance({ url, requirements, as = '', verbose = false }) {
  const results = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    await runSuite(url, requirements, results, verbose);
    return await judge(requirements, as, results);
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

function runSuite(url, requirements, results, verbose) {
  const args = ['server', '--url', url, '--requirements', requirements, '--output-dir', results];
  const child = spawn(process.execPath, [join(suite, 'dist/index.js'), ...args], {
    stdio: ['ignore', verbose ? 'inherit' : 'ignore', verbose ? 'inherit' : 'ignore'],
  });
  // Its exit code says less than the checks it wrote: see judge.
  return new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
}

async function judge(requirements, as, results) {
  const set = parse(await readFile(join(suite, `requirements/${requirements}.yaml`), 'utf8'));
  const unscored = set.not_scored.filter((entry) => entry.leg === 'server').map((entry) => entry.scenario);
  const expected = await expectedFailures(requirements, as);
  const checks = await readChecks(results, [...set.server, ...unscored]);

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
      console.log(`FAILED ${scenario}:${check.id}: ${check.errorMessage ?? check.description}`);
    }
    if (own.length === 0) {
      totals.failed++;
      console.log(`FAILED ${scenario}: left no checks`);
    }
    const passed = own.length > 0 && unexpected.length === 0;
    scenarios[passed ? 'passed' : 'failed'].push(scenario);
  }
  for (const entry of expected) {
    const [scenario, id] = entry.split(':');
    const met = (checks.get(scenario) ?? []).some((check) => check.id === id && check.status === 'FAILURE');
    if (!met) {
      totals.failed++;
      console.log(`FAILED ${entry} is listed in expected-failures.yml but does not fail`);
    }
  }

  const broke = [{ id: 'no-checks', status: 'FAILURE', description: 'left no checks' }];
  const failing = unscored.filter((scenario) => (checks.get(scenario) ?? broke).some((check) => check.status === 'FAILURE'));
  for (const scenario of failing) {
    for (const check of (checks.get(scenario) ?? broke).filter((check) => check.status === 'FAILURE')) {
      console.log(`not scored: ${scenario}:${check.id}: ${check.errorMessage ?? check.description}`);
    }
  }
  return {
    requirements,
    ...totals,
    scenariosPassed: scenarios.passed.length,
    scenariosFailed: scenarios.failed,
    notScoredPassed: unscored.length - failing.length,
    notScoredFailed: failing,
  };
}

async function expectedFailures(requirements, as) {
  const listed = parse(await readFile(join(here, 'expected-failures.yml'), 'utf8')) ?? {};
  return new Set(listed[as]?.[requirements] ?? []);
}

// Each scenario's checks are in a folder named server-<scenario>-<timestamp>; it stays empty when the scenario itself broke.
async function readChecks(results, names) {
  const folders = await readdir(results);
  const byScenario = new Map();
  for (const name of names) {
    const folder = folders.find((entry) => new RegExp(`^server-${name}-\\d{4}`).test(entry));
    if (folder && (await readdir(join(results, folder))).includes('checks.json')) {
      byScenario.set(name, JSON.parse(await readFile(join(results, folder, 'checks.json'), 'utf8')));
    }
  }
  return byScenario;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      requirements: { type: 'string' },
      as: { type: 'string' },
      verbose: { type: 'boolean' },
    },
  });
  if (!values.url || !values.requirements) {
    console.error('usage: conformance.mjs --url URL --requirements REVISION [--as NAME] [--verbose]');
    process.exit(2);
  }
  const summary = await conformance(values);
  console.log(JSON.stringify(summary));
  process.exitCode = summary.failed === 0 ? 0 : 1;
}
