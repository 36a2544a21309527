import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { confirmCertificate, httpExchange, requestCertificate, type Peer } from '../../main/cmp/index.ts';
import { exactly, nameFromText } from '../../main/pki/index.ts';
import { generateKey } from '../kit/issue-certificate.ts';
import { doCmpCryptography } from './cmp-limit.ts';
import { OpensslCmp, whyNoOpenssl } from './cmp-openssl.ts';
import {
  makeCmpScene,
  startCmpServer,
  type CmpScene,
  type Enrolling,
  type ProtectionKind,
} from '../kit/cmp-scene.ts';
import type { Figures } from './figures.ts';
import { median, rounded, time } from './rounds.ts';

const rounds = 9;
const warmUps = 2;
/** Enrolments in a round. */
const count = 25;
const opensslCount = 8;
const kinds = ['signature', 'pbm'] as const satisfies readonly ProtectionKind[];

/** Seconds for one enrolment. */
interface Round {
  readonly product: number;
  readonly limit: number;
  readonly openssl: number;
  /** openssl in one process for all, which repeats the same request. */
  readonly repeated: number;
}

/**
 * Measures enrolments over loopback: the client in this process and the RA/CA in another, with the client's keys and
 * certificates and the RA/CA's journal on disk. Beside it, in turn: the cryptography alone, and `openssl cmp` with its
 * mock server, which keeps nothing on disk.
 */
export async function benchCmp(folder: string, say: (progress: string) => void): Promise<Figures> {
  say('making an operator and its eNBs');
  const scene = makeCmpScene(folder, count * (rounds + warmUps));
  const server = await startCmpServer(folder);
  const noOpenssl = whyNoOpenssl();
  const openssl = noOpenssl === undefined ? await OpensslCmp.start(folder) : undefined;
  const kept = openSync(join(folder, 'client.json'), 'a', 0o600);
  const peer = peerFor(scene, server.port);
  const measured: Record<ProtectionKind, Round[]> = { signature: [], pbm: [] };
  try {
    for (let round = 0; round < warmUps + rounds; round++) {
      if (round === warmUps) say(`${rounds} rounds`);
      for (const kind of kinds) {
        const enbs = scene.enbs[kind].slice(round * count, (round + 1) * count);
        const product = await time(count, async () => {
          for (const enb of enbs) await enrol(peer, enb, kept);
        });
        const limit = await time(count, () => {
          for (let done = 0; done < count; done++) doCmpCryptography(scene, kind);
        });
        const single = await time(opensslCount, () => {
          for (let done = 0; done < opensslCount; done++) openssl?.enrol(kind);
        });
        const repeated = await time(opensslCount, () => openssl?.enrol(kind, opensslCount));
        if (round < warmUps) continue;
        measured[kind].push({
          product: product.elapsed,
          limit: limit.elapsed,
          openssl: single.elapsed,
          repeated: repeated.elapsed,
        });
      }
    }
  } finally {
    closeSync(kept);
    await Promise.all([server.close(), openssl?.close()]);
  }
  return toFigures(measured, noOpenssl);
}

/** One enrolment as a holder does it: the key is on disk before it asks, and the certificate before it confirms. */
async function enrol(peer: Peer, { subject, credentials }: Enrolling, kept: number): Promise<void> {
  const key = generateKey('P-256');
  const name = nameFromText(subject);
  if (!name.ok) throw new Error('Not a name');
  keep(kept, { subject, key: base64(key.export({ format: 'der', type: 'pkcs8' })) });
  const order = { kind: 'ir', key, subject: name.value, subjectAltNames: [] } as const;
  const issued = await requestCertificate(peer, credentials, order);
  if (!issued.ok) throw new Error(JSON.stringify(issued.fault));
  const { certificate, chain, pending } = issued.value;
  keep(kept, { subject, certificates: [certificate, ...chain].map(({ der }) => base64(der)), pending });
  const confirmed = await confirmCertificate(peer, credentials, issued.value);
  if (!confirmed.ok) throw new Error(JSON.stringify(confirmed.fault));
}

/** Adds a record to the file of the client, and flushes it to disk. */
function keep(file: number, record: unknown): void {
  writeSync(file, `${JSON.stringify(record)}\n`);
  fdatasyncSync(file);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function peerFor({ root, ra }: CmpScene, port: number): Peer {
  return {
    exchange: httpExchange(`http://127.0.0.1:${port}/.well-known/cmp`),
    recipient: ra.certificate.subject,
    trustAnchors: [root.certificate],
    clock: () => exactly(new Date()),
    pause: (milliseconds) => sleep(milliseconds),
    patience: 0,
  };
}

function toFigures(
  measured: Readonly<Record<ProtectionKind, readonly Round[]>>,
  noOpenssl: string | undefined,
): Figures {
  const of = (kind: ProtectionKind) => {
    const ratio = (name: keyof Round) => median(measured[kind].map((round) => round[name] / round.product));
    const rate = (name: keyof Round) => 1 / median(measured[kind].map((round) => round[name]));
    return { kind, ratio, rate };
  };
  const both = kinds.map(of);
  const lowest = (values: readonly number[]) => Math.min(...values);
  const detail = [
    `medians of ${rounds} rounds of ${count} enrolments`,
    ...both.map(({ kind, ratio, rate }) => {
      const openssl =
        noOpenssl === undefined
          ? `, openssl ${rate('openssl').toFixed(1)}/s (${ratio('openssl').toFixed(1)} times), ` +
            `openssl repeating in one process ${rate('repeated').toFixed(0)}/s`
          : '';
      return (
        `${kind}: ${rate('product').toFixed(0)}/s, cryptography alone ${rate('limit').toFixed(0)}/s ` +
        `(its share ${(ratio('limit') * 100).toFixed(0)} %)${openssl}`
      );
    }),
    ...(noOpenssl === undefined ? [] : [`no openssl: ${noOpenssl}`]),
  ];
  return {
    perSecond: rounded(lowest(both.map(({ rate }) => rate('product'))), 1),
    ofLimit: rounded(lowest(both.map(({ ratio }) => ratio('limit'))), 3),
    ...(noOpenssl === undefined && {
      timesScript: rounded(lowest(both.map(({ ratio }) => ratio('openssl'))), 1),
    }),
    detail: detail.join('; '),
  };
}
