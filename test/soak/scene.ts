/** Vendor, operator, eNBs and their bundles, as files: the starting point of the soak and of an outside program. */
import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from '../../main/asn1/index.ts';
import { makeBundle } from '../../main/bundle/index.ts';
import { makeEnb, type KeyPair } from '../kit/issue-certificate.ts';
import type { Certificate } from '../../main/pki/index.ts';
import { configurationFor, hwType, labOptions, makeScene, sealingFor } from '../kit/bundle.ts';
import type { PlannedDelivery } from './plan.ts';

export interface Prepared extends PlannedDelivery {
  readonly bundle: string;
  readonly bundleSha256: string;
}

/** The paths of an eNB's files below the soak's folder. */
export function enbFiles(folder: string, serial: string) {
  const own = join(folder, 'enbs', serial);
  return {
    identity: join(own, 'enb.pem'),
    key: join(own, 'enb.key'),
    state: join(own, 'state'),
    chain: join(folder, 'vendor-issuing.pem'),
    vendorRoot: join(folder, 'vendor-root.pem'),
  };
}

/** Makes the eNBs of the plan and a bundle for each delivery, in a folder. */
export async function prepareScene(
  folder: string,
  plan: readonly PlannedDelivery[],
  now: Date,
): Promise<readonly Prepared[]> {
  const scene = makeScene();
  const write = (file: string, contents: string | Uint8Array) => {
    writeFileSync(file, contents, { mode: 0o600 });
    return file;
  };
  mkdirSync(join(folder, 'bundles'), { recursive: true });
  write(join(folder, 'vendor-root.pem'), pem(scene.vendor.root.certificate));
  write(join(folder, 'vendor-issuing.pem'), pem(scene.vendor.issuing.certificate));
  const enbs = new Map<string, KeyPair>();
  for (const serial of new Set(plan.map((one) => one.serial))) {
    const files = enbFiles(folder, serial);
    const enb = makeEnb(scene.vendor, { hwType, serialNumber: serial }, labOptions);
    mkdirSync(files.state, { recursive: true });
    write(files.identity, pem(enb.certificate));
    write(files.key, enb.key.export({ format: 'pem', type: 'pkcs8' }).toString());
    enbs.set(serial, enb);
  }
  const day = 24 * 3600_000;
  const at = (offset: number) => new Date(now.getTime() + offset).toISOString().replace(/\.\d+/, '');
  const prepare = async (delivery: PlannedDelivery): Promise<Prepared> => {
    const { id, serial, isRival } = delivery;
    const enb = enbs.get(serial);
    if (!enb) throw new Error(`${serial} is not in the plan`);
    const sequence = isRival ? delivery.sequence - 10 : delivery.sequence;
    const bytes = await makeBundle(
      configurationFor(scene, {
        sequence,
        issuedAt: at(-60_000),
        notBefore: at(-day),
        notAfter: at(30 * day),
        enb: {
          hwType,
          serialNumber: serial,
          certificateSha256: enb.certificate.sha256,
        },
      }),
      sealingFor(scene, { recipient: enb.certificate }),
      scene.signing,
    );
    const bundle = write(join(folder, 'bundles', `${id}.p7m`), bytes);
    return { ...delivery, sequence, bundle, bundleSha256: hash('sha256', bytes) };
  };
  return Promise.all(plan.map(prepare));
}

function pem({ der }: Certificate): string {
  return encodePem('CERTIFICATE', der);
}
