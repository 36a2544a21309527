// The mutants of a source file: each is the file with one small mistake, such as a programmer might make.
import ts from 'typescript';

/** One small mistake: the text from `start` to `end` becomes `replacement`. */
export interface Mutant {
  /** From the root, with forward slashes. */
  readonly file: string;
  /** UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly original: string;
  readonly replacement: string;
}

/** The replacements of each operator. */
const operators: Readonly<Record<string, readonly string[]>> = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&': ['|'],
  '|': ['&'],
  '^': ['|'],
  '<<': ['>>'],
  '>>': ['<<'],
  '+=': ['-='],
  '-=': ['+='],
  '||=': ['&&='],
  '??=': ['='],
};

/** All mutants of a file, in the order of its text. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];

  function replace(node: ts.Node, ...replacements: readonly string[]): void {
    const start = node.getStart(source);
    const original = text.slice(start, node.end);
    const { line } = source.getLineAndCharacterOfPosition(start);
    for (const replacement of replacements)
      if (replacement !== original)
        mutants.push({ file, start, end: node.end, line: line + 1, original, replacement });
  }

  function visit(node: ts.Node): void {
    if (hasNoFault(node)) return;
    mutate(node, replace);
    ts.forEachChild(node, visit);
  }

  visit(source);
  return mutants.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Code that never runs, and the messages of internal errors, which no test needs to check. */
function hasNoFault(node: ts.Node): boolean {
  return (
    ts.isTypeNode(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    (ts.isNewExpression(node) && node.expression.getText() === 'Error')
  );
}

function mutate(node: ts.Node, replace: (node: ts.Node, ...replacements: readonly string[]) => void): void {
  if (ts.isBinaryExpression(node)) {
    replace(node.operatorToken, ...(operators[node.operatorToken.getText()] ?? []));
  } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    replace(node, node.operand.getText());
  } else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const text = node.getText();
    replace(node, text.replace('++', '--'), text.replace('--', '++'));
  } else if (ts.isIfStatement(node)) {
    replace(node.expression, 'true', 'false');
  } else if (ts.isConditionalExpression(node)) {
    replace(node.condition, 'true', 'false');
  } else if (ts.isWhileStatement(node)) {
    replace(node.expression, 'false');
  } else if (ts.isReturnStatement(node) && node.expression && node.expression.getText() !== 'undefined') {
    replace(node, 'return;');
  } else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
    replace(node.body, 'undefined');
  } else if (ts.isExpressionStatement(node) || ts.isThrowStatement(node) || ts.isForOfStatement(node)) {
    replace(node, ';');
  } else if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) {
    replace(node, ';');
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) {
    replace(node, 'false');
  } else if (node.kind === ts.SyntaxKind.FalseKeyword) {
    replace(node, 'true');
  } else if (ts.isNumericLiteral(node)) {
    replace(node, `(${node.getText()} + 1)`);
  } else if (ts.isStringLiteral(node) && !isName(node)) {
    replace(node, node.text === '' ? "'mutant'" : "''");
  } else if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) {
    replace(node, ts.isSpreadElement(node) ? '...[]' : '...{}');
  }
}

/** Whether a literal is the name of a member, and is used elsewhere by its own value. */
function isName(node: ts.StringLiteral): boolean {
  return ts.isPropertyAssignment(node.parent) && node.parent.name === node;
}
