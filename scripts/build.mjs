// Builds dist/: the server by the TypeScript compiler, the widget by esbuild, the style sheet by copying.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { markBuilt, stampOf } from './stamp.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const stamp = stampOf(root);

rmSync(dist, { recursive: true, force: true });
const compiler = spawnSync(process.execPath, [join(root, 'node_modules/typescript-7/bin/tsc'), '-p', root], { stdio: ['ignore', 2, 2] });
if (compiler.status !== 0) process.exit(1);

mkdirSync(join(dist, 'public'), { recursive: true });
const widget = join(dist, 'public', 'sesame-chat.js');
await build({
  entryPoints: [join(root, 'src/widget/define.ts')],
  outfile: widget,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2020',
  logLevel: 'error',
});
for (const sheet of ['site.css'].filter((name) => existsSync(join(root, 'src/widget', name)))) {
  copyFileSync(join(root, 'src/widget', sheet), join(dist, 'public', sheet));
}
const brotli = brotliCompressSync(readFileSync(widget)).length;
process.stderr.write(`build: widget ${(brotli / 1000).toFixed(1)} kB brotli\n`);
// Learning takes seconds: done here once, every start is quick. Broken content is the start's to tell, not the build's.
spawnSync(process.execPath, [join(dist, 'cli.js'), 'learn'], { cwd: root, stdio: ['ignore', 2, 'ignore'] });
markBuilt(root, stamp);
