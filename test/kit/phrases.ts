/** Finds phrases that the product's English avoids: test/data/words-to-avoid.json lists them, with what to write. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

interface Entry {
  readonly avoid: readonly string[];
  readonly write: string;
  /** Longer phrases in which these words are right. */
  readonly except?: readonly string[];
}

export interface Finding {
  /** From 1. */
  readonly line: number;
  readonly phrase: string;
  readonly write: string;
}

interface Rule {
  readonly avoid: RegExp;
  readonly except: RegExp | undefined;
  readonly write: string;
}

const list = join(import.meta.dirname, '../data/words-to-avoid.json');

export const entries = JSON.parse(readFileSync(list, 'utf8')) as readonly Entry[];

const rules: readonly Rule[] = entries.map(({ avoid, except, write }) => ({
  avoid: anyOf(avoid),
  except: except && anyOf(except),
  write,
}));

/**
 * Any of these phrases as whole words, in any case, also across a line break inside a comment or a list. A hyphen is
 * part of a word, so `kill-enb-at-octet` does not match.
 */
function anyOf(phrases: readonly string[]): RegExp {
  const gap = String.raw`\s+(?:(?:\*|//)\s+)?`;
  const words = phrases.map((phrase) => phrase.split(' ').join(gap));
  return new RegExp(String.raw`(?<![\w-])(?:${words.join('|')})(?![\w-])`, 'gi');
}

/** The phrases in the prose of this file, by line. The file extension determines where its prose is. */
export function findPhrases(path: string, text: string): readonly Finding[] {
  const prose = proseOf(path, text);
  const found: Finding[] = [];
  for (const { avoid, except, write } of rules) {
    const right = except ? [...prose.matchAll(except)] : [];
    for (const { 0: phrase, index } of prose.matchAll(avoid)) {
      if (right.some((one) => one.index <= index && index < one.index + one[0].length)) continue;
      const line = prose.slice(0, index).split('\n').length;
      found.push({ line, phrase: phrase.replace(/[\s*/]+/g, ' '), write });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

/** The text with everything blank that is not prose: all but the comments of sources, and the keys of JSON. */
function proseOf(path: string, text: string): string {
  if (path.endsWith('.json')) return text.replace(/"[^"\n]*"\s*:/g, blank);
  return /\.tsx?$/.test(path) ? commentsOf(path, text) : text;
}

function commentsOf(path: string, text: string): string {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const comments = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) return;
    const around = [ts.getLeadingCommentRanges(text, node.pos), ts.getTrailingCommentRanges(text, node.end)];
    for (const comment of around.flatMap((ranges) => ranges ?? [])) comments.set(comment.pos, comment);
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  let prose = '';
  for (const { pos, end } of [...comments.values()].sort((a, b) => a.pos - b.pos))
    prose += blank(text.slice(prose.length, pos)) + text.slice(pos, end);
  return prose + blank(text.slice(prose.length));
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
