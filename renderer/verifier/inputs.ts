// What the user gives the page, sorted by content. Names of files decide nothing.
import {
  exportFormatOf,
  exportProofStart,
  parseCheckpoint,
  parseHeadFile,
  parseTlogProof,
  parseVerifierKey,
  type ComparedHead,
  type ExportFormat,
  type KnownHead,
  type LogRule,
  type ReadHead,
  type ReadTlogProof,
  type SignedHead,
  type VerifierKey,
} from '../../main/tlog/index.ts';
import { noteCrypto } from './crypto.ts';
import { smallText } from './files.ts';

/** Something to verify, or to verify with. */
export type Input = { readonly name: string } & (
  | { readonly kind: 'export'; readonly file: File; readonly format: ExportFormat }
  | { readonly kind: 'proof'; readonly file: File }
  | { readonly kind: 'head'; readonly read: ReadHead | LogRule }
  | { readonly kind: 'note'; readonly text: string; readonly head: SignedHead }
  | { readonly kind: 'tlog-proof'; readonly proof: ReadTlogProof }
  | { readonly kind: 'key' | 'witness-key'; readonly key: VerifierKey }
  | { readonly kind: 'pdf' | 'unknown' }
);

export type InputOf<Kind extends Input['kind']> = Extract<Input, { readonly kind: Kind }>;

/** The most bytes of a file that is read whole: a head file with the keys of many years. */
const mostSmall = 16 * 1_048_576;

/** The bytes that show what a large file is. The first record of a CSV is its header. */
const start = 4_096;

/** Finds out what a file is. */
export async function inputOfFile(file: File): Promise<Input> {
  const { name } = file;
  const beginning = await file
    .slice(0, start)
    .text()
    .catch(() => '');
  if (beginning.startsWith('%PDF-')) return { name, kind: 'pdf' };
  if (beginning.startsWith(exportProofStart)) return { name, kind: 'proof', file };
  const format = exportFormatOf(beginning);
  if (format !== undefined && format !== 'ocsf') return { name, kind: 'export', file, format };
  const text = await smallText(file, mostSmall);
  const small = text === undefined ? undefined : inputOfText(name, text);
  if (small && small.kind !== 'unknown') return small;
  return format ? { name, kind: 'export', file, format } : { name, kind: 'unknown' };
}

/** Finds out what a text is: pasted, or a small file. */
export function inputOfText(name: string, text: string): Input {
  const lines = text.replaceAll('\r\n', '\n').trim();
  const key = parseVerifierKey(lines, noteCrypto);
  if (key) return { name, kind: key.type === 4 ? 'witness-key' : 'key', key };
  const proof = parseTlogProof(`${lines}\n`);
  if (proof) return { name, kind: 'tlog-proof', proof };
  const head = parseCheckpoint(`${lines}\n`);
  if (head) return { name, kind: 'note', text: `${lines}\n`, head };
  const read = parseHeadFile(lines, noteCrypto);
  return read ? { name, kind: 'head', read } : { name, kind: 'unknown' };
}

/** What can be verified, or which words say why nothing can. */
export type Subject =
  | { readonly kind: 'export'; readonly file: InputOf<'export'>; readonly proof: InputOf<'proof'> }
  | { readonly kind: 'head'; readonly head: InputOf<'head'> }
  | { readonly kind: 'tlog-proof'; readonly proof: InputOf<'tlog-proof'> }
  | { readonly kind: 'missing'; readonly what: Missing; readonly name?: string };

export type Missing = 'nothing' | 'proof' | 'export' | 'several' | 'alone' | 'unusable' | 'key';

/** What is to be verified. Everything else that was given serves to compare it with. */
export function subjectOf(inputs: readonly Input[]): Subject {
  const exports = ofKind(inputs, 'export');
  const proofs = ofKind(inputs, 'proof');
  const ofEntries = ofKind(inputs, 'tlog-proof');
  const heads = ofKind(inputs, 'head');
  const malformed = heads.find(({ read }) => typeof read === 'string');
  if (inputs.length === 0) return missing('nothing');
  if (inputs.some(({ kind }) => kind === 'unknown' || kind === 'pdf')) return missing('unusable');
  // Nothing can be compared with it, so that it must not pass unnoticed.
  if (malformed) return { kind: 'head', head: malformed };
  if (exports.length > 1 || proofs.length > 1 || ofEntries.length > 1) return missing('several');
  if (exports.length + proofs.length > 0 && ofEntries.length > 0) return missing('several');
  const [file] = exports;
  const [proof] = proofs;
  const [ofEntry] = ofEntries;
  if (file && proof) return { kind: 'export', file, proof };
  if (file) return missing('proof', file.name);
  if (proof) return missing('export', proof.name);
  if (ofEntry) {
    const hasKey = inputs.some(({ kind }) => kind === 'key' || kind === 'head');
    return hasKey ? { kind: 'tlog-proof', proof: ofEntry } : missing('key', ofEntry.name);
  }
  const [head] = heads;
  return head ? { kind: 'head', head } : missing('alone');
}

/** The heads among the inputs that something can be compared with. */
export function headsIn(inputs: readonly Input[]): readonly (KnownHead & ComparedHead)[] {
  return inputs.flatMap((input) => {
    if (input.kind === 'note') return [{ source: input.name, text: input.text, head: input.head, keys: [] }];
    if (input.kind !== 'head' || typeof input.read === 'string') return [];
    const { head, file } = input.read;
    return file ? [{ source: input.name, text: file.checkpoint, head, keys: file.keys }] : [];
  });
}

export function ofKind<Kind extends Input['kind']>(
  inputs: readonly Input[],
  kind: Kind,
): readonly InputOf<Kind>[] {
  return inputs.filter((input): input is InputOf<Kind> => input.kind === kind);
}

function missing(what: Missing, name?: string): Subject {
  return { kind: 'missing', what, ...(name !== undefined && { name }) };
}
