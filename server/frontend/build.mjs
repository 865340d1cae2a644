// Bundles the front end: every file directly in src/ is an entry, what they share lies in folders below it.
// Out come server/banjie/web/static/dist/<entry>.{js,css}, the licences of what was bundled beside them, and, for
// the tests only, axe-core in build/. Same input, same bytes.

import { build } from 'esbuild';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const dist = join(root, 'server', 'banjie', 'web', 'static', 'dist');
const forTests = join(root, 'build');

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await mkdir(forTests, { recursive: true });

const result = await build({
  absWorkingDir: here,
  entryPoints: await entries(),
  outdir: dist,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['chrome109', 'firefox115', 'safari16'],
  charset: 'utf8',
  legalComments: 'none', // The whole licences are in licences.txt.
  loader: { '.json': 'json', '.svg': 'dataurl', '.woff': 'file', '.woff2': 'file' },
  logLevel: 'warning',
  metafile: true,
});

await writeFile(join(dist, 'licences.txt'), await licences(Object.keys(result.metafile.inputs)));
await copyFile(join(here, 'node_modules', 'axe-core', 'axe.min.js'), join(forTests, 'axe.min.js'));

async function entries() {
  const files = await readdir(join(here, 'src'), { withFileTypes: true });
  return files
    .filter((file) => file.isFile() && /\.(js|css)$/.test(file.name))
    .map((file) => join('src', file.name))
    .sort();
}

// The licence of each package that has a file in a bundle, in the order of names.
async function licences(inputs) {
  const names = inputs
    .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter((name) => name !== undefined);
  const texts = [...new Set(names)].sort().map(async (name) => {
    const folder = join(here, 'node_modules', name);
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((found) => /^licen[cs]e/i.test(found));
    const text = file ? await readFile(join(folder, file), 'utf8') : '';
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(100)}\n\n`);
}
