/** Starts a real OpenID provider beside a running server, with made-up people whom one may continue as. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { people } from '../../src/reference/people.js';
import type { Locked } from './people.js';

export const SECRET = 'made-up-client-secret';

type Claims = Readonly<Record<string, string>>;

/** What FranceConnect would say of one of the made-up people. */
export function pivotOf({ subject }: Locked): Claims {
  const person = people.find((one) => one.subject === subject);
  if (!person) throw new Error(`nobody is ${subject}`);
  const { nir, birthDate, firstName, lastName } = person;
  return { given_name: firstName, family_name: lastName, birthdate: birthDate, gender: nir.startsWith('1') ? 'male' : 'female', birthplace: nir.slice(5, 10), birthcountry: '99100' };
}

export class OidcProvider {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: Interface,
    readonly url: string,
  ) {}

  /** Its warnings are about a provider in production, which this is not. */
  static async start(): Promise<OidcProvider> {
    const child = spawn(process.execPath, ['--no-warnings', path.join(__dirname, '..', '..', 'scripts', 'oidc-provider.mjs')], { stdio: ['pipe', 'pipe', 'ignore'] });
    const lines = createInterface({ input: child.stdout });
    const first = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      child.once('exit', () => { reject(new Error('the provider did not start')); });
    });
    return new OidcProvider(child, lines, (JSON.parse(first) as { url: string }).url);
  }

  /** What the server is told, by names of environment variables. */
  settings(level: 'eidas1' | 'eidas2'): Readonly<Record<string, string>> {
    return { FRANCECONNECT_ISSUER: this.url, FRANCECONNECT_CLIENT_ID: 'sesame', FRANCECONNECT_CLIENT_SECRET: SECRET, FRANCECONNECT_LEVEL: level };
  }

  /** Registers the server, once it is known where it listens, and the people by name. */
  async register(server: string, known: Readonly<Record<string, Claims>>): Promise<void> {
    const client = {
      ...{ client_id: 'sesame', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post', default_acr_values: [] },
      ...{ redirect_uris: [`${server}/franceconnect/retour`], post_logout_redirect_uris: [`${server}/franceconnect/fin`] },
      ...{ id_token_signed_response_alg: 'ES256', userinfo_signed_response_alg: 'ES256', application_type: 'native' },
    };
    const ready = new Promise((resolve) => this.lines.once('line', resolve));
    this.child.stdin?.write(`${JSON.stringify({ client, people: known })}\n`);
    await ready;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await gone;
  }
}
