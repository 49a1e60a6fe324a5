// A real OpenID provider (oidc-provider) as a process, for tests: FranceConnect as it looks from here, with made-up people
// to continue as. Prints its address as one JSON line; the client and the people are told on its standard input.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

const SCOPES = ['openid', 'given_name', 'family_name', 'birthdate', 'gender', 'birthplace', 'birthcountry'];

let handle = (_request, response) => response.writeHead(503).end();
const server = createServer((request, response) => handle(request, response));
server.listen(0, '127.0.0.1', () => {
  const url = `http://localhost:${server.address().port}`;
  createInterface({ input: process.stdin }).on('line', (line) => {
    handle = open(url, JSON.parse(line));
    process.stdout.write('{"ready":true}\n');
  });
  process.stdout.write(`${JSON.stringify({ url })}\n`);
});

/** `people`: claims by account id; each account id says its level too, such as `zelie.eidas2`. */
function open(url, { client, people }) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const provider = new Provider(url, {
    clients: [client],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    acrValues: ['eidas1', 'eidas2', 'eidas3'],
    scopes: SCOPES,
    claims: Object.fromEntries(SCOPES.map((scope) => [scope, scope === 'openid' ? ['sub'] : [scope]])),
    conformIdTokenClaims: true,
    pkce: { required: () => true },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'], userinfoSigningAlgValues: ['ES256'] },
    ttl: { AuthorizationCode: 30, AccessToken: 60, IdToken: 60, Interaction: 600, Session: 600, Grant: 600 },
    features: {
      devInteractions: { enabled: false },
      jwtUserinfo: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: (context, form) => { context.body = `<!DOCTYPE html><title>Fin</title>${form}<script>document.forms[0].appendChild(Object.assign(document.createElement('input'), { type: 'hidden', name: 'logout', value: 'yes' })); document.forms[0].submit();</script>`; } },
    },
    interactions: { url: (_context, { uid }) => `/choix/${uid}` },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: `sub-${id}`, ...people[id.split('.')[0]] }) }),
  });
  const callback = provider.callback();
  return (request, response) => {
    const [, , , who] = (request.url ?? '').split('?')[0].split('/');
    if (!request.url?.startsWith('/choix/')) void callback(request, response);
    else void choose(provider, { request, response, who, people, client }).catch(() => response.writeHead(400).end('choix perdu'));
  };
}

async function choose(provider, { request, response, who, people, client }) {
  const { uid } = await provider.interactionDetails(request, response);
  if (who === undefined) {
    const accounts = Object.keys(people).flatMap((name) => ['eidas1', 'eidas2', 'eidas3'].map((level) => `${name}.${level}`));
    const links = [...accounts, 'refuser'].map((one) => `<p><a href="/choix/${uid}/${one}">${one}</a></p>`).join('');
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(`<!DOCTYPE html><html lang="fr"><title>Fournisseur</title><h1>Qui êtes-vous ?</h1>${links}`);
    return;
  }
  if (who === 'refuser') {
    await provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'refus' });
    return;
  }
  const grant = new provider.Grant({ accountId: who, clientId: client.client_id });
  grant.addOIDCScope(SCOPES.join(' '));
  grant.addOIDCClaims(SCOPES);
  await provider.interactionFinished(request, response, { login: { accountId: who, acr: who.split('.')[1] }, consent: { grantId: await grant.save() } });
}
