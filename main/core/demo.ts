import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from '../asn1/index.ts';
import { ethernet, openSession } from '../device/index.ts';
import { checkSentence, faultSentence, ok, type Fault, type Result } from '../faults/index.ts';
import {
  makeConfigurationKey,
  makeEnb,
  makeOperatorRoot,
  makeVendor,
  type KeyPair,
  type LabOptions,
} from '../lab/index.ts';
import type { Certificate, EnbIdentity } from '../pki/index.ts';
import { Core, type EnbAddress } from './core.ts';
import { listen, type RunningLabEnb } from './lab-enb.ts';
import { Stores } from './stores.ts';
import type { Surroundings } from './surroundings.ts';

/** What the demonstration showed. */
export interface DemoReport {
  readonly bundle: string;
  readonly receipt: string;
  /** The codes with which the three attempts were refused. */
  readonly refusals: readonly string[];
}

const hwType = '2.25.67185770713137499404239916306837926263.10';
const first: EnbIdentity = { hwType, serialNumber: 'LAB0001' };
const second: EnbIdentity = { hwType, serialNumber: 'LAB0002' };

/**
 * The main job from end to end, with a lab of its own in the training store: prepare, deliver, receipt, then three
 * attempts that must be refused. `say` gets the story, line by line.
 */
export async function runDemo(
  surroundings: Surroundings,
  say: (line: string) => void,
): Promise<Result<DemoReport>> {
  const folder = join(new Stores(surroundings).folder(true), 'demo');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const core = new Core(surroundings);
  const running: RunningLabEnb[] = [];
  try {
    return await tell(new DemoLab(folder, surroundings, core, running), say);
  } finally {
    for (const enb of running) await enb.close();
    core.close();
  }
}

/** The story. Each part stops it when it does not come out as it must. */
async function tell(lab: DemoLab, say: (line: string) => void): Promise<Result<DemoReport>> {
  say(
    'A lab is set up: a vendor that makes base stations (eNBs), an operator, and two eNBs fresh from the factory.',
  );
  say('  Everything in it is marked as training, so that it can never be taken for real.');
  say('');
  say("1. The operator's office turns its inventory into one bundle per eNB:");
  const prepared = await lab.prepare('first');
  if (!prepared.ok) return prepared;
  say(
    `   made ${prepared.value} bundles, each signed by the operator with a key that the vendor allows to configure`,
  );
  say('   these eNBs, and with the enrolment secret encrypted so that only its own eNB can read it.');
  say('');
  say(`2. On site, the installer's laptop is connected to eNB ${first.serialNumber}:`);
  const address = await lab.start(first);
  if (!address.ok) return address;
  const bundle = lab.bundle('first', first);
  const delivered = await lab.deliver(bundle, address.value);
  if (!delivered.ok) return delivered;
  const { verdict, receipt, fault } = delivered.value;
  if (fault || !receipt) return { ok: false, fault: fault ?? { code: 'internal-error' } };
  say('   the eNB proved who it is, was sent its bundle, and the bundle was read back octet by octet.');
  say('   The eNB checked for itself:');
  for (const check of verdict?.checks ?? []) if (check.ok) say(`     ok  ${checkSentence(check.code)}`);
  say('   Its signed receipt, the proof to take home, is in');
  say(`   ${receipt}`);
  say('');
  const refusals = await tellRefusals(lab, address.value, say);
  return refusals.ok ? ok({ bundle, receipt, refusals: refusals.value }) : refusals;
}

async function tellRefusals(
  lab: DemoLab,
  address: EnbAddress,
  say: (line: string) => void,
): Promise<Result<string[]>> {
  const codes: string[] = [];
  const tellRefusal = (who: string, reason: Fault | undefined) => {
    codes.push(reason?.code ?? 'accepted');
    say(`   ${who}: ${reason ? faultSentence(reason) : 'nothing was wrong - this must not happen'}`);
    say('');
  };
  say('3. What must not work, does not:');
  say(`   - the bundle of eNB ${second.serialNumber}, for the eNB that is connected:`);
  const wrong = await lab.deliver(lab.bundle('first', second), address);
  if (!wrong.ok) return wrong;
  tellRefusal('  Siteseal sends nothing', wrong.value.fault);

  say('   - a bundle in which one bit was changed, sent past Siteseal straight to the eNB:');
  const tampered = readFileSync(lab.bundle('first', first));
  tampered[200] = (tampered[200] ?? 0) ^ 1;
  const verdict = await lab.sendUnchecked(tampered, address);
  if (!verdict.ok) return verdict;
  tellRefusal('  the eNB itself refuses', verdict.value);

  say('   - after a newer configuration, the old one again:');
  const again = await lab.prepare('second');
  if (!again.ok) return again;
  const newer = await lab.deliver(lab.bundle('second', first), address);
  if (!newer.ok) return newer;
  if (newer.value.fault) return { ok: false, fault: newer.value.fault };
  const old = await lab.deliver(lab.bundle('first', first), address);
  if (!old.ok) return old;
  tellRefusal('  Siteseal sends nothing', old.value.fault);
  return ok(codes);
}

/** The lab of the demonstration: its files, its eNBs, and what is done with them. */
class DemoLab {
  readonly #folder: string;
  readonly #surroundings: Surroundings;
  readonly #core: Core;
  readonly #running: RunningLabEnb[];
  readonly #enbs: ReadonlyMap<string, KeyPair>;
  readonly #vendorRoot: Certificate;
  readonly #chain: readonly Certificate[];
  readonly #passphrase = randomBytes(16).toString('hex');

  constructor(folder: string, surroundings: Surroundings, core: Core, running: RunningLabEnb[]) {
    this.#folder = folder;
    this.#surroundings = surroundings;
    this.#core = core;
    this.#running = running;
    const now = surroundings.now();
    const options: LabOptions = {
      keyKind: 'P-256',
      training: true,
      notBefore: new Date(now.getTime() - 24 * 3600_000),
      notAfter: new Date(now.getTime() + 10 * 365 * 24 * 3600_000),
    };
    const vendor = makeVendor('Lab Vendor', options);
    const serials = [first, second].map(({ serialNumber }) => ({
      kind: 'exact' as const,
      serial: Buffer.from(serialNumber),
    }));
    const configuration = makeConfigurationKey(
      vendor,
      'Lab Operator',
      { devices: [{ hwType, serials }] },
      options,
    );
    this.#enbs = new Map([first, second].map((enb) => [enb.serialNumber, makeEnb(vendor, enb, options)]));
    this.#vendorRoot = vendor.root.certificate;
    this.#chain = [vendor.issuing.certificate];
    this.#writeCertificate('vendor-root.pem', vendor.root.certificate);
    this.#writeCertificate('vendor-issuing.pem', vendor.issuing.certificate);
    this.#writeCertificate('operator-root.pem', makeOperatorRoot('Lab Operator', options).certificate);
    this.#writeCertificate('configuration.pem', configuration.certificate);
    for (const [serial, { certificate }] of this.#enbs) this.#writeCertificate(`${serial}.pem`, certificate);
    const cipher = { cipher: 'aes-256-cbc', passphrase: this.#passphrase } as const;
    const key = configuration.key.export({ format: 'pem', type: 'pkcs8', ...cipher });
    writeFileSync(join(folder, 'configuration.key'), key, { mode: 0o600 });
    writeFileSync(join(folder, 'operator.json'), JSON.stringify(profile, undefined, 2));
    writeFileSync(join(folder, 'inventory.csv'), inventory(now), { mode: 0o600 });
  }

  #writeCertificate(name: string, { der }: Certificate): void {
    writeFileSync(join(this.#folder, name), encodePem('CERTIFICATE', der));
  }

  bundle(run: string, { serialNumber }: EnbIdentity): string {
    return join(this.#folder, run, 'bundles', `${serialNumber}.p7m`);
  }

  /** The number of bundles made. */
  async prepare(run: string): Promise<Result<number>> {
    const report = await this.#core.prepare(
      {
        inventory: join(this.#folder, 'inventory.csv'),
        profile: join(this.#folder, 'operator.json'),
        out: join(this.#folder, run),
        skipBad: false,
        resume: false,
        dryRun: false,
      },
      {
        passphraseFor: () => Promise.resolve(ok(Buffer.from(this.#passphrase))),
        onProgress: () => undefined,
        signal: new AbortController().signal,
      },
    );
    if (!report.ok) return report;
    const bad = report.value.rows.find((row) => row.fault)?.fault;
    return bad ? { ok: false, fault: bad } : ok(report.value.made);
  }

  /** Starts an eNB with what the factory gave it, on a port of this computer. */
  async start(enb: EnbIdentity): Promise<Result<EnbAddress>> {
    const made = this.#enbs.get(enb.serialNumber);
    if (!made) throw new Error('The lab has no such eNB');
    const options = {
      ...made,
      chain: this.#chain,
      vendorRoot: this.#vendorRoot,
      folder: join(this.#folder, `enb-${enb.serialNumber}`),
      now: this.#surroundings.now,
    };
    const running = await listen(options, '127.0.0.1', 0);
    if (!running.ok) return running;
    this.#running.push(running.value);
    const trust = { roots: [join(this.#folder, 'vendor-root.pem')], untrusted: [], crls: [] };
    return ok({ ethernet: `127.0.0.1:${running.value.port}`, trust });
  }

  deliver(bundle: string, address: EnbAddress) {
    return this.#core.writeBundle(bundle, address, join(this.#folder, 'receipts'), () => undefined);
  }

  /** Sends a bundle without looking at it, as a tool that is not Siteseal might; the first check that fails. */
  async sendUnchecked(
    bundle: Uint8Array,
    { ethernet: text }: EnbAddress,
  ): Promise<Result<Fault | undefined>> {
    const clock = { now: this.#surroundings.now(), isExact: true };
    const trust = { vendorRoots: [this.#vendorRoot], intermediates: this.#chain, crls: [], clock };
    const session = await openSession(
      ethernet({ host: '127.0.0.1', port: Number(text.split(':')[1]) }),
      trust,
    );
    if (!session.ok) return session;
    const verdict = await session.value.putBundle(bundle);
    session.value.close();
    if (!verdict.ok) return verdict;
    const failed = verdict.value.checks.find((check) => check.ok === false);
    return ok(failed && { code: failed.code });
  }
}

const profile = {
  name: 'Lab Operator',
  plmn: '00101',
  operatorRootCertificates: ['operator-root.pem'],
  vendors: {
    'lab-vendor': {
      rootCertificates: ['vendor-root.pem'],
      intermediates: ['vendor-issuing.pem'],
      configurationKey: { pkcs8: 'configuration.key', certificates: ['configuration.pem'] },
    },
  },
};

function inventory(now: Date): string {
  const header =
    'site_id,site_name,vendor,enb_serial,enb_certificate,plmn,ra_url,ra_name,seg_initial,seg_traffic,outer_ip,' +
    'outer_gateway,vlan,mtu,dns,ntp,credential_reference,credential_secret,valid_from,valid_until';
  const from = now.toISOString().replace(/\.\d+/, '');
  const until = new Date(now.getTime() + 90 * 24 * 3600_000).toISOString().replace(/\.\d+/, '');
  const rows = [first, second].map(({ serialNumber }, index) =>
    [
      `T000${index + 1}`,
      `Training site ${index + 1}`,
      'lab-vendor',
      serialNumber,
      `${serialNumber}.pem`,
      '00101',
      'http://ra.pki.example:8080/pkix/',
      '"C=FI,O=Lab Operator,CN=Lab RA"',
      'seg1.backhaul.example',
      'seg2.backhaul.example',
      'dhcp',
      '',
      '101',
      '1400',
      '198.51.100.53',
      'ntp.backhaul.example',
      `enb-${serialNumber}`,
      randomBytes(16).toString('hex'),
      from,
      until,
    ].join(','),
  );
  return [header, ...rows, ''].join('\n');
}
