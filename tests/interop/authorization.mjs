// Clients that log in at oidc-provider, the gateway that checks their tokens and exchanges them there, a backend that demands the exchanged ones.
import assert from 'node:assert/strict';
import { newChecks } from './checks.mjs';
import { listNames } from './everything.mjs';
import { startGuard } from './guard.mjs';
import { ask, connect, connectWith, issued, knock, login, post, required, secrets } from './logins.mjs';
import { freePort, startFixture, startIdentityProvider, stop, until } from './processes.mjs';

const backendAudience = 'https://backend.example';
const tool = 'fixture_test_simple_text';

/**
 * Runs all checks and returns { passed, failed }.
 * @param format of the tokens clients log in with: 'jwt' (checked by discovered keys) or 'opaque' (checked by introspection)
 * @param alg with which the provider signs those tokens
 * @param era of the client and the server behind
 * @param gateway starts vmcp: gateway(name, backends, aggregation, { port, env, ...more of its configuration })
 */
export async function authorization({ format, alg, era, gateway }) {
  const { totals, check } = newChecks(`authorization (${alg ?? format}, ${era})`);
  const port = await freePort();
  const resource = `http://localhost:${port}/mcp`;
  const elsewhere = 'https://elsewhere.example/mcp';
  const provider = await startIdentityProvider({
    port: await freePort(),
    clients: { ada: secrets.ada, bob: secrets.bob },
    exchangers: { gateway: secrets.gateway },
    resources: {
      [resource]: { format, alg, scope: `${required} mcp:other` },
      [elsewhere]: { format, alg, scope: required },
      [backendAudience]: { format: 'jwt', alg: 'ES256', scope: 'backend:use' },
    },
  });
  const issuer = provider.ready;
  const fixture = await startFixture(era);
  const guard = await startGuard({ issuer, jwks: `${issuer}/jwks`, audience: backendAudience, target: fixture.ready });
  try {
    const vmcp = await gateway(`authorization-${format}`, [{ name: 'fixture', url: guard.url }], undefined, {
      port,
      env: { IDP_CLIENT_SECRET: secrets.gateway },
      ...configuration({ format, issuer, resource }),
    });
    const world = { url: vmcp.url, issuer, resource, elsewhere, provider, guard, era, check };
    await checkDoor(world);
    await checkLogins(world);
    if (era === 'legacy') await checkSessions(world);
    if (format === 'jwt') await checkRotation(world);
    else await checkIntrospection(world);
    await check('no secret and no token is in what the gateway printed', () => {
      const printed = vmcp.lines.join('\n');
      for (const secret of [...Object.values(secrets), ...issued]) assert.ok(!printed.includes(secret), 'a secret or a token is in the log');
    });
  } finally {
    await guard.stop();
  }
  return totals;
}

function configuration({ format, issuer, resource }) {
  const introspection = format === 'opaque' ? { introspectionUrl: `${issuer}/token/introspection` } : {};
  return {
    incomingAuth: {
      type: 'oidc',
      oidc: {
        issuer,
        audience: resource,
        resource,
        clientId: 'gateway',
        clientSecretEnv: 'IDP_CLIENT_SECRET',
        scopes: [required],
        requiredScopes: [required],
        insecureAllowHttp: true,
        jwksAllowPrivateIp: true,
        protectedResourceAllowPrivateIp: true,
        ...introspection,
      },
    },
    outgoingAuth: {
      source: 'inline',
      backends: {
        fixture: {
          type: 'token_exchange',
          tokenExchange: {
            tokenUrl: `${issuer}/token`,
            clientId: 'gateway',
            clientSecretEnv: 'IDP_CLIENT_SECRET',
            audience: backendAudience,
            scopes: ['backend:use'],
          },
        },
      },
    },
  };
}

/** Who comes in and how the others are told what they lack. */
async function checkDoor({ url, issuer, resource, elsewhere, check }) {
  let metadataUrl;
  await check('without a token: 401 that names the metadata and no error', async () => {
    const answer = await knock(url);
    assert.equal(answer.status, 401);
    const challenge = answer.headers.get('www-authenticate');
    assert.match(challenge, /^Bearer /);
    assert.ok(!challenge.includes('error='), challenge);
    assert.match(challenge, new RegExp(`scope="${required}"`));
    metadataUrl = /resource_metadata="([^"]+)"/.exec(challenge)?.[1];
    assert.equal(metadataUrl, new URL('/.well-known/oauth-protected-resource/mcp', url).href);
  });
  await check('the metadata names the resource and its authorization server', async () => {
    const answer = await fetch(metadataUrl);
    assert.equal(answer.status, 200);
    const document = await answer.json();
    assert.equal(document.resource, resource);
    assert.deepEqual(document.authorization_servers, [issuer]);
    assert.deepEqual(document.bearer_methods_supported, ['header']);
    assert.deepEqual(document.scopes_supported, [required]);
  });
  await check('a token for the gateway comes in', async () => {
    assert.equal((await knock(url, await login(issuer, 'ada', resource))).status, 200);
  });
  await check('a token for another resource is refused', async () => {
    await assertRefused(url, await login(issuer, 'ada', elsewhere));
  });
  await check('a token without the scope is answered 403 with the scope', async () => {
    const answer = await knock(url, await login(issuer, 'ada', resource, 'mcp:other'));
    assert.equal(answer.status, 403);
    assert.match(answer.headers.get('www-authenticate'), /error="insufficient_scope"/);
    assert.match(answer.headers.get('www-authenticate'), new RegExp(`scope="${required}"`));
  });
  await check('a changed token is refused', async () => {
    const token = await login(issuer, 'ada', resource);
    await assertRefused(url, token.slice(0, -3) + (token.endsWith('AAA') ? 'BBB' : 'AAA'));
  });
  await check('the token of a backend does not open the gateway', async () => {
    await assertRefused(url, await login(issuer, 'ada', backendAudience, 'backend:use'));
  });
}

/** The client library finds the provider by the challenge, logs in, and the backend sees whose call it is. */
async function checkLogins({ url, issuer, resource, elsewhere, provider, guard, era, check }) {
  const worthless = { 'is refused': [elsewhere, required], 'lacks the scope': [resource, 'mcp:other'] };
  for (const [what, [target, scope]] of Object.entries(worthless)) {
    await check(`a client whose token ${what} logs in anew by what the challenge says`, async () => {
      const held = await login(issuer, 'bob', target, scope);
      const { client, token } = await connectWith(url, issuer, 'bob', era, held);
      await client.close();
      assert.notEqual(token, held);
    });
  }
  await check('a client keeps the token it holds while it is good', async () => {
    const held = await login(issuer, 'bob', resource);
    const { client, token } = await connectWith(url, issuer, 'bob', era, held);
    await client.close();
    assert.equal(token, held);
  });
  const clients = {};
  try {
    for (const user of ['ada', 'bob']) {
      await check(`${user} logs in by what the challenge says and sees the tools of the backend`, async () => {
        clients[user] = await connect(url, issuer, user, era);
        await until(`${tool} is listed`, async () => (await listNames(clients[user])).includes(tool));
      });
    }
    await check('calls of both reach the backend as their own, with one exchange at most', async () => {
      const exchanges = (user) => provider.lines.filter((line) => line.startsWith(`exchanged ${user} `)).length;
      const before = { ada: exchanges('ada'), bob: exchanges('bob') };
      guard.seen.length = 0;
      await Promise.all(Array.from({ length: 20 }, async (_, i) => clients[i % 2 ? 'ada' : 'bob'].callTool({ name: tool, arguments: {} })));
      for (const user of ['ada', 'bob']) {
        const own = guard.seen.filter(({ sub }) => sub === user);
        assert.ok(own.length >= 10, `${own.length} requests of ${user}`);
        assert.ok(own.every(({ aud, act, scope }) => aud === backendAudience && act.sub === 'gateway' && scope === 'backend:use'));
        assert.equal(new Set(own.map(({ jti }) => jti)).size, 1, `the calls of ${user} came with several tokens`);
        // Listing has already exchanged the token, unless the tools were known without.
        assert.ok(exchanges(user) - before[user] <= 1, `${exchanges(user) - before[user]} exchanges for ${user}`);
      }
      assert.ok(guard.seen.every(({ sub }) => sub === 'ada' || sub === 'bob'));
    });
  } finally {
    for (const client of Object.values(clients)) await client.close();
  }
}

/** A session belongs to a user, whatever token the user comes with. */
async function checkSessions({ url, issuer, resource, check }) {
  const [first, next, other] = await Promise.all(['ada', 'ada', 'bob'].map((user) => login(issuer, user, resource)));
  const session = (await knock(url, first)).headers.get('mcp-session-id');
  const within = (token, verb) => ask(url, { token, verb, session, method: 'tools/list' });

  await check('every verb of a session demands a token', async () => {
    for (const verb of ['POST', 'GET', 'DELETE']) assert.equal((await within(undefined, verb)).status, 401, verb);
  });
  await check('the session of a user does not exist for another', async () => {
    for (const verb of ['POST', 'GET', 'DELETE']) assert.equal((await within(other, verb)).status, 404, verb);
  });
  await check('it lives on for its user with a fresh token', async () => {
    assert.notEqual(first, next);
    assert.equal((await within(next, 'POST')).status, 200);
    assert.ok((await within(next, 'DELETE')).ok);
    assert.equal((await within(next, 'POST')).status, 404);
  });
}

/** New keys at the provider: their tokens come in without a restart, those of keys that are gone don't. */
async function checkRotation({ url, issuer, resource, provider, guard, era, check }) {
  const before = await login(issuer, 'bob', resource);
  const unused = await login(issuer, 'ada', resource);
  assert.equal((await knock(url, before)).status, 200);
  await rotate(provider);

  await check('a token of a new key comes in', async () => {
    const token = await login(issuer, 'ada', resource);
    await until('the new key is known', async () => (await knock(url, token)).status === 200, 90_000);
  });
  await check('a token of a key that is gone is refused', () => assertRefused(url, unused));
  await check('calls go on after the change of keys', async () => {
    const client = await connect(url, issuer, 'ada', era);
    try {
      guard.seen.length = 0;
      await client.callTool({ name: tool, arguments: {} });
      assert.ok(guard.seen.some(({ sub }) => sub === 'ada'));
    } finally {
      await client.close();
    }
  });
  await check('known keys serve while the provider is away', async () => {
    const [first, second] = [await login(issuer, 'ada', resource), await login(issuer, 'bob', resource)];
    await stop(provider);
    assert.equal((await knock(url, first)).status, 200);
    assert.equal((await knock(url, second)).status, 200);
  });
}

/** What the provider says of an opaque token counts, and its silence is no refusal. */
async function checkIntrospection({ url, issuer, resource, provider, guard, era, check }) {
  await check('a revoked token is refused', async () => {
    const token = await login(issuer, 'ada', resource);
    const revoked = await post(`${issuer}/token/revocation`, 'ada', { token });
    assert.equal(revoked.status, 200);
    await assertRefused(url, token);
  });
  await check('a backend that refuses the exchanged token gets a new one', async () => {
    const client = await connect(url, issuer, 'ada', era);
    try {
      await client.callTool({ name: tool, arguments: {} });
      await rotate(provider);
      guard.seen.length = 0;
      const refused = guard.refused;
      await client.callTool({ name: tool, arguments: {} });
      assert.ok(guard.refused > refused, 'the old token was not refused');
      assert.ok(guard.seen.some(({ sub }) => sub === 'ada'));
    } finally {
      await client.close();
    }
  });
  await check('while the provider is away an unknown token is answered 503 and when to come back', async () => {
    const token = await login(issuer, 'bob', resource);
    await stop(provider);
    const answer = await knock(url, token);
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
  });
}

async function rotate(provider) {
  const changes = () => provider.lines.filter((line) => line.startsWith('keys ')).length;
  const before = changes();
  provider.child.kill('SIGHUP');
  await until('the provider has new keys', () => changes() > before);
}

async function assertRefused(url, token) {
  const answer = await knock(url, token);
  assert.equal(answer.status, 401);
  assert.match(answer.headers.get('www-authenticate'), /error="invalid_token"/);
}
