import { resolve } from 'node:path';
import {
  askCaCertificates,
  askRootUpdate,
  createCore,
  enrol,
  isUnfinished,
  nameToText,
  renew,
  revoke,
  type CmpQuestion,
  type CmpWatcher,
  type CredentialFiles,
  type EnrolledCertificate,
  type KeyType,
  type RaCa,
} from '../core/index.ts';
import { fault, ok, refuse, type Result } from '../faults/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { passphraseOf, systemTerminal } from './terminal.ts';

const say = words.cli.cmp;

interface RaCaOptions {
  readonly caName?: string;
  readonly trust: readonly string[];
  readonly untrusted: readonly string[];
  readonly allowHmacSha1: boolean;
  readonly passphraseFile?: string;
}

interface CredentialOptions {
  readonly reference?: string;
  readonly secretFile?: string;
  readonly mac: 'pbm' | 'pbmac1';
  readonly cert?: string;
  readonly key?: string;
  readonly chain: readonly string[];
}

interface EnrolOptions extends RaCaOptions, CredentialOptions {
  readonly subject: string;
  readonly subjectAltName: readonly string[];
  readonly keyType: KeyType;
  readonly out: string;
}

/** `siteseal cmp enrol` */
export async function cmpEnrol([url = '']: readonly string[], options: EnrolOptions): Promise<Outcome> {
  const { subject, subjectAltName: subjectAltNames, keyType } = options;
  const out = resolve(options.out);
  const credentials = credentialsOf(options);
  if (!credentials.ok) return failed(credentials.fault);
  if (!credentials.value) return failed(fault('usage-invalid', { rule: 'cmp-credentials' }));
  const order = { subject, subjectAltNames, keyType, out, credentials: credentials.value };
  return withWatcher(options, async (watcher) => {
    const enrolled = await enrol(createCore(), { ...order, raCa: raCaOf(url, options) }, watcher);
    return toOutcome(enrolled, out);
  });
}

interface RenewOptions extends RaCaOptions {
  readonly from: string;
  readonly keyType?: KeyType;
  readonly out: string;
}

/** `siteseal cmp renew` */
export function cmpRenew([url = '']: readonly string[], options: RenewOptions): Promise<Outcome> {
  const [from, out] = [resolve(options.from), resolve(options.out)];
  const order = { from, out, keyType: options.keyType };
  return withWatcher(options, async (watcher) => {
    const renewed = await renew(createCore(), { ...order, raCa: raCaOf(url, options) }, watcher);
    return toOutcome(renewed, out);
  });
}

function toOutcome(obtained: Result<EnrolledCertificate>, out: string): Outcome {
  if (!obtained.ok) {
    const lines = isUnfinished(out) ? [fill(say.unfinished, { folder: out })] : [];
    return failed(obtained.fault, {}, lines);
  }
  const { certificate, wasThere } = obtained.value;
  return done({ certificate }, [fill(wasThere ? say.wasThere : say.issued, { file: certificate })]);
}

interface RevokeOptions extends RaCaOptions {
  readonly from: string;
  readonly reason: number;
}

/** `siteseal cmp revoke` */
export function cmpRevoke([url = '']: readonly string[], options: RevokeOptions): Promise<Outcome> {
  const { reason } = options;
  return withWatcher(options, async (watcher) => {
    const question = { raCa: raCaOf(url, options), from: resolve(options.from), reason };
    const revoked = await revoke(createCore(), question, watcher);
    if (!revoked.ok) return failed(revoked.fault, { revoked: false });
    const { serialNumber, subject } = revoked.value;
    return done({ revoked: true, serialNumber }, [fill(say.revoked, { subject: nameToText(subject) })]);
  });
}

interface QuestionOptions extends RaCaOptions, CredentialOptions {
  readonly out: string;
}

/** `siteseal cmp ca-certs` */
export function cmpCaCerts([url = '']: readonly string[], options: QuestionOptions): Promise<Outcome> {
  return ask(url, options, async (question, watcher) => {
    const told = await askCaCertificates(createCore(), question, watcher);
    if (!told.ok) return failed(told.fault);
    const { file, certificates } = told.value;
    const subjects = certificates.map(({ subject }) => nameToText(subject));
    const lines = [fill(say.caCertificates, { file }), ...subjects.map((subject) => `  ${subject}`)];
    return done({ certificates: file, subjects }, [...lines, say.notTrusted]);
  });
}

/** `siteseal cmp root-update` */
export function cmpRootUpdate([url = '']: readonly string[], options: QuestionOptions): Promise<Outcome> {
  return ask(url, options, async (question, watcher) => {
    const told = await askRootUpdate(createCore(), question, watcher);
    if (!told.ok) return failed(told.fault);
    const [root] = told.value?.certificates ?? [];
    if (!told.value || !root) return done({ proposed: null }, [say.noNewRoot]);
    const { file } = told.value;
    const [subject, { sha256 }] = [nameToText(root.subject), root];
    const lines = [
      fill(say.proposedRoot, { subject, file }),
      fill(say.fingerprint, { sha256 }),
      say.compareRoot,
    ];
    return done({ proposed: file, subject, sha256 }, lines);
  });
}

async function ask(
  url: string,
  options: QuestionOptions,
  work: (question: CmpQuestion, watcher: CmpWatcher) => Promise<Outcome>,
): Promise<Outcome> {
  const credentials = credentialsOf(options);
  if (!credentials.ok) return failed(credentials.fault);
  const question = { raCa: raCaOf(url, options), out: resolve(options.out), credentials: credentials.value };
  return withWatcher(options, (watcher) => work(question, watcher));
}

async function withWatcher(
  { passphraseFile }: RaCaOptions,
  work: (watcher: CmpWatcher) => Promise<Outcome>,
): Promise<Outcome> {
  const terminal = systemTerminal();
  try {
    return await work({
      onPhase: (phase) => terminal.progress(say.phases[phase]),
      passphraseFor: (key) => {
        terminal.endProgress();
        return passphraseOf(passphraseFile)(key);
      },
    });
  } finally {
    terminal.endProgress();
  }
}

function raCaOf(url: string, { caName: name, trust, untrusted, allowHmacSha1 }: RaCaOptions): RaCa {
  const absolute = (files: readonly string[]) => files.map((file) => resolve(file));
  return {
    url,
    name,
    allowHmacSha1,
    trust: { roots: absolute(trust), untrusted: absolute(untrusted), crls: [] },
  };
}

/** The one proof that the options name; undefined for none. */
function credentialsOf(options: CredentialOptions): Result<CredentialFiles | undefined> {
  const { reference, secretFile, cert, key, chain, mac: algorithm } = options;
  const hasMac = reference !== undefined || secretFile !== undefined;
  const hasSignature = cert !== undefined || key !== undefined || chain.length > 0;
  if (!hasMac && !hasSignature) return ok(undefined);
  if (!hasSignature && reference !== undefined && secretFile !== undefined)
    return ok({ kind: 'mac', reference, secretFile: resolve(secretFile), algorithm });
  if (!hasMac && cert !== undefined && key !== undefined)
    return ok({
      kind: 'signature',
      certificate: resolve(cert),
      key: resolve(key),
      chain: chain.map((file) => resolve(file)),
    });
  return refuse('usage-invalid', { rule: 'cmp-credentials' });
}

/** The reasons of a revocation (RFC 5280 section 5.3.1) by their names without hyphens, in lower case. */
const reasons: Readonly<Record<string, number>> = {
  unspecified: 0,
  keycompromise: 1,
  cacompromise: 2,
  affiliationchanged: 3,
  superseded: 4,
  cessationofoperation: 5,
  certificatehold: 6,
  privilegewithdrawn: 9,
  aacompromise: 10,
};

/** A reason by its name, `key-compromise` or `keyCompromise`, or its number; undefined for any other text. */
export function parseReason(text: string): number | undefined {
  const name = text.replaceAll('-', '').toLowerCase();
  if (Object.hasOwn(reasons, name)) return reasons[name];
  return Object.values(reasons).find((number) => String(number) === text);
}
