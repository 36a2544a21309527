// Measures what Siteseal is to be fast at: `npm run bench`; docs/benchmarks.md says how and what the figures mean.
// Standard output gets the result, standard error what is going on.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchPrepare, type Figures } from './bench/prepare.ts';

type Benchmark = (folder: string, say: (progress: string) => void) => Promise<Figures>;

const benchmarks: Readonly<Record<string, Benchmark>> = {
  'prepare-ecdsa-p256': (folder, say) =>
    benchPrepare({ enbKey: 'P-256', configurationKey: 'P-256', enbs: 1000 }, folder, say),
  'prepare-rsa-3072': (folder, say) =>
    benchPrepare({ enbKey: 'RSA-2048', configurationKey: 'RSA-3072', enbs: 500 }, folder, say),
};

const usage = `usage: npm run bench [-- [--json] [--folder DIR] [NAME ...]]
names: ${Object.keys(benchmarks).join(', ')}
`;

const { options, chosen } = parseArguments();
keepToOneCore();
const folder = makeFolder(options.folder ?? join(dirname(import.meta.dirname), 'build'));
const found: (Figures & { readonly name: string })[] = [];
for (const [name, benchmark] of chosen) {
  const own = join(folder, name);
  mkdirSync(own);
  const figures = await benchmark(own, (progress) => process.stderr.write(`${name}: ${progress}\n`));
  found.push({ name, ...figures });
}
process.stdout.write(options.json ? `${JSON.stringify({ benchmarks: found })}\n` : table());

function parseArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, folder: { type: 'string' } },
    });
    const unknown = positionals.find((name) => !Object.hasOwn(benchmarks, name));
    if (unknown !== undefined) throw new Error(`There is no benchmark ${unknown}.`);
    const wanted = Object.entries(benchmarks).filter(
      ([name]) => positionals.length === 0 || positionals.includes(name),
    );
    return { options: values, chosen: wanted };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

/**
 * Holds this process, and what it starts, to one core of the processor where there are more and taskset is there: libuv
 * and V8 would use the others.
 */
function keepToOneCore(): void {
  if (process.platform !== 'linux' || availableParallelism() === 1) return;
  const status = readFileSync('/proc/self/status', 'latin1');
  const [, core = '0'] = /^Cpus_allowed_list:.*?(\d+)$/m.exec(status) ?? [];
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(process.pid)]);
}

/**
 * A folder that goes when this process does. It is in the repository by default, for a folder of temporary files may be
 * on no disk at all.
 */
function makeFolder(parent: string): string {
  mkdirSync(parent, { recursive: true });
  const made = mkdtempSync(join(parent, 'bench-'));
  process.on('exit', () => {
    rmSync(made, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
  return made;
}

function table(): string {
  const lines = found.flatMap(({ name, perSecond, ofLimit, timesScript, detail }) => [
    [
      name.padEnd(20),
      perSecond.toFixed(0).padStart(12),
      (ofLimit?.toFixed(2) ?? '-').padStart(14),
      (timesScript?.toFixed(1) ?? '-').padStart(18),
    ].join(''),
    `    ${detail}`,
  ]);
  const header = [
    'benchmark'.padEnd(20),
    'per second'.padStart(12),
    'of the limit'.padStart(14),
    'times the script'.padStart(18),
  ];
  return `${[header.join(''), ...lines].join('\n')}\n`;
}
