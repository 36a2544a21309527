/**
 * Writes what the tests look at into docs/accessibility.md: `npm exec -- node test/e2e/accessibility-facts.ts`. A test
 * fails when it is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { leastTarget, sizes } from './accessibility-checks.ts';
import { screens } from './screens.ts';

interface Axe {
  readonly version: string;
  readonly getRules: () => readonly { readonly enabled: boolean; readonly tags: readonly string[] }[];
}

export const statement = join(import.meta.dirname, '../../docs/accessibility.md');
const [start, end] = ['<!-- facts: made by test/e2e/accessibility-facts.ts -->', '<!-- end of facts -->'];
// The one that @axe-core/playwright runs.
const axe = createRequire(import.meta.resolve('@axe-core/playwright'))('axe-core') as Axe;

/** The statement with the facts of now. */
export async function currentStatement(): Promise<string> {
  const text = readFileSync(statement, 'utf8');
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error('docs/accessibility.md has no place for facts.');
  const config = await resolveConfig(statement);
  return format(`${before}${start}\n\n${facts()}\n\n${end}${after}`, { ...config, parser: 'markdown' });
}

function facts(): string {
  const rules = axe.getRules().filter(({ enabled }) => enabled);
  const ofWcag = rules.filter(({ tags }) => tags.some((tag) => /^wcag2\d?a{1,2}$/.test(tag)));
  const dark = screens.filter(({ state }) => (state?.app?.theme ?? 'system') === 'system');
  const rows = [
    ['scenes: screens and dialogs, each in a state of its data', screens.length],
    ['of these in light and in dark', dark.length],
    [`rules of axe-core ${axe.version} on each scene`, rules.length],
    ['of these for WCAG 2.0 to 2.2, levels A and AA', ofWcag.length],
    ['findings that the suite `every screen` lets pass', 0],
    ['window sizes at which nothing may be cut off, in CSS pixels', sizes.map(sizeText).join(', ')],
    ['least height of what can be pressed, in CSS pixels', leastTarget],
  ];
  return [
    '| what | number |',
    '| --- | --- |',
    ...rows.map(([what, number]) => `| ${what} | ${number} |`),
    '',
    `The scenes: ${screens.map(({ name }) => `\`${name}\``).join(', ')}.`,
  ].join('\n');
}

function sizeText({ width, height }: (typeof sizes)[number]): string {
  return `${width}×${height}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(statement, await currentStatement());
