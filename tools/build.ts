// Builds what the windowed shells need into build/, where sources have changed: `node tools/build.ts [TARGET ...]`. The
// command line and the tests run from source and do not need it.
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
import type { InlineConfig, Plugin } from 'vite';
import description from '../package.json' with { type: 'json' };
import { packedRuntime } from './desktop.ts';
import { collectPackages, notePackages, readPackages } from './inside.ts';
import { root } from './launch/root.js';
import { notice, runtimePackages } from './licences.ts';
import type { Inside } from './sbom.ts';

/** The file in a built folder that holds the fingerprint of its sources. */
const stampName = '.sources';

/** The files that every target depends on. */
const everyBuild: readonly string[] = [
  'package-lock.json',
  'tools/build.ts',
  'tools/inside.ts',
  'tools/licences.ts',
  'tools/sbom.ts',
  'tools/single-file.ts',
].map((file) => join(file));

/** The stand-alone verifier of the audit log, in build/verifier/. */
const verifierFile = 'siteseal-log-verifier.html';

/** The targets with packages inside, which the list of parts names. */
const partsOf: readonly string[] = ['renderer', 'verifier', 'preload', 'shell', 'core'];

interface Target {
  /** The folder in build/. */
  readonly name: string;
  /** The folders of its sources. A change to a file in them causes a new build. */
  readonly sources: readonly string[];
  /** The targets that it is made from. They are built before it. */
  readonly of?: readonly string[];
  /** Writes it into a folder. */
  readonly make: (folder: string) => Promise<void>;
}

/** The script with the page's connection to the core. */
const first = 'first';

/**
 * Runs that script as soon as it is loaded, before the style sheet and the page's own script, which is a hundred times
 * larger: the connection opens, and the first question is asked, while the browser still loads and reads the rest.
 */
const connectFirst: Plugin = {
  name: 'connect-first',
  transformIndexHtml: (html) => html.replace(new RegExp(`<script(?=[^>]*/${first}-)`), '<script async'),
};

const targets: readonly Target[] = [
  {
    name: 'renderer',
    sources: ['renderer', 'preload', 'assets'],
    make: bundle(async () => {
      const { default: react } = await import('@vitejs/plugin-react');
      return {
        root: join(root, 'renderer'),
        plugins: [react(), connectFirst],
        build: {
          modulePreload: { polyfill: false },
          // Rules of equal weight apply in their order, which a single file preserves.
          cssCodeSplit: false,
          assetsInlineLimit: 0,
          chunkSizeWarningLimit: 2_000,
          rolldownOptions: {
            output: {
              codeSplitting: {
                groups: [
                  { name: first, test: /port[\\/]connection\.ts$/ },
                  { name: 'page', tags: ['$initial'] },
                ],
              },
            },
          },
        },
      };
    }),
  },
  {
    name: 'verifier',
    sources: ['renderer/verifier', 'renderer/public', 'main/tlog', 'main/words', 'main/faults', 'assets'],
    make: bundle(async (packages) => {
      const { singleFile } = await import('./single-file.ts');
      const title = 'Siteseal log verifier. Apache-2.0. Inside are:';
      return {
        root: join(root, 'renderer/verifier'),
        publicDir: false,
        // The words ask for the language of the process.
        define: { 'process.env': '{}' },
        plugins: [
          singleFile(verifierFile, () =>
            notice(
              title,
              [...packages].map((place) => join(root, place)),
            ),
          ),
        ],
        build: {
          modulePreload: false,
          cssCodeSplit: false,
          assetsInlineLimit: Number.MAX_SAFE_INTEGER,
          chunkSizeWarningLimit: 2_000,
        },
      };
    }),
  },
  programs('preload', { bridge: 'preload/bridge.ts' }, ['preload']),
  programs('shell', { main: 'main/shell/main.ts' }, [
    'main/shell',
    'main/files',
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
      'batch-part': 'main/office/batch/batch-part.ts',
      'browser-host': 'main/browser-host/index.ts',
      command: 'main/cli/main.ts',
    },
    ['main', 'preload', 'assets'],
  ),
  {
    name: 'parts',
    sources: ['main', 'preload', 'renderer', 'assets'],
    of: partsOf,
    make: async (folder) => {
      const { sbom, sbomName } = await import('./sbom.ts');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, sbomName), sbom(packagesInside(), packedRuntime()));
    },
  },
];

/** The packages inside what was built last, and those that are packed beside it. */
export function packagesInside(): Inside {
  const bundled = partsOf.map((name) => [name, readPackages(join(root, 'build', name))] as const);
  return { ...Object.fromEntries(bundled), node_modules: runtimePackages() };
}

/**
 * Programs for Node or Electron, by output name. One file loads faster than many, so that they contain the packages
 * they use, except the dependencies in package.json, which are packed beside them. The format is CommonJS: a sandboxed
 * preload script allows nothing else. Importing node:http as a module would also cost 50 ms, because Node then loads its
 * fetch and WebSocket too.
 */
function programs(
  name: string,
  entries: Readonly<Record<string, string>>,
  sources: readonly string[],
): Target {
  const config: InlineConfig = {
    root,
    publicDir: false,
    ssr: { noExternal: true, external: ['electron', ...Object.keys(description.dependencies)] },
    build: {
      ssr: true,
      target: 'node20',
      minify: true,
      rolldownOptions: {
        input: entries,
        // The command line builds only where it runs from source.
        external: /[\\/]tools[\\/]build\.ts$/,
        output: {
          format: 'cjs',
          entryFileNames: '[name].cjs',
          chunkFileNames: '[name].cjs',
        },
      },
    },
  };
  return { name, sources, make: bundle(() => Promise.resolve(config)) };
}

/**
 * Builds with Vite, and notes which packages are inside.
 * @param configure gets the packages, which are complete once the bundle is
 */
function bundle(
  configure: (packages: ReadonlySet<string>) => Promise<InlineConfig>,
): (folder: string) => Promise<void> {
  return async (folder) => {
    const { build: viteBuild } = await import('vite');
    const packages = new Set<string>();
    const { plugins = [], ...config } = await configure(packages);
    await viteBuild({
      ...config,
      plugins: [collectPackages(packages), ...plugins],
      configFile: false,
      logLevel: 'warn',
      build: { ...config.build, outDir: folder, emptyOutDir: true },
    });
    notePackages(folder, packages);
  };
}

/**
 * Builds what is out of date.
 * @param say receives a line for each target that was built
 * @param names of the targets; empty for all
 */
export async function build(say: (line: string) => void, names: readonly string[] = []): Promise<void> {
  const states = fileStates();
  const wanted = new Set(
    names.flatMap((name) => [name, ...(targets.find((one) => one.name === name)?.of ?? [])]),
  );
  for (const target of targets.filter(({ name }) => names.length === 0 || wanted.has(name))) {
    const sources = fingerprint(target, states);
    const folder = join(root, 'build', target.name);
    if (isMadeOf(folder, sources)) continue;
    const started = performance.now();
    await buildInto(folder, target, sources);
    say(`Built ${target.name}, ${((performance.now() - started) / 1_000).toFixed(1)} s.`);
  }
}

/**
 * Builds in a temporary folder and then moves it into place, so that two builds at once, or a failed one, leave no
 * mixture.
 */
async function buildInto(folder: string, { make }: Target, sources: string): Promise<void> {
  const beside = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    await make(beside);
    writeFileSync(join(beside, stampName), sources);
    if (isMadeOf(folder, sources)) return; // another build was faster
    rmSync(folder, { recursive: true, force: true });
    renameSync(beside, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** Whether a built folder exists, from sources with this fingerprint. */
function isMadeOf(folder: string, sources: string): boolean {
  const stamp = join(folder, stampName);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
}

/** What shows that a file has changed, by its path from the repository. Reading every file would delay each start. */
function fileStates(): ReadonlyMap<string, string> {
  const folders = new Set(
    targets.flatMap(({ sources }) => sources.map((source) => source.split('/', 1)[0] ?? '')),
  );
  const files = [...everyBuild, ...[...folders].flatMap(filesIn)].sort();
  return new Map(
    files.map((file) => {
      const { size, mtimeMs } = statSync(join(root, file));
      return [file, `${file}\0${size}\0${mtimeMs}\n`];
    }),
  );
}

/** Changes when a source, a package or this file does. */
function fingerprint({ sources }: Target, states: ReadonlyMap<string, string>): string {
  const folders = sources.map((source) => join(source, '/'));
  const hash = createHash('sha256');
  for (const [file, state] of states) {
    if (everyBuild.includes(file) || folders.some((folder) => file.startsWith(folder))) hash.update(state);
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
