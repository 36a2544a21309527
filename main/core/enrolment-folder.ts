import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { readIssued, storedIssuedSchema, storeIssued, type Issued } from '../cmp/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode, makeFolder, readFile, syncFolder, writeFileAtomically } from '../files/index.ts';
import { fields, readDocument } from '../json/index.ts';
import { generateKey } from '../keys/index.ts';
import { certificatesToPem, nameFromText, plainSpki, spkiOf } from '../pki/index.ts';
import { readCertificates } from './trust-files.ts';

/** The kinds of keys that a certificate is asked for. */
export const keyTypes = ['P-256', 'P-384', 'RSA-3072'] as const;
export type KeyType = (typeof keyTypes)[number];

const unfinishedFormat = 'siteseal-unfinished/1';
const maximumFile = 1024 * 1024;

const unfinishedSchema = z.strictObject({
  format: z.literal(unfinishedFormat),
  order: z.strictObject({
    kind: z.enum(['ir', 'kur']),
    subject: fields.text,
    subjectAltNames: z.array(fields.text),
    keyType: z.enum(keyTypes),
    /** SHA-256 of the certificate that is renewed. */
    replaces: fields.sha256.optional(),
  }),
  issued: storedIssuedSchema.optional(),
});
type Unfinished = z.infer<typeof unfinishedSchema>;

/** What a folder's certificate is asked for. */
export type FolderOrder = Unfinished['order'];

/** Where the work on a folder continues. */
export type FolderState =
  | { readonly kind: 'finished' }
  | { readonly kind: 'unfinished'; readonly key: KeyObject; readonly issued: Issued | undefined };

/** Why work on a folder cannot start or continue. */
export type FolderFaultCode = 'output-not-empty' | 'output-unwritable' | 'file-unreadable' | 'file-too-large';

/**
 * The folder of one certificate: `key.pem`, `certificate.pem` and `chain.pem`. Until the certificate is confirmed,
 * `unfinished.json` has the order, and the certificate once it is issued. So a killed process loses nothing: the key is
 * on disk before it is used, and the certificate before it is confirmed.
 */
export class EnrolmentFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get keyFile(): string {
    return join(this.path, 'key.pem');
  }

  get certificateFile(): string {
    return join(this.path, 'certificate.pem');
  }

  get chainFile(): string {
    return join(this.path, 'chain.pem');
  }

  get #unfinishedFile(): string {
    return join(this.path, 'unfinished.json');
  }

  /** Whether an order was started here and is not finished. */
  get isUnfinished(): boolean {
    return existsSync(this.#unfinishedFile);
  }

  /**
   * Starts an order here, or continues it. Refuses with `output-not-empty` if the folder holds anything but this order.
   */
  async open(order: FolderOrder): Promise<Result<FolderState, FolderFaultCode>> {
    const names = this.#names();
    if (!names.ok) return names;
    if (names.value.includes('unfinished.json')) return this.#continue(order);
    if (names.value.includes('certificate.pem') && this.#answers(order)) return ok({ kind: 'finished' });
    const [found] = names.value;
    if (found !== undefined)
      return refuse('output-not-empty', { rule: 'cmp-same-order', where: { file: this.path }, found });
    const written = this.#write(() => {
      makeFolder(this.path, 0o700);
      this.#writeUnfinished({ format: unfinishedFormat, order });
    });
    return written.ok ? this.#withKey(order.keyType, undefined) : written;
  }

  /** Keeps an issued certificate until it is confirmed. */
  keep(order: FolderOrder, issued: Issued): Result<void, 'output-unwritable'> {
    const document = { format: unfinishedFormat, order, issued: storeIssued(issued) } as const;
    return this.#write(() => this.#writeUnfinished(document));
  }

  /** Writes the certificate and its chain. Nothing of the order is left to do. */
  finish({ certificate, chain }: Issued): Result<void, 'output-unwritable'> {
    return this.#write(() => {
      writeFileAtomically(this.chainFile, Buffer.from(certificatesToPem(chain)));
      writeFileAtomically(this.certificateFile, Buffer.from(certificatesToPem([certificate])));
      rmSync(this.#unfinishedFile, { force: true });
      syncFolder(this.path);
    });
  }

  #names(): Result<readonly string[], 'output-unwritable'> {
    try {
      return ok(readdirSync(this.path).filter((name) => !name.endsWith('.part')));
    } catch (error) {
      const found = errorCode(error);
      return found === 'ENOENT' ? ok([]) : refuse('output-unwritable', { where: { file: this.path }, found });
    }
  }

  async #continue(order: FolderOrder): Promise<Result<FolderState, FolderFaultCode>> {
    const where = { file: this.#unfinishedFile };
    const bytes = readFile(this.#unfinishedFile, maximumFile);
    if (!bytes.ok) return bytes;
    const document = readDocument(bytes.value, unfinishedFormat, unfinishedSchema);
    if (!document.ok)
      return refuse('output-not-empty', { rule: 'cmp-same-order', where, because: document.fault });
    if (!isDeepStrictEqual(document.value.order, order))
      return refuse('output-not-empty', { rule: 'cmp-same-order', where });
    // A certificate that cannot be read is asked for again.
    const { issued } = document.value;
    return this.#withKey(order.keyType, issued && readIssued(issued));
  }

  /** The stored key, or a new one that is stored first. */
  async #withKey(
    keyType: KeyType,
    issued: Issued | undefined,
  ): Promise<Result<FolderState, FolderFaultCode>> {
    const stored = readFile(this.keyFile, maximumFile);
    if (stored.ok) {
      const key = keyIn(stored.value);
      stored.value.fill(0);
      const where = { file: this.keyFile };
      return key
        ? ok({ kind: 'unfinished', key, issued })
        : refuse('output-not-empty', { rule: 'cmp-same-order', where });
    }
    if (stored.fault.found !== 'ENOENT') return stored;
    const key = await generateKey(keyType);
    const pem = Buffer.from(key.export({ format: 'pem', type: 'pkcs8' }));
    const written = this.#write(() => writeFileAtomically(this.keyFile, pem, 0o600));
    pem.fill(0);
    return written.ok ? ok({ kind: 'unfinished', key, issued: undefined }) : written;
  }

  /** Whether the finished certificate is one for this order, with the key that is here. */
  #answers({ subject, replaces }: FolderOrder): boolean {
    const certificate = readCertificates(this.certificateFile);
    const stored = readFile(this.keyFile, maximumFile);
    const key = stored.ok ? keyIn(stored.value) : undefined;
    if (!certificate.ok || !key) return false;
    const [one] = certificate.value;
    const name = nameFromText(subject);
    const isForKey = Buffer.compare(spkiOf(key), plainSpki(one.publicKey)) === 0;
    const isOwn = name.ok && one.subject.key === name.value.key && isForKey;
    return isOwn && one.sha256 !== replaces;
  }

  #writeUnfinished(document: Unfinished): void {
    writeFileAtomically(this.#unfinishedFile, Buffer.from(JSON.stringify(document)), 0o600);
  }

  #write(write: () => void): Result<void, 'output-unwritable'> {
    try {
      write();
      return ok(undefined);
    } catch (error) {
      return refuse('output-unwritable', { where: { file: this.path }, found: errorCode(error) });
    }
  }
}

function keyIn(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
