// The results of the mutants, as a table and a list of the survivors.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './mutate.ts';

/** A mutant, and the test that found it; empty where none did. */
export interface Tried {
  readonly mutant: Mutant;
  readonly by: string;
}

/** A mutant that no test can or need find, and why. */
interface Equivalent {
  readonly file: string;
  /** The whole line, without surrounding white space. */
  readonly line: string;
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

/** The required percentage of found mutants. */
const enough = 95;

/** Why no test can find a mutant; undefined without a recorded reason. */
export function reasonOf(mutant: Mutant, root: string): string | undefined {
  return equivalents.find(
    (one) =>
      one.file === mutant.file &&
      one.line === lineOf(mutant, root) &&
      one.original === mutant.original &&
      one.replacement === mutant.replacement,
  )?.reason;
}

const list = readFileSync(join(import.meta.dirname, 'equivalent.json'), 'utf8');
const equivalents = JSON.parse(list) as readonly Equivalent[];

function lineOf({ file, line }: Mutant, root: string): string {
  return (readFileSync(join(root, file), 'utf8').split('\n')[line - 1] ?? '').trim();
}

/** The text of the table, and whether enough were found and all others have a reason. */
export function tableOf(
  tried: readonly Tried[],
  root: string,
): { readonly text: string; readonly isEnough: boolean } {
  const living = tried
    .filter(({ by }) => by === '')
    .map(({ mutant }) => ({ mutant, line: lineOf(mutant, root), reason: reasonOf(mutant, root) }));
  const folders = [...new Set(tried.map(({ mutant }) => folderOf(mutant)))].sort();
  const rows = [...folders, 'all'].map((name) => {
    const isHere = ({ mutant }: { readonly mutant: Mutant }) => name === 'all' || folderOf(mutant) === name;
    const total = tried.filter(isHere).length;
    const alive = living.filter(isHere);
    const reasoned = alive.filter(({ reason }) => reason !== undefined).length;
    const share = ((100 * (total - alive.length)) / total).toFixed(1);
    return `| ${name} | ${total} | ${total - alive.length} | ${share} % | ${reasoned} | ${alive.length - reasoned} |`;
  });
  const lines = living.map(
    ({ mutant: { file, line, original, replacement }, line: source, reason = 'NOT FOUND' }) =>
      `- ${file}:${line} \`${short(original)}\` → \`${short(replacement)}\` in \`${source}\`: ${reason}`,
  );
  const head =
    '| folder | mutants | found | share | not found, with a reason | not found |\n|---|---|---|---|---|---|';
  const isEnough =
    living.every(({ reason }) => reason !== undefined) &&
    living.length * 100 <= tried.length * (100 - enough);
  return { text: `${[head, ...rows, '', ...lines].join('\n')}\n`, isEnough };
}

function folderOf({ file }: Mutant): string {
  return file.split('/')[1] ?? '';
}

function short(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
