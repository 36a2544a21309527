/**
 * Makes docs/test-vectors/registration/ again: `npm exec -- node test/vectors/make-registration-vector.ts`. Keys and
 * signatures differ each time, and published vectors must stay: run it only when the format has changed.
 */
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from '../../main/asn1/index.ts';
import { makeRegistration } from '../../main/bundle/index.ts';
import { parseCertificates } from '../../main/cms/index.ts';
import { signerWithKey } from '../../main/keys/index.ts';
import { labOptions as options } from '../kit/bundle.ts';
import { makeOperatorRoot, makeRegistrationKey } from '../kit/issue-certificate.ts';
import { registrationContent, registrationFolder } from './registration-vector.ts';
import { vectorsFolder } from './vector.ts';

const keyFile = (name: string) => readFileSync(join(vectorsFolder, 'keys', name));
const certificates = ['configuration.crt', 'vendor-issuing.crt'].map((name) => {
  const read = parseCertificates(keyFile(name));
  const certificate = read.ok && read.value[0];
  if (!certificate) throw new Error(name);
  return certificate;
});
const signer = signerWithKey(
  createPrivateKey({ key: keyFile('configuration.key'), passphrase: 'published' }),
  certificates.slice(0, 1),
);
if (!signer.ok) throw new Error('configuration.key');
const labOptions = { ...options, training: true };
const root = makeOperatorRoot('Lab Operator', labOptions);
const recipient = makeRegistrationKey(root, 'Lab Operator', labOptions);
const { format: _, credentials, ...head } = registrationContent;
const registration = await makeRegistration(
  head,
  credentials.map(({ reference, secret, hwType, serialNumber, subject, subjectAltNames = [] }) => ({
    enb: { hwType, serialNumber },
    ...{ subject, subjectAltNames },
    credential: { reference: Buffer.from(reference), secret: Buffer.from(secret) },
  })),
  recipient.certificate,
  { signer: signer.value, intermediates: certificates.slice(1) },
);
mkdirSync(registrationFolder, { recursive: true });
const write = (name: string, contents: string | Uint8Array) =>
  writeFileSync(join(registrationFolder, name), contents);
write('registration.p7m', registration);
write('registration.json', `${JSON.stringify(registrationContent, undefined, 2)}\n`);
write('ra.crt', encodePem('CERTIFICATE', recipient.certificate.der));
write('ra.key', recipient.key.export({ type: 'pkcs8', format: 'pem' }));
