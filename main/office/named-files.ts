import { resolve } from 'node:path';
import { z } from 'zod';
import { isOfFitSize, maximumBundleSize } from '../bundle/index.ts';
import { parseCertificates } from '../cms/index.ts';
import type { Fault } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import type { KeySource } from '../keys/index.ts';
import { parseCrls, type Certificate, type Crl } from '../pki/index.ts';

const maximumCertificateFileSize = 1024 * 1024;
const maximumCrlFileSize = 64 * 1024 * 1024;
const maximumCrls = 16;
const maximumCrlBytes = maximumBundleSize - 128 * 1024;

/** The path of a file, absolute or relative to the profile. */
export const pathSchema = z.string().min(1).max(4096);

/** How a profile names a key of the operator and its certificates. */
export const keySchema = z.union([
  z.strictObject({ pkcs12: pathSchema }),
  z.strictObject({ pkcs8: pathSchema, certificates: z.array(pathSchema).min(1) }),
]);
type KeyDocument = z.infer<typeof keySchema>;

/** A key of the operator, still locked. */
export interface KeyFiles {
  readonly keySource: KeySource;
  /** The key's file, as the profile names it. */
  readonly keyFile: string;
}

/** Reads the files that a profile names. Keeps the first fault, so that callers check for it once at the end. */
export class NamedFiles {
  readonly #folder: string;
  fault: Fault<'profile-invalid'> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  bytes(field: string, name: string, maximum = maximumCertificateFileSize): Uint8Array {
    const bytes = readFile(resolve(this.#folder, name), maximum);
    return bytes.ok ? bytes.value : this.#refuse(field, name, bytes.fault, new Uint8Array());
  }

  /** Reads a key as it is in its files, still locked, and its certificates. */
  key(field: string, key: KeyDocument): KeyFiles {
    const keySource: KeySource =
      'pkcs12' in key
        ? { kind: 'pkcs12', file: this.bytes(`${field}.pkcs12`, key.pkcs12) }
        : {
            kind: 'pkcs8',
            file: this.bytes(`${field}.pkcs8`, key.pkcs8),
            certificates: this.certificates(`${field}.certificates`, key.certificates),
          };
    return { keySource, keyFile: 'pkcs12' in key ? key.pkcs12 : key.pkcs8 };
  }

  certificates(field: string, names: readonly string[]): readonly Certificate[] {
    return names.flatMap((name) => {
      const certificates = parseCertificates(this.bytes(field, name));
      return certificates.ok ? certificates.value : this.#refuse(field, name, certificates.fault, []);
    });
  }

  /** Reads CRLs. Every bundle carries all of them, so together they must leave room for the rest of the bundle. */
  crls(field: string, names: readonly string[]): readonly Crl[] {
    const crls = names.flatMap((name) => {
      const crls = parseCrls(this.bytes(field, name, maximumCrlFileSize));
      return crls.ok ? crls.value : this.#refuse(field, name, crls.fault, []);
    });
    const bytes = crls.reduce((sum, { der }) => sum + der.length, 0);
    const rule =
      crls.length > maximumCrls
        ? 'cms-too-many'
        : !crls.every(isOfFitSize)
          ? 'crl-size'
          : bytes > maximumCrlBytes
            ? 'bundle-size'
            : undefined;
    if (rule) this.fault ??= { code: 'profile-invalid', rule, where: { field } };
    return crls;
  }

  #refuse<Value>(field: string, found: string, because: Fault, value: Value): Value {
    this.fault ??= {
      code: 'profile-invalid',
      rule: 'profile-file',
      found,
      where: { field },
      because,
    };
    return value;
  }
}
