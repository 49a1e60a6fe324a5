// Builds dist/public, what browsers get: the loader of the widget, the discussion that it brings, and style sheets. Files
// with a hash in their name may be kept for good. Each lies there compressed too, so that no start has to. Alone,
// `node scripts/public.mjs` renews them beside a server that runs.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

/** kB of brotli that the whole widget may take. */
const MOST = 30;

export async function buildPublic(root) {
  const folder = join(root, 'dist', 'public');
  mkdirSync(folder, { recursive: true });
  const pub = (name, body) => {
    writeFileSync(join(folder, name), body);
    return body;
  };
  const digest = (body, algorithm, encoding) => createHash(algorithm).update(body).digest(encoding);
  /** `name-<hash>.<type>`: a file that may be kept for good. */
  const named = (name, type, body) => {
    const file = `${name}-${digest(body, 'sha256', 'hex').slice(0, 12)}.${type}`;
    pub(file, body);
    return { file, integrity: `sha384-${digest(body, 'sha384', 'base64')}` };
  };

  /** Style sheets travel inside the scripts, as small as they can be. */
  const sheets = {
    name: 'sheets',
    setup(bundler) {
      bundler.onLoad({ filter: /\.css$/ }, async ({ path }) => ({ contents: await sheet(path), loader: 'text' }));
    },
  };
  /** What was on phones in 2020. */
  const browsers = { script: 'es2020', sheet: ['chrome80', 'firefox78', 'safari14'] };
  async function sheet(path) {
    return (await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true, target: browsers.sheet })).code.trim();
  }
  async function bundle(entry, define) {
    const { outputFiles } = await build({ entryPoints: [join(root, entry)], bundle: true, minify: true, format: 'iife', target: browsers.script, define, plugins: [sheets], write: false, legalComments: 'none', logLevel: 'error' });
    return outputFiles[0].contents;
  }

  // The discussion first: the loader names its file and what it must be, to the byte.
  const panelBody = await bundle('src/embed/bring.ts', {});
  const panel = named('sesame-panel', 'js', panelBody);
  const panelSheet = named('sesame-panel', 'css', await sheet(join(root, 'src/widget/panel.css')));
  const launcherSheet = named('sesame-launcher', 'css', await sheet(join(root, 'src/embed/launcher.css')));
  const loaderBody = pub(
    'sesame-chat.js',
    await bundle('src/embed/define.ts', {
      PANEL: JSON.stringify({ ...panel, sheet: panelSheet.file }),
      LAUNCHER_SHEET: JSON.stringify(launcherSheet.file),
    }),
  );
  pub('integrity.json', JSON.stringify({ 'sesame-chat.js': named('sesame-chat', 'js', loaderBody) }));
  pub('site.css', readFileSync(join(root, 'src/site/site.css')));
  packAll(folder);
  const brotli = [loaderBody, panelBody].map((body) => brotliCompressSync(body).length / 1000);
  process.stderr.write(`build: widget ${(brotli[0] + brotli[1]).toFixed(1)} kB brotli (${brotli[0].toFixed(1)} before it is opened), ${MOST} at most\n`);
  if (brotli[0] + brotli[1] > MOST) throw new Error('the widget is too heavy for an old phone');
}

/** Compresses what the server gives out, and leaves the digests that it checks; older files of other builds too. */
function packAll(folder) {
  const digest = (body) => createHash('sha256').update(body).digest('base64url');
  const packed = readdirSync(folder).filter((name) => /\.(?:js|css)$/.test(name)).map((name) => {
    const body = readFileSync(join(folder, name));
    const br = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } });
    const gzip = gzipSync(body, { level: constants.Z_BEST_COMPRESSION });
    writeFileSync(join(folder, `${name}.br`), br);
    writeFileSync(join(folder, `${name}.gz`), gzip);
    return [name, { identity: digest(body), br: digest(br), gzip: digest(gzip) }];
  });
  writeFileSync(join(folder, 'packed.json'), JSON.stringify(Object.fromEntries(packed)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPublic(join(dirname(process.argv[1]), '..'));
