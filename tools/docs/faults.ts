import { catalogue, exitCodes, type Category, type FaultCode } from '../../main/faults/index.ts';
import { locales, type Advice } from '../../main/words/index.ts';

const { en } = locales;

const kinds: Readonly<Record<Category, { readonly heading: string; readonly text: string }>> = {
  data: { heading: 'The data', text: 'Siteseal refuses something in a file or a message.' },
  usage: { heading: 'The call', text: 'The command was not understood.' },
  environment: {
    heading: 'This computer',
    text: 'There is a problem with a file, a folder, the store or the program itself.',
  },
  device: {
    heading: 'The device and the connection',
    text: 'There is a problem with the eNB, the RA/CA, or the connection to it.',
  },
};

/** `docs/faults.md`: every fault in the words that users read. */
export function faultsPage(): string {
  const intro = [
    '# Faults',
    'Every refusal has one of these codes. With `--json` it is in the member `fault.code`. Otherwise the line begins with it. The codes are a public promise, the words are not. The rules and what they expect are at the end.',
    'Made by `tools/docs/generate.ts` from `main/faults/catalogue.ts` and `assets/locales/en/`.',
  ];
  const sections = Object.entries(kinds).flatMap(([kind, { heading, text }]) => [
    `## ${heading}`,
    `${text} Exit code ${exitCodes[kind as Category]}.`,
    ...codesOf(kind as Category).map(faultSection),
  ]);
  const rules = Object.entries(en.rules).map(
    ([rule, text]) => `- \`${rule}\`: ${escape(text)}${escape(adviceOn(rule))}`,
  );
  const afterwards = [
    '## Rules',
    'If a code has several causes, `fault.rule` names the rule that was broken. Each rule expects what follows its name. Some rules also have a likely cause and what to do.',
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
    `- who fixes it: ${en.explanation.mendedBy[mendedBy]}`,
    `- what to do: ${next}`,
  ];
  return `### \`${code}\`\n\n${meaning}\n\n${lines.map(escape).join('\n')}`;
}

function adviceOn(rule: string): string {
  const advice: Readonly<Record<string, Advice>> = en.advice;
  const { cause, next } = advice[rule] ?? {};
  return cause && next ? `. ${cause} ${next}` : '';
}

/** Escapes what Markdown would interpret. */
function escape(text: string): string {
  return text.replace(/[\\*_<>]/g, '\\$&');
}
