import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from '../../main/asn1/index.ts';
import type { Credentials } from '../../main/cmp/index.ts';
import { registrationsFormat } from '../../main/lab/index.ts';
import { signerOf } from './bundle.ts';
import { makePki } from './cmp-pki.ts';
import { end, endWithThisProcess } from './desktop.ts';
import { issue, issueCertificate, makeEnb, type KeyPair } from './issue-certificate.ts';

/** How an enrolment is protected. */
export type ProtectionKind = 'signature' | 'pbm';

/** One eNB that enrols. */
export interface Enrolling {
  readonly subject: string;
  readonly credentials: Credentials;
}

/** An operator with its CA and RA, a vendor, and eNBs that are registered. */
export interface CmpScene {
  readonly root: KeyPair;
  readonly ca: KeyPair;
  readonly ra: KeyPair;
  readonly vendorRoot: KeyPair;
  readonly vendorIssuing: KeyPair;
  readonly enbs: Readonly<Record<ProtectionKind, readonly Enrolling[]>>;
}

const hwType = '1.3.6.1.4.1.32473.7.1';
const day = 24 * 3_600_000;
/** OpenSSL's default. */
export const iterations = 500;

/** Makes everything, and the files of the RA/CA and of openssl in a folder. */
export function makeCmpScene(folder: string, count: number): CmpScene {
  const dates = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 365 * day) };
  const options = { ...dates, training: false, keyKind: 'P-256' as const };
  const { operatorRoot: root, operatorCa: ca, ra, vendor } = makePki(options);
  const names = Array.from({ length: count }, (_, index) => `ENB${index}`);
  const scene: CmpScene = {
    root,
    ca,
    ra,
    vendorRoot: vendor.root,
    vendorIssuing: vendor.issuing,
    enbs: {
      signature: names.map((serialNumber) => ({
        subject: `CN=${serialNumber}-S`,
        credentials: {
          kind: 'signature',
          signer: signerOf(makeEnb(vendor, { hwType, serialNumber }, options), vendor.issuing),
        },
      })),
      pbm: names.map((serialNumber) => ({
        subject: `CN=${serialNumber}-M`,
        credentials: credentialOf(serialNumber),
      })),
    },
  };
  const registrations = names.flatMap((serialNumber) => [
    { hwType, serialNumber, protection: 'vendor-certificate', subject: `CN=${serialNumber}-S` },
    {
      hwType,
      serialNumber: `${serialNumber}-M`,
      protection: 'mac',
      subject: `CN=${serialNumber}-M`,
      credential: { reference: serialNumber, secret: secretOf(serialNumber) },
    },
  ]);
  writeFileSync(
    join(folder, 'registrations.json'),
    JSON.stringify({ format: registrationsFormat, registrations }),
  );
  // What openssl's mock server gives to everybody, and the key that it fits.
  const enb = issue({ subject: 'CN=ENB0-S', ...options }, 'P-256', ca);
  const device = issueCertificate({ subject: 'CN=Device', ...options }, enb.key, ca);
  const pairs = { root, ca, ra, 'vendor-root': vendor.root, 'vendor-issuing': vendor.issuing, issued: enb };
  for (const [name, { key, certificate }] of Object.entries(pairs)) {
    writeFileSync(join(folder, `${name}.pem`), encodePem('CERTIFICATE', certificate.der));
    writeFileSync(join(folder, `${name}.key`), key.export({ format: 'pem', type: 'pkcs8' }));
  }
  writeFileSync(join(folder, 'device.pem'), encodePem('CERTIFICATE', device.der));
  return scene;
}

/** The credential of an eNB. */
export function credentialOf(serialNumber: string): Credentials {
  const [reference, secret] = [Buffer.from(serialNumber), Buffer.from(secretOf(serialNumber))];
  return { kind: 'mac', reference, secret, algorithm: 'pbm', iterations };
}

function secretOf(serialNumber: string): string {
  return `${serialNumber} correct horse battery`;
}

/** The value of a result that must be good. */
export function must<Value>(
  result: { readonly ok: true; readonly value: Value } | { readonly ok: false },
): Value {
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.value;
}

/** Starts the RA/CA of a scene in a separate process; at `point` of its journal it kills itself. */
export async function startCmpServer(folder: string, point?: string) {
  const program = join(import.meta.dirname, 'cmp-server.ts');
  const child = spawn(process.execPath, [program, folder, ...(point === undefined ? [] : [point])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithThisProcess(child);
  const ended = once(child, 'exit').then(() => {
    throw new Error('The RA/CA ended before it listened');
  });
  const said = once(child.stdout.setEncoding('utf8'), 'data') as Promise<[string]>;
  const [line] = await Promise.race([said, ended]);
  ended.catch(() => undefined);
  const { port } = JSON.parse(line) as { readonly port: number };
  return { port, child, close: () => end(child) };
}
