import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDemo } from '../../main/training/index.ts';
import { systemSurroundings } from '../../main/core/index.ts';

const font = { size: 14, width: 8.43, height: 20 };
const margin = 20;
const titleHeight = 36;
const columns = 110;

/**
 * The lines that `siteseal demo` prints, from a run here and now. The data folder appears as the default one on Linux.
 */
export async function demoLines(): Promise<readonly string[]> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'demo-'));
  const lines: string[] = [];
  try {
    const result = await runDemo({ ...systemSurroundings(), dataFolder }, (line) => lines.push(line));
    if (!result.ok) throw new Error(result.fault.code);
  } finally {
    rmSync(dataFolder, { recursive: true });
  }
  const shown = lines.map((line) => line.replace(dataFolder, '~/.local/share/siteseal'));
  return shown.slice(0, shown.findLastIndex((line) => line !== '') + 1);
}

/** A dark terminal window with these lines, as SVG. */
export function terminalPicture(title: string, lines: readonly string[]): string {
  const rows = lines.flatMap((line) => wrapped(line).map((text) => ({ text, kind: kindOf(line) })));
  const width = Math.ceil(columns * font.width) + 2 * margin;
  const height = titleHeight + rows.length * font.height + 2 * margin;
  const texts = rows.map(({ text, kind }, index) => {
    const y = titleHeight + margin + font.size + index * font.height;
    return text === '' ? '' : `<text x="${margin}" y="${y}" class="${kind}">${escape(text)}</text>\n`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">
<style>
text { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: ${font.size}px; white-space: pre; fill: #d7dae0; }
.title { fill: #9aa3b2; }
.part { fill: #ffffff; font-weight: bold; }
.ok { fill: #8fd19e; }
.refusal { fill: #f0b37e; }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#1b1f27"/>
<rect width="${width}" height="${titleHeight}" rx="8" fill="#2a303c"/>
<text x="${margin}" y="23" class="title">${escape(title)}</text>
${texts.join('')}</svg>
`;
}

/**
 * The rows that a line takes in the window, broken between words. Continuation rows are indented like the line's text.
 */
function wrapped(line: string): readonly string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const rows = [''];
  for (const word of line.trimStart().split(' ')) {
    const row = rows.pop() ?? '';
    const longer = row === '' ? `${indent}${word}` : `${row} ${word}`;
    rows.push(...(longer.length <= columns ? [longer] : [row, `${indent}${word}`]));
  }
  return rows.map((row) => row.trimEnd());
}

function kindOf(line: string): string {
  if (/^\d\./.test(line)) return 'part';
  if (/^ +ok /.test(line)) return 'ok';
  return /(sends nothing|itself refuses):/.test(line) ? 'refusal' : 'line';
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
