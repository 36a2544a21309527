// Builds what the windowed shells need into build/, as far as its sources have changed: `node tools/build.ts [TARGET ...]`.
// The command line and the tests run from source and need nothing of this.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InlineConfig } from 'vite';

const root = dirname(import.meta.dirname);

/** The file in a built folder that says what it was made of. */
const stampName = '.sources';

interface Target {
  /** The folder in build/. */
  readonly name: string;
  /** What it is made of. A target is built again when a file of these folders has changed. */
  readonly sources: readonly string[];
  readonly config: () => Promise<InlineConfig>;
}

const targets: readonly Target[] = [
  {
    name: 'renderer',
    sources: ['renderer', 'preload', 'assets'],
    config: async () => {
      const { default: react } = await import('@vitejs/plugin-react');
      return {
        root: join(root, 'renderer'),
        plugins: [react()],
        build: {
          modulePreload: { polyfill: false },
          // Rules of equal weight are sorted by their order, which one file keeps.
          cssCodeSplit: false,
          assetsInlineLimit: 0,
          chunkSizeWarningLimit: 2_000,
        },
      };
    },
  },
  programs('preload', { bridge: 'preload/bridge.ts' }, ['preload']),
  programs('shell', { main: 'main/shell/main.ts' }, [
    'main/shell',
    'main/page',
    'main/words',
    'main/faults',
    'preload',
    'assets',
  ]),
  programs(
    'core',
    {
      process: 'main/host/process.ts',
      'training-enbs': 'main/training/training-enbs.ts',
      'browser-host': 'main/browser-host/index.ts',
    },
    ['main', 'preload', 'assets'],
  ),
];

/**
 * Programs for Node or Electron, by the names that they get. Packages stay outside, for some are native; zod
 * comes along, which loads faster so. CommonJS: the sandbox of the preload script takes nothing else, and to import
 * node:http as a module costs 50 ms, as Node then loads its fetch and WebSocket too.
 */
function programs(
  name: string,
  entries: Readonly<Record<string, string>>,
  sources: readonly string[],
): Target {
  const config: InlineConfig = {
    root,
    publicDir: false,
    ssr: { noExternal: ['zod'], external: ['electron'] },
    build: {
      ssr: true,
      target: 'node20',
      minify: true,
      rolldownOptions: {
        input: entries,
        output: {
          format: 'cjs',
          entryFileNames: '[name].cjs',
          chunkFileNames: '[name].cjs',
        },
      },
    },
  };
  return { name, sources, config: () => Promise.resolve(config) };
}

/**
 * Builds what is stale.
 * @param say gets a line for each target that was built
 * @param names of the targets; all, when none is given
 */
export async function build(say: (line: string) => void, names: readonly string[] = []): Promise<void> {
  for (const target of targets.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const wanted = fingerprint(target);
    const folder = join(root, 'build', target.name);
    if (isMadeOf(folder, wanted)) continue;
    const started = performance.now();
    await buildInto(folder, await target.config(), wanted);
    say(`Built ${target.name}, ${((performance.now() - started) / 1_000).toFixed(1)} s.`);
  }
}

/** Builds beside and moves into place, so that two builds at once, or a broken one, leave no mixture. */
async function buildInto(folder: string, config: InlineConfig, sources: string): Promise<void> {
  const { build: viteBuild } = await import('vite');
  const beside = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    const options = { ...config.build, outDir: beside, emptyOutDir: true };
    await viteBuild({ ...config, configFile: false, logLevel: 'warn', build: options });
    writeFileSync(join(beside, stampName), sources);
    if (isMadeOf(folder, sources)) return; // another was faster
    rmSync(folder, { recursive: true, force: true });
    renameSync(beside, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** Whether a built folder is there, of sources with this fingerprint. */
function isMadeOf(folder: string, sources: string): boolean {
  const stamp = join(folder, stampName);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
}

/** Changes when a source, a package or this file does: to read them all would hold up every start. */
function fingerprint({ sources }: Target): string {
  const files = sources.flatMap(filesIn).sort();
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'tools/build.ts', ...files]) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** The files in a folder of the repository and below it, as paths from the repository. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await build((line) => console.log(line), process.argv.slice(2));
}
