// Starting and stopping the programs of the interop run. Each is ended by its own id; nothing else is touched.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const here = fileURLToPath(new URL('.', import.meta.url));
export const root = join(here, '../..');

const running = new Set();

/** Starts a program. `ready(line)` picks what it resolves to out of its output lines; the first non-null value counts. */
export async function start(name, command, args, { env = {}, ready } = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = [];
  const program = { name, child, lines, ready: undefined };
  running.add(program);
  await new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`${name} did not start:\n${lines.join('\n')}`)), 60_000);
    child.on('error', reject);
    child.on('exit', (code) => {
      running.delete(program);
      clearTimeout(limit);
      reject(new Error(`${name} ended with ${code}:\n${lines.join('\n')}`));
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > 500) lines.shift();
        program.ready ??= ready(line);
        if (program.ready !== undefined) {
          clearTimeout(limit);
          resolve();
        }
      });
    }
  });
  return program;
}

export async function stop(program) {
  if (!running.has(program)) return;
  const ended = once(program.child, 'exit');
  program.child.kill('SIGTERM');
  const limit = setTimeout(() => program.child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(limit);
}

export async function stopAll() {
  for (const program of [...running].reverse()) await stop(program);
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Our fixture server; `ready` is its URL. */
export function startFixture(era, answer = 'json') {
  const program = join(root, 'tests/Vmcp.Fixture/bin/Debug/net10.0/Vmcp.Fixture');
  return start(`fixture ${era}`, program, ['--era', era, '--answer', answer], {
    ready: (line) => /^listening (\S+)/.exec(line)?.[1],
  });
}

/** One server-everything; kind is `streamableHttp` or `sse`. */
export async function startEverything(kind, port) {
  const script = join(here, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');
  const program = await start(`everything ${kind}`, process.execPath, [script, kind], {
    env: { PORT: String(port) },
    ready: (line) => (/listening on port|running on port/i.test(line) ? port : undefined),
  });
  program.url = `http://127.0.0.1:${port}/${kind === 'sse' ? 'sse' : 'mcp'}`;
  return program;
}

/** oidc-provider with these settings, see identity-provider.mjs; `ready` is its issuer. */
export async function startIdentityProvider(settings) {
  return start('identity provider', process.execPath, [join(here, 'identity-provider.mjs')], {
    env: { SETTINGS: JSON.stringify(settings), NODE_NO_WARNINGS: '1' },
    ready: (line) => /^issuer (\S+)/.exec(line)?.[1],
  });
}

/** The gateway with that configuration file; `url` is its endpoint under the name localhost, which the suite insists on. */
export async function startVmcp(configFile, { port, env } = {}) {
  port ??= await freePort();
  const command = process.env.VMCP ?? join(root, 'artifacts/vmcp');
  const program = await start('vmcp', command, ['serve', '--config', configFile, '--host', '127.0.0.1', '--port', String(port)], {
    env,
    ready: (line) => (line.includes(String(port)) ? port : undefined),
  });
  program.url = `http://localhost:${port}/mcp`;
  await until('vmcp is ready', async () => (await fetch(`http://localhost:${port}/readyz`)).ok);
  return program;
}

/** Asks until the answer is true. What it throws meanwhile is reported when time is up. */
export async function until(what, holds, limitMs = 30_000) {
  const end = Date.now() + limitMs;
  let last;
  while (Date.now() < end) {
    try {
      if (await holds()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`, { cause: last });
}
