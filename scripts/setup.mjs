// Makes a fresh clone ready without a question: npm packages, the build, and for tests what the system must have.
// Depends on Node.js alone. Speaks on standard error only, so that commands whose output is read stay clean.
//
//   node scripts/setup.mjs start    packages and build
//   node scripts/setup.mjs test     the same, and Chromium, redis-server, strace and Microsoft's Web Chat
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stampOf, isStale } from './stamp.mjs';
import { fetchWebChat } from './webchat.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const purpose = process.argv[2] ?? 'start';

const say = (text) => process.stderr.write(`${text}\n`);

function fail(what, todo) {
  say(`\nsetup: ${what}\n   -> ${todo}\n`);
  process.exit(1);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node.js ${process.versions.node} is too old`, 'install Node.js 20.19 or newer');
  }
}

function installPackages() {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const mark = join(root, 'node_modules', '.sesame-lock');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  say('setup: installing the packages of package-lock.json …');
  // No package here needs its install script: native parts come prebuilt. Running none is also the safer way.
  const done = spawnSync('npm', ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) fail('npm ci failed', 'see the messages above; is the npm registry reachable?');
  writeFileSync(mark, lock);
}

function build() {
  const stamp = stampOf(root);
  if (!isStale(root, stamp)) return;
  say('setup: building …');
  const done = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) fail('the build failed', 'see the messages above');
}

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/** Debian packages that tests use as they are: a real browser, a real Redis, a tracer. */
function installSystemPackages() {
  const needed = [];
  if (!process.env.CHROMIUM && !has('chromium') && !has('chromium-browser') && !has('google-chrome')) needed.push('chromium');
  // redis-server: a second store. strace: shows the sync before the acknowledgement.
  for (const program of ['redis-server', 'strace']) if (!has(program)) needed.push(program);
  if (needed.length === 0) return;
  const command = `apt-get install -y ${needed.join(' ')}`;
  if (!has('apt-get') || process.getuid?.() !== 0) {
    fail(`the tests need ${needed.join(' and ')}`, `install it, on Debian with: sudo ${command} (or set CHROMIUM to a browser's path)`);
  }
  say(`setup: installing ${needed.join(' and ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 2, 2], env });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...needed], { stdio: ['ignore', 'ignore', 2], env });
  } catch {
    fail(`could not install ${needed.join(' and ')}`, `run yourself: apt-get update && ${command}`);
  }
}

/** The one bundle of Web Chat that tests and benchmarks load, verified and kept. */
function installWebChat() {
  try {
    fetchWebChat(root, say);
  } catch (error) {
    fail(error.message, 'the tests run Microsoft’s own client against us: with a network, run again "node scripts/setup.mjs test"');
  }
}

checkNode();
installPackages();
build();
if (purpose === 'test') {
  installSystemPackages();
  installWebChat();
}
