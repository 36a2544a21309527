import { layers } from '../../../tools/lint/layers.js';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import type { Command } from 'commander';
import { buildProgram } from '../../../main/cli/program.ts';
import { readVectorFile } from '../../vectors/vector.ts';
import { suites } from '../../../tools/suites.ts';

const root = join(import.meta.dirname, '../../..');
const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...globSync('docs/**/*.md', { cwd: root }),
];

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

interface PackageDescription {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function readPackage(path: string): PackageDescription {
  return JSON.parse(read(path)) as PackageDescription;
}

/** The contents of the fenced blocks of these languages. */
function blocks(page: string, ...languages: readonly string[]): readonly string[] {
  return [...read(page).matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, language = '']) => languages.includes(language))
    .map(([, , text = '']) => text);
}

suite('pages', () => {
  for (const page of pages) {
    test(`every relative link in ${page} leads to a file`, () => {
      const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
      for (const link of links.filter((one) => !/^(https?:|#)/.test(one))) {
        const target = join(root, dirname(page), link.replace(/#.*/, ''));
        assert(existsSync(target), link);
      }
    });
  }

  test('every npm script that is named exists', () => {
    const { scripts } = readPackage('package.json');
    for (const page of pages) {
      for (const [, name = ''] of read(page).matchAll(/npm run (?:-s )?([a-z:]+)/g))
        assert(name in scripts, `${page}: ${name}`);
    }
  });

  test('every siteseal command that is shown has these options, and lacks none that it needs', () => {
    let count = 0;
    for (const page of pages) {
      for (const block of blocks(page, 'sh')) {
        for (const line of block.replaceAll('\\\n', ' ').split('\n')) {
          const [, shown] = /siteseal -- (.+)$/.exec(line) ?? /^siteseal (.+)$/.exec(line) ?? [];
          if (shown === undefined) continue;
          count++;
          assertCommand(shown, `${page}: ${line}`);
        }
      }
    }
    assert(count > 5);
  });
});

function assertCommand(shown: string, message: string): void {
  const words = shown.trim().split(/\s+/);
  let command: Command = buildProgram(() => undefined);
  const child = () => command.commands.find((one) => one.name() === words[0]);
  for (let next = child(); next; next = child()) {
    command = next;
    words.shift();
  }
  assert.equal(command.commands.length, 0, message);
  const flags = words.filter((word) => word.startsWith('--'));
  for (const flag of flags)
    assert(
      command.options.some(({ long }) => long === flag),
      `${message}: ${flag}`,
    );
  for (const { mandatory, long } of command.options)
    assert(!mandatory || flags.includes(long ?? ''), `${message}: ${long}`);
}

suite('docs/architecture.md', () => {
  const text = read('docs/architecture.md');
  const stops = [...text.matchAll(/^\d+\. \[`([^`]+)`\]\(\.\.\/([^)]+)\), `(\w+)`/gm)];

  test('follows a click and a tunnel in six stops, an enrolment in eight, an entry in nine and a bundle in ten', () => {
    assert.equal(stops.length, 39);
  });

  test('has a row for every folder of main/, and for no other', () => {
    const rows = [...text.matchAll(/^\| ((?:`[a-z0-9-]+\/`(?:, )?)+) +\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z0-9-]+)\/`/g)].map(([, name = '']) => name),
    );
    assert.deepEqual(rows.sort(), Object.keys(layers).sort());
  });

  for (const [, shown = '', file = '', name = ''] of stops) {
    test(`${name} is in ${file}`, () => {
      assert.equal(shown, file);
      assert.match(
        read(file),
        new RegExp(
          `^(export )?(async )?(function\\*?|class|const|interface) ${name}\\b|^  (async )?${name}\\(`,
          'm',
        ),
      );
    });
  }
});

test('docs/dependencies.md has a line for every dependency and for no other package', () => {
  const { dependencies, devDependencies } = readPackage('package.json');
  const { optionalDependencies } = readPackage('tools/node-runtime/package.json');
  const all = Object.keys({
    ...dependencies,
    ...devDependencies,
    ...optionalDependencies,
    ...readPackage('tools/package/package.json').dependencies,
  });
  const [used = ''] = read('docs/dependencies.md').split('## Not used');
  const described = [...used.matchAll(/^- `([^`]+)`/gm)].map(([, name = '']) => name);
  assert.deepEqual(described.sort(), all.sort());
});

test('README.md names no suite that is not there', () => {
  const names: readonly string[] = suites.map(({ name }) => name);
  const [, table = ''] = read('README.md').split('## What is tested, and how');
  const cells = [...table.split('\n## ')[0]!.matchAll(/^\|.*\| *([^|]+?) *\|$/gm)].map(
    ([, cell = '']) => cell,
  );
  const named = cells.slice(1).filter((cell) => !/^-+$/.test(cell));
  assert(named.length > 3);
  for (const cell of named) for (const name of cell.split(', ')) assert(names.includes(name), name);
});

test('README.md counts the test vectors right', () => {
  const [, count = ''] = /(\d+) published \[test\s+vectors\]/.exec(read('README.md')) ?? [];
  assert.equal(Number(count), readVectorFile().bundles.length);
});

test('the commands of docs/test-vectors/README.md do what it says', { skip: lacksOpenssl() }, () => {
  const cwd = join(root, 'docs/test-vectors');
  for (const block of blocks('docs/test-vectors/README.md', 'sh')) {
    const { status, stderr } = spawnSync('sh', ['-e', '-c', block], { cwd, encoding: 'utf8' });
    assert.equal(status, 0, `${block}\n${stderr}`);
  }
});

function lacksOpenssl(): string | false {
  return spawnSync('openssl', ['version']).error ? 'openssl is missing' : false;
}
