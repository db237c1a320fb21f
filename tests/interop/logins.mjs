// How the users of the authorization suites get tokens, and how they knock at the gateway with them.
import assert from 'node:assert/strict';
import { ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { newClient } from './everything.mjs';

// The gateway's has characters that must be form-encoded in HTTP Basic (RFC 6749 2.3.1), which the client library does not do.
export const secrets = { ada: 'secret-of-ada', bob: 'secret-of-bob', gateway: 'gate:way/secret=+%20' };

/** The scope the gateway demands. */
export const required = 'mcp:call';

/** Every token a client was given: none may be printed. */
export const issued = [];

/** A client that finds the provider by the gateway's challenge and logs in there by itself. */
export const connect = async (url, issuer, user, era) => (await connectWith(url, issuer, user, era)).client;

/** The same, beginning with a token it holds already; `token` is the one it ended with. */
export async function connectWith(url, issuer, user, era, held) {
  const client = newClient(era);
  const authProvider = new ClientCredentialsProvider({ clientId: user, clientSecret: secrets[user], expectedIssuer: issuer });
  if (held) authProvider.saveTokens({ access_token: held, token_type: 'Bearer', issuer });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));
  const token = authProvider.tokens().access_token;
  issued.push(token);
  return { client, token };
}

/** A token by client credentials, without the client library. */
export async function login(issuer, user, resource, scope = required) {
  const answer = await post(`${issuer}/token`, user, { grant_type: 'client_credentials', resource, scope });
  assert.equal(answer.status, 200);
  const { access_token } = await answer.json();
  issued.push(access_token);
  return access_token;
}

/** A form sent to the provider, signed in as that user. */
export function post(url, user, form) {
  const pair = [user, secrets[user]].map(encodeURIComponent).join(':');
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return fetch(url, { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) });
}

/** An initialize with that token. */
export function knock(url, token) {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'knock', version: '1' } };
  return ask(url, { token, method: 'initialize', params });
}

/** One request without the client library; a stream it opens is left at once. */
export async function ask(url, { token, session, verb = 'POST', method, params = {} }) {
  const answer = await fetch(url, {
    method: verb,
    headers: {
      accept: verb === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      ...(verb === 'POST' ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(session ? { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' } : {}),
    },
    body: verb === 'POST' ? JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) : undefined,
  });
  await answer.body?.cancel();
  return answer;
}
