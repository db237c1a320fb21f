// The interop run: vmcp between foreign clients and servers of every era. Called by run.sh, which has built and installed everything.
//   node run.mjs [WORD...]     runs only the suites whose name contains one of the words
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorization } from './authorization.mjs';
import { conformance } from './conformance.mjs';
import { everything, listNames, newClient } from './everything.mjs';
import { freePort, startEverything, startFixture, startVmcp, stop, stopAll, until } from './processes.mjs';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const folder = await mkdtemp(join(tmpdir(), 'interop-'));
const words = process.argv.slice(2);
const totals = { passed: 0, failed: 0 };

const legacy = '2025-11-25';
const modern = '2026-07-28';
const suites = [
  ...[legacy, modern].map((requirements) => conformanceSuite('legacy', 'json', requirements)),
  conformanceSuite('legacy', 'sse', legacy),
  ...[legacy, modern].map((requirements) => conformanceSuite('modern', 'json', requirements)),
  conformanceSuite('modern', 'sse', modern),
  conformanceSuite('sse', 'sse', legacy),
  everythingSuite('legacy'),
  everythingSuite('modern'),
  authorizationSuite('jwt', 'legacy', 'RS256'),
  authorizationSuite('jwt', 'modern', 'ES256'),
  authorizationSuite('opaque', 'modern'),
  authorizationSuite('opaque', 'legacy'),
];

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => stopAll().finally(() => process.exit(130)));
}

try {
  for (const { name, run } of suites.filter((suite) => words.length === 0 || words.some((word) => suite.name.includes(word)))) {
    let result;
    try {
      result = await run();
    } catch (error) {
      console.log(`FAILED ${name}: ${error.stack}${error.cause ? `\n${error.cause.stack}` : ''}`);
      result = { passed: 0, failed: 1 };
    } finally {
      await stopAll();
    }
    totals.passed += result.passed;
    totals.failed += result.failed;
    const more = result.warnings ? ` (${result.warnings} warnings)` : '';
    console.log(`${name}: ${result.passed} passed, ${result.failed} failed${more}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`interop: ${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);

function conformanceSuite(era, answer, requirements) {
  const name = `conformance ${requirements}, ${era} backend answering ${answer}`;
  const run = async () => {
    const fixture = await startFixture(era, answer);
    const vmcp = await gateway('fixture', [{ name: 'fixture', url: fixture.ready, sse: era === 'sse' }], {
      conflictResolution: 'priority',
      conflictResolutionConfig: { priorityOrder: ['fixture'] },
    });
    await untilListed(vmcp.url, 'test_simple_text');
    return conformance({ url: vmcp.url, requirements, as: era });
  };
  return { name, run };
}

function everythingSuite(era) {
  const run = async () => {
    const kinds = ['streamableHttp', 'streamableHttp', 'sse'];
    const servers = [];
    for (const kind of kinds) servers.push(await startEverything(kind, await freePort()));
    const backends = servers.map(({ url }, i) => ({ name: `ev${i + 1}`, url, sse: kinds[i] === 'sse' }));
    const vmcp = await gateway('everything', backends, {
      conflictResolution: 'prefix',
      conflictResolutionConfig: { prefixFormat: '{workload}_' },
    });
    for (const { name } of backends) await untilListed(vmcp.url, `${name}_echo`);
    const restart = {
      prefix: 'ev2_',
      stop: () => stop(servers[1]),
      start: async () => {
        servers[1] = await startEverything(kinds[1], servers[1].ready);
      },
    };
    return everything({ url: vmcp.url, prefixes: backends.map(({ name }) => `${name}_`), era, restart });
  };
  return { name: `everything, ${era} client`, run };
}

function authorizationSuite(format, era, alg) {
  const name = `authorization at oidc-provider, ${alg ?? format} tokens, ${era} client`;
  return { name, run: () => authorization({ format, alg, era, gateway }) };
}

/**
 * Starts vmcp over these backends, with probes quick enough to see a restart. JSON is YAML.
 * @param more port and environment of the process; anything else replaces members of the configuration
 */
async function gateway(name, backends, aggregation, { port, env, ...more } = {}) {
  const config = {
    name,
    groupRef: 'interop',
    backends: backends.map(({ name, url, sse }) => ({ name, url, transport: sse ? 'sse' : 'streamable-http' })),
    incomingAuth: { type: 'anonymous' },
    outgoingAuth: { source: 'inline', default: { type: 'unauthenticated' } },
    aggregation,
    operational: { failureHandling: { healthCheckInterval: '2s', healthCheckTimeout: '1s', unhealthyThreshold: 2 } },
    ...more,
  };
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, JSON.stringify(config, null, 2));
  return startVmcp(file, { port, env });
}

/** The gateway answers before its backends do, so a suite waits for what it is going to call. */
async function untilListed(url, tool) {
  const client = newClient('auto');
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  try {
    await until(`${tool} is listed`, async () => (await listNames(client)).includes(tool));
  } finally {
    await client.close();
  }
}
