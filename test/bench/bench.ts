// Measures Siteseal's speed: `npm run bench`. docs/benchmarks.md says how, and what the figures mean. The result goes
// to standard output, progress to standard error.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchCmp } from './cmp.ts';
import { benchDeliver } from './deliver.ts';
import type { Figures } from './figures.ts';
import { benchLogAppend } from './log-append.ts';
import { benchLogVerify } from './log-verify.ts';
import { benchMany } from './many.ts';
import { benchPrepare } from './prepare.ts';
import { benchStart } from './start.ts';
import { browserPair, electronPair } from './windows.ts';

interface Benchmark {
  readonly run: (folder: string, say: (progress: string) => void) => Promise<Figures>;
}

const benchmarks: Readonly<Record<string, Benchmark>> = {
  'prepare-ecdsa-p256': {
    run: (folder, say) =>
      benchPrepare({ enbKey: 'P-256', configurationKey: 'P-256', enbs: 16_000 }, folder, say),
  },
  'prepare-rsa-3072': {
    run: (folder, say) =>
      benchPrepare({ enbKey: 'RSA-2048', configurationKey: 'RSA-3072', enbs: 4000 }, folder, say),
  },
  'prepare-100000': { run: benchMany },
  'deliver-ethernet': { run: benchDeliver },
  'cmp-enrolments': { run: benchCmp },
  'log-append': { run: benchLogAppend },
  'log-verify': { run: benchLogVerify },
  'start-electron': { run: (folder, say) => benchStart(() => electronPair(folder), say) },
  'start-browser': { run: (_folder, say) => benchStart(browserPair, say) },
};

const usage = `usage: npm run bench [-- [--json] [--folder DIR] [NAME ...]]
names: ${Object.keys(benchmarks).join(', ')}
`;

const { options, chosen } = parseArguments();
const folder = makeFolder(options.folder ?? join(import.meta.dirname, '../../build'));
const found: (Figures & { readonly name: string })[] = [];
for (const [name, benchmark] of chosen) {
  const own = join(folder, name);
  mkdirSync(own);
  const figures = await benchmark.run(own, (progress) => process.stderr.write(`${name}: ${progress}\n`));
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
 * A folder that is deleted when this process exits. By default it is in the repository, because the system's temporary
 * folder may not be on a disk.
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
  const columns = ['per second', 'of the limit', 'times the script', 'times the bare'] as const;
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(20), ...cells.map((cell, index) => cell.padStart((columns[index] ?? '').length + 2))].join(
      '',
    );
  const lines = found.flatMap(({ name, perSecond, ofLimit, timesScript, timesBare, detail }) => [
    line(name, [
      perSecond.toFixed(perSecond < 10 ? 2 : 0),
      ofLimit?.toFixed(2) ?? '-',
      timesScript?.toFixed(1) ?? '-',
      timesBare?.toFixed(2) ?? '-',
    ]),
    `    ${detail}`,
  ]);
  return `${[line('benchmark', columns), ...lines].join('\n')}\n`;
}
