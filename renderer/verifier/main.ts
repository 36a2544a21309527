// The stand-alone verifier of audit logs: one page, without network and without storage.
import './style.css';
import mark from '../public/mark.svg?inline';
import { button, element } from './dom.ts';
import { headsIn, inputOfFile, inputOfText, ofKind, subjectOf, type Input, type Subject } from './inputs.ts';
import { Unreadable } from './files.ts';
import type { Report } from './report.ts';
import { showEntries, showReport, verdictText } from './show.ts';
import { verifyEntry } from './verify-entry.ts';
import { verifyExport } from './verify-export.ts';
import { verifyHead } from './verify-head.ts';
import { Work } from './work.ts';
import { counted, fill, words } from './words.ts';

let inputs: readonly Input[] = [];
let pasted = 0;
let running: AbortController | undefined;

const status = element('p', { role: 'status', class: 'hidden' });
const result = element('section', { class: 'card', 'aria-label': words.resultTitle, hidden: '' });
const entries = element('section', { class: 'card', 'aria-label': words.list.title, hidden: '' });
const list = element('ul', { class: 'inputs', 'aria-label': words.files.list });
const missing = element('p', { id: 'missing', class: 'quiet' });
const progress = element('progress', { max: '100', 'aria-label': words.verify, hidden: '' });
const percent = element('span', { class: 'quiet' });
const paste = element('textarea', {
  id: 'paste',
  rows: '3',
  spellcheck: 'false',
  'aria-describedby': 'paste-help',
});
const picker = element('input', {
  id: 'files',
  type: 'file',
  multiple: '',
  'aria-describedby': 'files-help',
});
const verifyButton = button(words.verify, () => void verify(), {
  class: 'primary',
  'aria-describedby': 'missing',
});
const stopButton = button(words.stop, () => running?.abort(), { hidden: '' });
const dropArea = element(
  'div',
  { class: 'drop' },
  element('label', { for: 'files', class: 'button' }, words.files.choose, picker),
  element('span', { 'aria-hidden': 'true' }, words.files.drop),
);

function say(text: string): void {
  status.textContent = text;
}

/** Takes files or texts. What was found before no longer holds. */
function add(added: readonly Input[]): void {
  inputs = [...inputs.filter(({ name }) => !added.some((one) => one.name === name)), ...added];
  say(counted(words.files.added, added.length));
  changed();
}

function changed(): void {
  running?.abort();
  show(undefined);
  const subject = subjectOf(inputs);
  missing.textContent = subject.kind === 'missing' ? missingText(subject) : '';
  list.replaceChildren(...inputs.map(inputRow));
}

function missingText({ what, name = '' }: Extract<Subject, { readonly kind: 'missing' }>): string {
  return fill(words.missing[what], { name });
}

function inputRow(input: Input): HTMLElement {
  const { name } = input;
  const kind = fill(words.kinds[input.kind], {
    format: input.kind === 'export' ? words.formats[input.format] : '',
  });
  const remove = button(
    words.files.removeShort,
    () => {
      inputs = inputs.filter((one) => one !== input);
      say(fill(words.files.removed, { name }));
      changed();
      picker.focus();
    },
    { 'aria-label': fill(words.files.remove, { name }) },
  );
  return element(
    'li',
    {},
    element('span', { class: 'mono' }, name),
    element('span', { class: 'quiet' }, kind),
    remove,
  );
}

function show(report: Report | undefined): void {
  result.hidden = report === undefined;
  entries.hidden = report === undefined || report.entries.length === 0;
  result.replaceChildren(...(report ? showReport(report) : []));
  entries.replaceChildren(...(report ? showEntries(report) : []));
}

async function verify(): Promise<void> {
  const subject = subjectOf(inputs);
  if (subject.kind === 'missing') {
    say(missingText(subject));
    return;
  }
  const controller = new AbortController();
  running = controller;
  showRunning(true);
  try {
    const report = await reportOn(subject, controller.signal);
    controller.signal.throwIfAborted();
    if (running !== controller) return;
    show(report);
    say(verdictText(report));
    scrollTo({ top: 0 });
  } catch (error) {
    if (running !== controller) return; // Other work has started.
    const text = controller.signal.aborted ? words.stopped : failureText(error);
    missing.textContent = text;
    say(text);
  } finally {
    if (running === controller) {
      running = undefined;
      showRunning(false);
    }
  }
}

function failureText(error: unknown): string {
  return error instanceof Unreadable
    ? fill(words.file[error.reason], { name: error.file })
    : fill(words.internal, { error: String(error) });
}

function showRunning(isRunning: boolean): void {
  const hadFocus = [verifyButton, stopButton].some((one) => one === document.activeElement);
  verifyButton.hidden = isRunning;
  stopButton.hidden = !isRunning;
  progress.hidden = !isRunning;
  percent.textContent = '';
  if (hadFocus) (isRunning ? stopButton : verifyButton).focus({ preventScroll: true });
}

async function reportOn(
  subject: Exclude<Subject, { readonly kind: 'missing' }>,
  signal: AbortSignal,
): Promise<Report> {
  const witnessKeys = ofKind(inputs, 'witness-key').map(({ key }) => key);
  switch (subject.kind) {
    case 'export': {
      const { file, proof } = subject;
      const work = new Work(signal, file.file.size + proof.file.size, showProgress);
      const heads = headsIn(inputs);
      const files = { file: file.file, format: file.format, proof: proof.file, heads, witnessKeys };
      return verifyExport(files, work);
    }
    case 'head':
      return verifyHead({
        ...subject.head,
        heads: headsIn(inputs.filter((input) => input !== subject.head)),
        witnessKeys,
      });
    case 'tlog-proof':
      return verifyEntry(subject.proof.name, subject.proof.proof, inputs);
  }
}

function showProgress(part: number): void {
  const whole = Math.floor(part * 100);
  progress.value = whole;
  percent.textContent = fill(words.working, { percent: whole });
}

async function addFiles(files: FileList): Promise<void> {
  add(await Promise.all(Array.from(files, inputOfFile)));
}

function addPasted(): void {
  const text = paste.value;
  if (text.trim() === '') return;
  pasted++;
  add([inputOfText(fill(words.files.pasted, { number: pasted }), text)]);
  paste.value = '';
}

picker.addEventListener('change', () => {
  if (picker.files) void addFiles(picker.files);
  picker.value = '';
});
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  dropArea.dataset['over'] = '';
});
for (const name of ['dragleave', 'drop'] as const)
  document.addEventListener(name, () => delete dropArea.dataset['over']);
document.addEventListener('drop', (event) => {
  event.preventDefault();
  if (event.dataTransfer) void addFiles(event.dataTransfer.files);
});

document.body.append(
  element(
    'main',
    {},
    element(
      'header',
      {},
      element('img', { src: mark, alt: '', width: '40', height: '40' }),
      element('h1', {}, words.title),
      element('p', { class: 'quiet' }, words.lead),
    ),
    result,
    element(
      'section',
      { class: 'card' },
      element('h2', {}, words.files.title),
      element('p', { id: 'files-help' }, words.files.what),
      dropArea,
      element('label', { for: 'paste' }, words.files.pasteLabel),
      element('p', { id: 'paste-help', class: 'quiet' }, words.files.pasteHelp),
      paste,
      button(words.files.pasteAdd, addPasted),
      list,
      missing,
      element('div', { class: 'row' }, verifyButton, stopButton, progress, percent),
    ),
    entries,
    status,
  ),
);
changed();
