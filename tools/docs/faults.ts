import { catalogue, exitCodes, type Category, type FaultCode } from '../../main/faults/index.ts';
import { locales } from '../../main/words/index.ts';

const { en } = locales;

const kinds: Readonly<Record<Category, { readonly heading: string; readonly text: string }>> = {
  data: { heading: 'The data', text: 'Something in a file or a message is refused.' },
  usage: { heading: 'The call', text: 'The command was not understood.' },
  environment: { heading: 'This computer', text: 'A file, a folder, the store or the program itself.' },
  device: { heading: 'The device and the way to it', text: 'The eNB, or the network between.' },
};

/** `docs/faults.md`: every fault in the words in which people read it. */
export function faultsPage(): string {
  const intro = [
    '# Faults',
    'Every refusal of Siteseal carries one of these codes. With `--json` it stands in the member `fault.code`; without, at the beginning of the line. The codes are a public promise, the words are not. What a rule expects is at the end.',
    'Made by `tools/docs/generate.ts` from `main/faults/catalogue.ts` and `assets/locales/en/`.',
  ];
  const sections = Object.entries(kinds).flatMap(([kind, { heading, text }]) => [
    `## ${heading}`,
    `${text} Exit code ${exitCodes[kind as Category]}.`,
    ...codesOf(kind as Category).map(faultSection),
  ]);
  const rules = Object.entries(en.rules).map(([rule, text]) => `- \`${rule}\`: ${escape(text)}`);
  const afterwards = [
    '## Rules',
    'Where a code has several causes, `fault.rule` names the rule that was broken. What was expected:',
    rules.join('\n'),
  ];
  return `${[...intro, ...sections, ...afterwards].join('\n\n')}\n`;
}

function codesOf(kind: Category): readonly FaultCode[] {
  return (Object.keys(catalogue) as FaultCode[]).filter((code) => catalogue[code] === kind);
}

function faultSection(code: FaultCode): string {
  const { meaning, cause, mendedBy, next } = en.faults[code];
  const lines = [
    `- likely cause: ${cause}`,
    `- mended by: ${en.explanation.mendedBy[mendedBy]}`,
    `- what to do: ${next}`,
  ];
  return `### \`${code}\`\n\n${meaning}\n\n${lines.map(escape).join('\n')}`;
}

/** Text that Markdown must leave as it is. */
function escape(text: string): string {
  return text.replace(/[\\*_<>]/g, '\\$&');
}
