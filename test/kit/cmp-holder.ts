// A holder of certificates in a separate process. It stores its key before it asks and the certificate before it
// confirms, continues what its folder has, and kills itself at POINT: `key`, `answered`, `stored` or `confirmed`.
// usage: cmp-holder.ts FOLDER URL ir|kur [POINT]
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  confirmCertificate,
  httpExchange,
  readIssued,
  requestCertificate,
  storedIssuedSchema,
  storeIssued,
  type Credentials,
  type Issued,
  type Peer,
} from '../../main/cmp/index.ts';
import { parseCertificates } from '../../main/cms/index.ts';
import { writeFileAtomically } from '../../main/files/index.ts';
import { exactly, nameFromText, type Certificate } from '../../main/pki/index.ts';
import { signerOf } from './bundle.ts';
import { credentialOf, must } from './cmp-scene.ts';
import { generateKey } from './issue-certificate.ts';

const [folder = '', url = '', kind = '', point] = process.argv.slice(2);
const exchange = httpExchange(url);
const [root] = certificatesOf('root.pem');
const [ra] = certificatesOf('ra.pem');
const name = nameFromText('CN=ENB0-M');
if (!root || !ra || !name.ok || (kind !== 'ir' && kind !== 'kur')) throw new Error('usage');

const key = stored('key', () => generateKey('P-256').export({ format: 'pem', type: 'pkcs8' }) as string);
dieAt('key');
const peer: Peer = {
  exchange: async (message, signal) => {
    const answer = await exchange(message, signal);
    dieAt(existsSync(fileOf('certificate')) ? 'confirmed' : 'answered');
    return answer;
  },
  recipient: ra.subject,
  trustAnchors: [root],
  clock: () => exactly(new Date()),
  pause: () => Promise.resolve(),
  patience: 0,
};
const credentials: Credentials = kind === 'ir' ? credentialOf('ENB0') : ownCredentials();
if (!existsSync(fileOf('certificate'))) {
  const order = { kind, key: createPrivateKey(key), subject: name.value, subjectAltNames: [] } as const;
  const issued = must(await requestCertificate(peer, credentials, order));
  stored('certificate', () => JSON.stringify(storeIssued(issued)));
  dieAt('stored');
}
must(await confirmCertificate(peer, credentials, issuedIn(kind)));

function ownCredentials(): Credentials {
  const { certificate, chain } = issuedIn('ir');
  const own = createPrivateKey(readFileSync(join(folder, 'holder-ir-key')));
  const signer = { ...signerOf({ key: own, certificate }), chain: chain.slice(0, -1) };
  return { kind: 'signature', signer };
}

function fileOf(what: string, of = kind): string {
  return join(folder, `holder-${of}-${what}`);
}

/** What a file holds. If it is missing, it is made first. */
function stored(what: string, make: () => string): string {
  if (!existsSync(fileOf(what))) writeFileAtomically(fileOf(what), Buffer.from(make()), 0o600);
  return readFileSync(fileOf(what), 'utf8');
}

function issuedIn(of: string): Issued {
  const stored = storedIssuedSchema.parse(JSON.parse(readFileSync(fileOf('certificate', of), 'utf8')));
  const issued = readIssued(stored);
  if (!issued) throw new Error('The file has no certificate');
  return issued;
}

function certificatesOf(file: string): readonly Certificate[] {
  return must(parseCertificates(readFileSync(join(folder, file))));
}

function dieAt(here: string): void {
  if (here === point) process.kill(process.pid, 'SIGKILL');
}
