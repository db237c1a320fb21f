// A resource server in front of an MCP server: whoever brings no token of the provider for this audience is answered 401.
import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** `url` is the guarded endpoint, `seen` the claims of every admitted token in order, `refused` counts the 401s. */
export async function startGuard({ issuer, jwks, audience, target }) {
  const guard = { seen: [], refused: 0 };
  const server = createServer(async (request, response) => {
    let claims;
    try {
      const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      // The keys are asked for each time, so that a token of a key that is gone is refused at once.
      const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(jwks)), { issuer, audience, typ: 'at+jwt' });
      claims = payload;
    } catch {
      guard.refused++;
      response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end();
      return;
    }
    guard.seen.push(claims);
    const inner = ask(target, { method: request.method, headers: { ...request.headers, host: new URL(target).host } }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    });
    inner.on('error', () => response.destroy());
    response.on('close', () => inner.destroy());
    request.pipe(inner);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  guard.url = `http://127.0.0.1:${server.address().port}/mcp`;
  guard.stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return guard;
}
