// oidc-provider, a certified authorization server, as a process of its own.
//   SETTINGS='{"port":…, "clients":{id:secret}, "exchangers":{id:secret}, "resources":{uri:{format,alg,scope}}}' node identity-provider.mjs
// Clients log in by client credentials; exchangers may exchange tokens and introspect. Each resource has tokens of its own format, jwt or
// opaque. SIGHUP replaces the keys: the old ones are gone at once. It prints a line for each grant and introspection, never a token.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import Provider, { errors } from 'oidc-provider';

const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const tokenType = (name) => `urn:ietf:params:oauth:token-type:${name}`;

/** What the provider remembers; in place of its own memory store, because this one outlives a change of keys. */
class Store {
  constructor(kind) {
    this.kind = kind;
  }

  async upsert(id, payload) {
    stored.set(`${this.kind}:${id}`, payload);
  }

  async find(id) {
    return stored.get(`${this.kind}:${id}`);
  }

  async destroy(id) {
    stored.delete(`${this.kind}:${id}`);
  }
}

const settings = JSON.parse(process.env.SETTINGS);
const issuer = `http://127.0.0.1:${settings.port}`;
const stored = new Map();
let generation = 0;
let provider = await newProvider();

// The provider reads its keys once, so new keys are a new provider over the same store, behind the same socket.
process.on('SIGHUP', () => newProvider().then((next) => {
  provider = next;
  console.log(`keys ${generation}`);
}));

const server = createServer((request, response) => provider.callback()(request, response)).listen(settings.port, '127.0.0.1');
await once(server, 'listening');
console.log(`issuer ${issuer}`);

async function newProvider() {
  generation++;
  const keys = await Promise.all(['RS256', 'PS256', 'ES256'].map(async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: `${alg}-${generation}` };
  }));
  const next = new Provider(issuer, {
    adapter: Store,
    jwks: { keys },
    clients: [
      ...Object.entries(settings.clients).map(([id, secret]) => client(id, secret, 'client_credentials')),
      ...Object.entries(settings.exchangers).map(([id, secret]) => client(id, secret, tokenExchange)),
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: introspectionPolicy },
      revocation: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: (_, resource) => resourceServer(resource) },
    },
    extraTokenClaims,
    ttl: { AccessToken: 600, ClientCredentials: 600 },
  });
  next.registerGrantType(
    tokenExchange,
    (ctx) => exchange(ctx, keys),
    ['subject_token', 'subject_token_type', 'requested_token_type', 'actor_token', 'actor_token_type', 'audience', 'scope'],
  );
  next.on('grant.success', (ctx) => {
    const token = ctx.oidc.entities.ClientCredentials ?? ctx.oidc.entities.AccessToken;
    const how = ctx.oidc.params.grant_type === tokenExchange ? 'exchanged' : 'issued';
    console.log(`${how} ${token.accountId ?? token.clientId} for ${token.aud} to ${token.clientId}`);
  });
  next.on('grant.error', (ctx, error) => console.log(`refused ${error.error}`));
  next.on('server_error', (ctx, error) => console.log(`server error ${error.stack}`));
  return next;
}

function client(id, secret, grant) {
  return {
    client_id: id,
    client_secret: secret,
    grant_types: [grant],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_basic',
  };
}

function resourceServer(resource) {
  const known = settings.resources[resource];
  if (!known) throw new errors.InvalidTarget();
  return { audience: resource, scope: known.scope ?? '', accessTokenFormat: known.format, jwt: { sign: { alg: known.alg } } };
}

function introspectionPolicy(ctx, asking) {
  console.log(`introspected by ${asking.clientId}`);
  return asking.clientId in settings.exchangers;
}

function extraTokenClaims(ctx, token) {
  // RFC 9068 2.2: where no user takes part, the client is the subject. The JWTs say so by themselves, introspection does not.
  if (token.kind === 'ClientCredentials') return { sub: token.clientId };
  // RFC 8693 4.1: the client that exchanged the token acts for its subject.
  return token.gty === 'token_exchange' ? { act: { sub: token.clientId } } : undefined;
}

/** RFC 8693. oidc-provider leaves this grant to who runs it, so this handler is ours; signing in of clients and the tokens are the provider's. */
async function exchange(ctx, keys) {
  const { client, params, provider } = ctx.oidc;
  if (params.subject_token_type !== tokenType('access_token')) throw new errors.InvalidRequest('an access token is needed');
  if ((params.requested_token_type ?? tokenType('access_token')) !== tokenType('access_token')) {
    throw new errors.InvalidRequest('only access tokens are given');
  }
  const subject = await subjectOf(params.subject_token, keys, provider);
  const target = new provider.ResourceServer(params.audience, resourceServer(params.audience));
  const scopes = (params.scope ?? '').split(' ').filter(Boolean);
  if (scopes.some((scope) => !target.scopes.has(scope))) throw new errors.InvalidScope('scope is not known', params.scope);

  const token = new provider.AccessToken({
    accountId: subject,
    client,
    gty: 'token_exchange',
    resourceServer: target,
    scope: scopes.join(' ') || undefined,
  });
  ctx.oidc.entity('AccessToken', token);
  ctx.body = {
    access_token: await token.save(),
    issued_token_type: tokenType('access_token'),
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: token.scope,
  };
}

async function subjectOf(token, keys, provider) {
  const opaque = await provider.ClientCredentials.find(token);
  if (opaque?.isValid) return opaque.clientId;
  try {
    // The public halves: a key set for verifying may not hold private keys.
    const published = keys.map(({ d, p, q, dp, dq, qi, ...key }) => key);
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: published }), { issuer, typ: 'at+jwt' });
    return payload.sub;
  } catch {
    throw new errors.InvalidRequest('the subject token is not valid'); // RFC 8693 2.2.2
  }
}
