// The TypeScript SDK client against server-everything, directly or through the gateway.
//   node everything.mjs [--kind streamableHttp|sse]     starts one server and checks it directly (verifies these checks)
// run.mjs calls `everything` with the gateway's URL and the prefixes of the servers behind it.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { newChecks } from './checks.mjs';
import { freePort, startEverything, stopAll, until } from './processes.mjs';

const modern = '2026-07-28';
const toolNames = ['echo', 'get-sum', 'trigger-long-running-operation', 'trigger-sampling-request', 'trigger-elicitation-request'];

/**
 * Runs all checks and returns { passed, failed }.
 * @param prefixes one per server behind the URL
 * @param era 'legacy' or 'modern': how the client speaks
 * @param restart optional { prefix, stop, start } of one server: checks that the client is told
 */
export async function everything({ url, prefixes, era = 'legacy', sse = false, restart }) {
  const { totals, check } = newChecks(`everything (${era})`);
  const asked = { sampling: [], elicitation: [], received: [], listChanged: 0 };
  const client = newClient(era, asked);
  try {
    const transport = sse ? new SSEClientTransport(new URL(url)) : new StreamableHTTPClientTransport(new URL(url));
    await client.connect(record(transport, asked.received));
    for (const prefix of prefixes) await checkServer(client, prefix, asked, check);
    await checkResources(client, check);
    if (restart) await checkRestart(client, era, restart, prefixes, asked, check);
  } finally {
    await client.close();
  }
  return totals;
}

/** A client that answers whatever it is asked and notes it. Era is `legacy`, `modern` or `auto`. */
export function newClient(era, asked = { sampling: [], elicitation: [], received: [], listChanged: 0 }) {
  const client = new Client(
    { name: 'interop', version: '1.0.0' },
    {
      capabilities: { sampling: {}, elicitation: {}, roots: {} },
      versionNegotiation: { mode: era === 'modern' ? { pin: modern } : era },
    },
  );
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///interop', name: 'interop' }] }));
  client.setRequestHandler('sampling/createMessage', ({ params }) => {
    asked.sampling.push(params.messages[0].content.text);
    return { role: 'assistant', model: 'interop-model', content: { type: 'text', text: 'sampled by the client' } };
  });
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.elicitation.push(params.requestedSchema);
    return { action: 'accept', content: { name: 'Ada', check: true, integer: 7 } };
  });
  client.setNotificationHandler('notifications/tools/list_changed', () => {
    asked.listChanged++;
  });
  return client;
}

/** Notes every message the transport receives, in order, before the client sees it. */
function record(transport, received) {
  let handler;
  Object.defineProperty(transport, 'onmessage', {
    configurable: true,
    get: () => handler,
    set: (next) => {
      handler = next && ((message, extra) => {
        received.push(message);
        next(message, extra);
      });
    },
  });
  return transport;
}

export const listNames = async (client) =>
  (await client.listTools(undefined, { cacheMode: 'refresh' })).tools.map((tool) => tool.name);

const textOf = (result) => result.content.map((block) => block.text ?? '').join('\n');

async function checkServer(client, prefix, asked, check) {
  const call = (name, args = {}, options) => client.callTool({ name: prefix + name, arguments: args }, options);

  // The servers add the tools that need a capability only after they have met a client that has it.
  await check(`${prefix} lists its tools`, () =>
    until(`all of ${toolNames}`, async () => {
      const names = await listNames(client);
      return toolNames.every((name) => names.includes(prefix + name));
    }));
  await check(`${prefix} echoes`, async () => {
    assert.equal(textOf(await call('echo', { message: `grüße ${prefix}` })), `Echo: grüße ${prefix}`);
  });
  await check(`${prefix} sums`, async () => {
    assert.match(textOf(await call('get-sum', { a: 2, b: 40 })), /is 42\./);
  });
  await check(`${prefix} reports all steps in order`, async () => {
    asked.received.length = 0;
    // An onprogress handler makes the client send a token. It is not what counts: the client forgets the handler when the result
    // arrives together with the last step, so the steps are taken where they come in.
    const result = await call('trigger-long-running-operation', { duration: 0.5, steps: 5 }, { onprogress: () => {} });
    assert.match(textOf(result), /completed/);
    const answered = asked.received.findIndex((message) => message.result?.content);
    const steps = asked.received.slice(0, answered).filter((message) => message.method === 'notifications/progress');
    assert.deepEqual(steps.map(({ params }) => [params.progress, params.total]), [1, 2, 3, 4, 5].map((step) => [step, 5]));
    assert.equal(new Set(steps.map(({ params }) => params.progressToken)).size, 1);
  });
  await check(`${prefix} samples`, async () => {
    asked.sampling.length = 0;
    const result = await call('trigger-sampling-request', { prompt: `from ${prefix}` });
    assert.equal(asked.sampling.length, 1);
    assert.ok(asked.sampling[0].endsWith(`from ${prefix}`));
    assert.match(textOf(result), /sampled by the client/);
  });
  await check(`${prefix} elicits`, async () => {
    asked.elicitation.length = 0;
    const result = await call('trigger-elicitation-request');
    assert.equal(asked.elicitation.length, 1);
    assert.equal(asked.elicitation[0].properties.integer.default, 42);
    assert.match(textOf(result), /Name: Ada/);
  });
  await check(`${prefix} gives prompts`, async () => {
    const prompt = await client.getPrompt({ name: `${prefix}args-prompt`, arguments: { city: 'Paris' } });
    assert.match(prompt.messages[0].content.text, /Paris/);
    const { prompts } = await client.listPrompts(undefined, { cacheMode: 'refresh' });
    assert.ok(prompts.some((entry) => entry.name === `${prefix}completable-prompt`));
  });
  await check(`${prefix} completes`, async () => {
    const ref = { type: 'ref/prompt', name: `${prefix}completable-prompt` };
    const first = await client.complete({ ref, argument: { name: 'department', value: 'S' } });
    assert.deepEqual(first.completion.values, ['Sales', 'Support']);
    const context = { arguments: { department: 'Sales' } };
    const second = await client.complete({ ref, argument: { name: 'name', value: 'E' }, context });
    assert.deepEqual(second.completion.values, ['Eve']);
  });
}

async function checkResources(client, check) {
  await check('resources are listed once and read', async () => {
    const { resources } = await client.listResources();
    const uris = resources.map((resource) => resource.uri);
    assert.equal(new Set(uris).size, uris.length);
    const uri = 'demo://resource/static/document/features.md';
    assert.ok(uris.includes(uri));
    const { contents } = await client.readResource({ uri });
    assert.equal(contents[0].uri, uri);
    assert.ok(contents[0].text.length > 100);
  });
  await check('templates are listed, read and completed', async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    const template = 'demo://resource/dynamic/text/{resourceId}';
    assert.ok(resourceTemplates.some((entry) => entry.uriTemplate === template));
    const { contents } = await client.readResource({ uri: 'demo://resource/dynamic/text/17' });
    assert.match(contents[0].text, /Resource 17/);
    const ref = { type: 'ref/resource', uri: template };
    const { completion } = await client.complete({ ref, argument: { name: 'resourceId', value: '17' } });
    assert.deepEqual(completion.values, ['17']);
  });
}

async function checkRestart(client, era, restart, prefixes, asked, check) {
  const subscription = era === 'modern' ? await client.listen({ toolsListChanged: true }) : undefined;
  const others = prefixes.filter((prefix) => prefix !== restart.prefix);
  const toldAndThen = async (what, expected) => {
    await until(`list_changed when ${what}`, () => asked.listChanged > 0);
    await until(`${restart.prefix}echo ${expected ? 'is' : 'is not'} listed when ${what}`, async () =>
      (await listNames(client)).includes(`${restart.prefix}echo`) === expected);
  };
  const othersStillAnswer = async () => {
    for (const prefix of others) {
      const result = await client.callTool({ name: `${prefix}echo`, arguments: { message: 'here' } });
      assert.equal(textOf(result), 'Echo: here');
    }
  };

  await check('a stopped server leaves the list, the others answer', async () => {
    asked.listChanged = 0;
    await restart.stop();
    await toldAndThen('a server is stopped', false);
    await othersStillAnswer();
  });
  await check('a started server comes back', async () => {
    asked.listChanged = 0;
    await restart.start();
    await toldAndThen('a server is started', true);
    const result = await client.callTool({ name: `${restart.prefix}echo`, arguments: { message: 'again' } });
    assert.equal(textOf(result), 'Echo: again');
    await othersStillAnswer();
  });
  await subscription?.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { kind: { type: 'string', default: 'streamableHttp' } } });
  try {
    const server = await startEverything(values.kind, await freePort());
    const totals = await everything({ url: server.url, prefixes: [''], sse: values.kind === 'sse' });
    console.log(`everything ${values.kind}: ${totals.passed} passed, ${totals.failed} failed`);
    process.exitCode = totals.failed === 0 ? 0 : 1;
  } finally {
    await stopAll();
  }
}
