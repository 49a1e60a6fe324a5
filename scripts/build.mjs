// Builds dist/: the server by the TypeScript compiler, then what browsers get (public.mjs), then what can be learnt.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPublic } from './public.mjs';
import { markBuilt, stampOf } from './stamp.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const stamp = stampOf(root);

rmSync(dist, { recursive: true, force: true });
const compiler = spawnSync(process.execPath, [join(root, 'node_modules/typescript-7/bin/tsc'), '-p', root], { stdio: ['ignore', 2, 2] });
if (compiler.status !== 0) process.exit(1);

await buildPublic(root);
// Learning takes seconds: done here once, every start is quick. Broken content is the start's to tell, not the build's.
spawnSync(process.execPath, [join(dist, 'cli.js'), 'learn'], { cwd: root, stdio: ['ignore', 2, 'ignore'] });
markBuilt(root, stamp);
