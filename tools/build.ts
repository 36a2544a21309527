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

const root = dirname(import.meta.dirname);

/** The file in a built folder that holds the fingerprint of its sources. */
const stampName = '.sources';

/** The files that every target depends on. */
const everyBuild: readonly string[] = [
  'package-lock.json',
  'tools/build.ts',
  'tools/licences.ts',
  'tools/single-file.ts',
].map((file) => join(file));

/** The stand-alone verifier of the audit log, in build/verifier/. */
const verifierFile = 'siteseal-log-verifier.html';

interface Target {
  /** The folder in build/. */
  readonly name: string;
  /** The folders of its sources. A change to a file in them causes a new build. */
  readonly sources: readonly string[];
  readonly config: () => Promise<InlineConfig>;
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
    config: async () => {
      const { default: react } = await import('@vitejs/plugin-react');
      const { licencesPlugin } = await import('./licences.ts');
      return {
        root: join(root, 'renderer'),
        plugins: [react(), connectFirst, licencesPlugin()],
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
    },
  },
  {
    name: 'verifier',
    sources: ['renderer/verifier', 'renderer/public', 'main/tlog', 'main/words', 'main/faults', 'assets'],
    config: async () => {
      const { verifierNotice } = await import('./licences.ts');
      const { singleFile } = await import('./single-file.ts');
      return {
        root: join(root, 'renderer/verifier'),
        publicDir: false,
        // The words ask for the language of the process.
        define: { 'process.env': '{}' },
        plugins: [singleFile(verifierFile, verifierNotice)],
        build: {
          modulePreload: false,
          cssCodeSplit: false,
          assetsInlineLimit: Number.MAX_SAFE_INTEGER,
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
      command: 'main/cli/main.ts',
    },
    ['main', 'preload', 'assets'],
  ),
];

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
  return { name, sources, config: () => Promise.resolve(config) };
}

/**
 * Builds what is out of date.
 * @param say receives a line for each target that was built
 * @param names of the targets; empty for all
 */
export async function build(say: (line: string) => void, names: readonly string[] = []): Promise<void> {
  const states = fileStates();
  for (const target of targets.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const wanted = fingerprint(target, states);
    const folder = join(root, 'build', target.name);
    if (isMadeOf(folder, wanted)) continue;
    const started = performance.now();
    await buildInto(folder, await target.config(), wanted);
    say(`Built ${target.name}, ${((performance.now() - started) / 1_000).toFixed(1)} s.`);
  }
}

/**
 * Builds in a temporary folder and then moves it into place, so that two builds at once, or a failed one, leave no
 * mixture.
 */
async function buildInto(folder: string, config: InlineConfig, sources: string): Promise<void> {
  const { build: viteBuild } = await import('vite');
  const beside = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    const options = { ...config.build, outDir: beside, emptyOutDir: true };
    await viteBuild({ ...config, configFile: false, logLevel: 'warn', build: options });
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
