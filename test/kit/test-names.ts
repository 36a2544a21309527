/** The names of the tests in a file, as far as its source tells them. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const groups = ['suite', 'describe'];
const tests = ['test', 'it'];

/**
 * Whether the file has a test of this name, which is the names of its suites and its own, separated by spaces, as
 * `--test-name-pattern` takes it. What the source builds into a name, as in `with a ${kind}`, must be a text, a number
 * or the name of a property in the same file, or "…". Tests that are always skipped do not count.
 */
export function namesTest(file: string, name: string): boolean {
  return patternsOf(file).some((pattern) => pattern.test(name));
}

const known = new Map<string, readonly RegExp[]>();

function patternsOf(file: string): readonly RegExp[] {
  let patterns = known.get(file);
  if (!patterns) known.set(file, (patterns = readPatterns(file)));
  return patterns;
}

function readPatterns(file: string): readonly RegExp[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const texts = new Set(['…']);
  const names: (readonly ts.Expression[])[] = [];
  const visit = (node: ts.Node, above: readonly ts.Expression[]): void => {
    if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) texts.add(node.text);
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) texts.add(node.name.text);
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) {
      ts.forEachChild(node, (child) => visit(child, above));
      return;
    }
    const { text: called } = node.expression;
    const [name] = node.arguments;
    const own = name && (groups.includes(called) || tests.includes(called)) ? [...above, name] : above;
    if (tests.includes(called)) names.push(own);
    ts.forEachChild(node, (child) => visit(child, own));
  };
  visit(source, []);
  const built = `(?:${[...texts].map(escaped).join('|')})`;
  return names.map((parts) => new RegExp(`^${parts.map((part) => patternOf(part, built)).join(' ')}$`));
}

const escaped = (text: string) => text.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);

/** The regular expression of a name, with `built` for each value that is filled in. */
function patternOf(name: ts.Expression, built: string): string {
  if (ts.isStringLiteralLike(name)) return escaped(name.text);
  if (!ts.isTemplateExpression(name)) return built;
  const spans = name.templateSpans.map(({ literal }) => built + escaped(literal.text));
  return escaped(name.head.text) + spans.join('');
}
