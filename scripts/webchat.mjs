// Fetches one file of Microsoft's Web Chat, the bundle that a page loads, for tests and benchmarks. As a dependency it
// would bring 446 packages and 486 MB; nothing that we deliver needs it. Depends on Node.js, npm and tar alone.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

export const webChatVersion = '4.18.1';
const published = `botframework-webchat@${webChatVersion}`;
const tarballSha512 = '7jpEUJ7olT62Xm+8eh7BhhIcXVfU2xD4pZDaeBt8K4XcNy6K/83UGIxE9BFkXmHMZ4hDEVOzs5cre07GWuaXzg==';
const member = 'package/dist/webchat.js';

/**
 * Where the bundle rests between runs, with a `.br` beside it as a good server would send it; both go with node_modules
 * when that is made anew.
 */
export const webChatFile = (root) => join(root, 'node_modules', '.cache', 'webchat', `webchat-${webChatVersion}.js`);

/**
 * Puts the bundle in its place, or does nothing when it is there: then no network is needed. Throws an Error that says
 * what failed, and what to do.
 */
export function fetchWebChat(root, say) {
  const file = webChatFile(root);
  if (existsSync(file)) return;
  say(`setup: fetching ${published} (7 MB), Microsoft's own client, for the tests …`);
  const folder = mkdtempSync(join(tmpdir(), 'sesame-webchat-'));
  try {
    const tarball = fetchTarball(root, folder);
    check(tarball);
    run('tar', ['-xzf', tarball, '-C', folder, member], root, 'tar could not unpack it: is tar installed?');
    put(join(folder, member), file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** By npm itself, so that its settings (registry, proxy, certificates) and its cache apply; run in `root` for its .npmrc. */
function fetchTarball(root, folder) {
  const wanted = ['pack', published, '--prefer-offline', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  run('npm', wanted, root, `npm could not fetch ${published}: is the npm registry reachable?`);
  return join(folder, `botframework-webchat-${webChatVersion}.tgz`);
}

function run(command, args, cwd, otherwise) {
  const done = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 2], shell: process.platform === 'win32' });
  if (done.status !== 0) throw new Error(otherwise);
}

function check(tarball) {
  const found = createHash('sha512').update(readFileSync(tarball)).digest('base64');
  if (found === tarballSha512) return;
  throw new Error(`the tarball of ${published} is not the published one (its sha512 is ${found}): do not use this registry or cache`);
}

/** The bundle is named last: where it is, all is. */
function put(unpacked, file) {
  const bundle = readFileSync(unpacked);
  mkdirSync(dirname(file), { recursive: true });
  for (const [content, name] of [[brotliCompressSync(bundle), `${file}.br`], [bundle, file]]) {
    // Written aside, then named at once: two runs, or one cut short, leave no half of a file.
    const part = `${name}.${process.pid}.part`;
    writeFileSync(part, content);
    renameSync(part, name);
  }
}
