/**
 * The common fixtures of preparation: the office of an operator, with its profile, keys, certificates and inventories
 * as files in a fresh folder, and a data folder. Everything takes place at `now`.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Bundle, judgeBundle, type Acceptance, type Configuration } from '../../main/bundle/index.ts';
import {
  createCore,
  prepareBundles,
  unlockWith,
  withoutPolicy,
  type Surroundings,
} from '../../main/core/index.ts';
import type { PrepareControls, VendorPassphrase } from '../../main/core/prepare.ts';
import { createRun, driveSystem } from '../../main/drive/index.ts';
import { nativeUsbBus } from '../../main/device/index.ts';
import { ok, type Fault, type Result } from '../../main/faults/index.ts';
import { makeConfigurationKey, makeEnb, makeOperatorRoot, makeVendor } from './issue-certificate.ts';
import type { KeyPair, LabOptions, LabVendor } from '../../main/lab/index.ts';
import type { EnbIdentity } from '../../main/pki/index.ts';
import { openStore, type Store } from '../../main/store/index.ts';
import { readCsv } from '../../main/office/csv.ts';
import type { PrepareReport, PrepareRequest } from '../../main/office/index.ts';
import { authorisationFor, clock, hwType, labOptions, now, referenceOperator } from './bundle.ts';
import { deadlines, pem, temporaryFolder } from './enb.ts';
import { noNetwork } from './path.ts';

/** One row of an inventory, by column. */
export type Row = Readonly<Record<string, string>>;

/** How an inventory is written. */
export interface CsvForm {
  readonly separator?: string;
  readonly lineEnd?: string;
  readonly byteOrderMark?: boolean;
}

export const requiredColumns = [
  ...['site_id', 'site_name', 'vendor', 'enb_serial', 'enb_certificate', 'plmn', 'ra_url', 'ra_name'],
  ...['seg_initial', 'seg_traffic', 'outer_ip', 'outer_gateway', 'vlan', 'mtu', 'dns', 'ntp'],
  ...['credential_reference', 'credential_secret', 'valid_from', 'valid_until'],
];

/** A gateway that everything is behind. An initial gateway must say so. */
const everything = { remoteSubnets: ['0.0.0.0/0', '::/0'] };

/** CSV of cells, quoted where they need it. */
export function csv(
  rows: readonly (readonly string[])[],
  { separator = ',', lineEnd = '\n', byteOrderMark = false }: CsvForm = {},
): string {
  const quote = (cell: string) => (/[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const lines = rows.map((cells) => cells.map(quote).join(separator) + lineEnd);
  return `${byteOrderMark ? '\ufeff' : ''}${lines.join('')}`;
}

/** The cells of rows under their header: the required columns, and the extra columns of any row. */
export function cellsOf(rows: readonly Row[]): readonly (readonly string[])[] {
  const header = [...new Set([...requiredColumns, ...rows.flatMap((row) => Object.keys(row))])];
  return [header, ...rows.map((row) => header.map((name) => row[name] ?? ''))];
}

/** The core's surroundings in tests, with a data folder. */
export function surroundingsIn(dataFolder: string, changes: Partial<Surroundings> = {}): Surroundings {
  return {
    now: () => now,
    monotonic: () => 12_345.6,
    bootId: 'boot-of-the-tests',
    newId: randomUUID,
    later: () => () => undefined,
    dataFolder,
    policy: ok(withoutPolicy),
    userName: 'preparer',
    process: process.pid,
    processors: 2,
    isAlive: () => true,
    usb: nativeUsbBus(),
    drives: driveSystem(process.platform, createRun(process.env, 10_000)),
    deadlines,
    discovery: { watch: () => () => undefined, list: () => [] },
    network: noNetwork,
    links: () => [],
    showFolder: () => Promise.resolve(undefined),
    pause: (milliseconds) => setTimeout(milliseconds),
    ...changes,
  };
}

/** What `Office.prepare` does differently from a plain run into `out`. */
export type PrepareChanges = Partial<PrepareRequest> &
  Partial<Omit<PrepareControls, 'unlock' | 'lock'>> & {
    readonly passphraseFor?: VendorPassphrase;
    readonly surroundings?: Partial<Surroundings>;
  };

/** A folder with the contents of an operator's office. */
export class Office {
  readonly folder = temporaryFolder();
  readonly home = join(this.folder, 'home');
  readonly passphrase: string;
  #profile: object = {};

  constructor(passphrase: string) {
    this.passphrase = passphrase;
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  write(name: string, contents: string | Uint8Array): string {
    writeFileSync(this.path(name), contents);
    return this.path(name);
  }

  /** Writes the profile that the office has from now on. */
  setProfile(document: object): string {
    this.#profile = document;
    return this.write('operator.json', JSON.stringify(document));
  }

  /** Writes the profile with these members in place of the office's own. */
  writeProfile(changes: object, name = 'operator.json'): string {
    return this.write(name, JSON.stringify({ ...this.#profile, ...changes }));
  }

  writeInventory(rows: readonly Row[], form: CsvForm = {}, name = 'inventory.csv'): string {
    return this.write(name, csv(cellsOf(rows), form));
  }

  /** Makes bundles in this process, by default from `inventory.csv` and `operator.json` into `out`. */
  async prepare(changes: PrepareChanges = {}): Promise<Result<PrepareReport>> {
    const { surroundings, passphraseFor, unlockInventory, lockedFault, onProgress, signal, ...request } =
      changes;
    const core = createCore(surroundingsIn(this.home, surroundings));
    try {
      return await prepareBundles(
        core,
        {
          inventory: this.path('inventory.csv'),
          profile: this.path('operator.json'),
          out: this.path('out'),
          skipBad: false,
          resume: false,
          dryRun: false,
          ...request,
        },
        {
          ...unlockWith(core, passphraseFor ?? (() => Promise.resolve(ok(Buffer.from(this.passphrase))))),
          ...(unlockInventory && { unlockInventory }),
          ...(lockedFault && { lockedFault }),
          onProgress: onProgress ?? (() => undefined),
          signal: signal ?? new AbortController().signal,
        },
      );
    } finally {
      core.stores.close();
    }
  }

  /** The report of a run that must return one. */
  async report(changes: PrepareChanges = {}): Promise<PrepareReport> {
    const report = await this.prepare(changes);
    assert(report.ok, JSON.stringify(report));
    return report.value;
  }

  /** The fault of a run that must be refused as a whole. */
  async refusal(changes: PrepareChanges = {}): Promise<Fault> {
    const report = await this.prepare(changes);
    assert(!report.ok, JSON.stringify(report));
    return report.fault;
  }

  /** The faults of rows that are only checked, by row. */
  async faults(rows: readonly Row[], form: CsvForm = {}): Promise<readonly (Fault | undefined)[]> {
    this.writeInventory(rows, form);
    const report = await this.report({ dryRun: true });
    return report.rows.map(({ fault }) => fault);
  }

  /** The names of the bundles in an output folder, in order. */
  bundleNames(out = 'out'): readonly string[] {
    return readdirSync(this.path(out, 'bundles')).sort();
  }

  bundle(name: string, out = 'out'): Buffer {
    return readFileSync(this.path(out, 'bundles', `${name}.p7m`));
  }

  /** The configuration in the bundle of an eNB. */
  configuration(name: string, out = 'out'): Configuration {
    const read = new Bundle(this.bundle(name, out)).unverified;
    assert(read.ok, JSON.stringify(read));
    return read.value.configuration;
  }

  /** The cells of `report.csv`, under the header. */
  reportCsv(out = 'out'): readonly Readonly<Record<string, string>>[] {
    const rows = [...readCsv(readFileSync(this.path(out, 'report.csv')), 0x2c)];
    const [header, ...lines] = rows.map(({ cells }) => cells.map((cell) => cell.toString()));
    assert.deepEqual(header, ['row', 'line', 'site', 'serial', 'state', 'fault', 'detail']);
    return lines.map(([row = '', line = '', site = '', serial = '', state = '', fault = '']) => {
      return { row, line, site, serial, state, fault };
    });
  }

  /** Looks into the store, real or for training. */
  withStore<Value>(look: (store: Store) => Value, training = false): Value {
    const store = openStore(training ? join(this.home, 'training') : this.home);
    assert(store.ok, JSON.stringify(store));
    try {
      return look(store.value);
    } finally {
      store.value.close();
    }
  }
}

export interface LabOfficeOptions extends Partial<LabOptions> {
  /** The eNBs that have certificates. */
  readonly serials?: readonly string[];
  /** The serial numbers, and ranges of them, that the configuration key may configure. */
  readonly authorised?: readonly string[];
}

/** An office of the lab, with one vendor. */
export class LabOffice extends Office {
  readonly vendor: LabVendor;
  readonly configurationKey: KeyPair;
  readonly operatorRoot: KeyPair;
  readonly options: LabOptions;
  readonly #enbs = new Map<string, KeyPair>();

  constructor({ serials = ['LAB0001', 'LAB0002'], authorised, ...options }: LabOfficeOptions = {}) {
    super('correct horse');
    this.options = { ...labOptions, ...options };
    this.vendor = makeVendor('Lab Vendor', this.options);
    const scope = authorisationFor(authorised ?? ['LAB0000-LAB9999', ...serials]);
    this.configurationKey = makeConfigurationKey(this.vendor, 'Lab Operator', scope, this.options);
    this.operatorRoot = makeOperatorRoot('Lab Operator', this.options);
    for (const serialNumber of serials) this.addEnb({ hwType, serialNumber });
    this.writeCertificate('vendor-root.pem', this.vendor.root);
    this.writeCertificate('vendor-issuing.pem', this.vendor.issuing);
    this.writeCertificate('operator-root.pem', this.operatorRoot);
    this.writeCertificate('configuration.pem', this.configurationKey);
    this.write('configuration.key', this.encrypted(this.configurationKey));
    this.setProfile({
      name: 'Lab Operator',
      plmn: '24491',
      operatorRootCertificates: ['operator-root.pem'],
      securityGateways: { 'seg1.backhaul.example': everything },
      vendors: { lab: this.vendorMember() },
    });
  }

  /** The vendor's member of the profile. */
  vendorMember(changes: object = {}): object {
    return {
      rootCertificates: ['vendor-root.pem'],
      intermediates: ['vendor-issuing.pem'],
      configurationKey: { pkcs8: 'configuration.key', certificates: ['configuration.pem'] },
      ...changes,
    };
  }

  /** PKCS#8 of the key, encrypted with the passphrase of the office. */
  encrypted({ key }: KeyPair, passphrase = this.passphrase): string {
    const cipher = { cipher: 'aes-256-cbc', passphrase };
    return key.export({ format: 'pem', type: 'pkcs8', ...cipher }).toString();
  }

  writeCertificate(name: string, ...pairs: readonly KeyPair[]): string {
    return this.write(name, pairs.map(({ certificate }) => pem(certificate)).join(''));
  }

  /** Makes an eNB, with its certificate in a file of this name. */
  addEnb(enb: EnbIdentity, options: Partial<LabOptions> = {}, name = `${enb.serialNumber}.pem`): KeyPair {
    const pair = makeEnb(this.vendor, enb, { ...this.options, ...options });
    this.#enbs.set(name, pair);
    this.writeCertificate(name, pair);
    return pair;
  }

  enb(serialNumber: string): KeyPair {
    const pair = this.#enbs.get(`${serialNumber}.pem`);
    assert(pair, serialNumber);
    return pair;
  }

  /** A fully valid row for an eNB. */
  row(serialNumber: string, changes: Row = {}): Row {
    return {
      site_id: `S-${serialNumber}`,
      site_name: `Mill of ${serialNumber}`,
      vendor: 'lab',
      enb_serial: serialNumber,
      enb_certificate: `${serialNumber}.pem`,
      plmn: '24491',
      ra_url: 'http://ra.pki.example:8080/pkix/',
      ra_name: 'C=FI,O=Lab Operator,CN=Lab RA',
      seg_initial: 'seg1.backhaul.example',
      seg_traffic: 'seg2.backhaul.example;198.51.100.22',
      outer_ip: '198.51.100.12/24',
      outer_gateway: '198.51.100.1',
      vlan: '101',
      mtu: '1400',
      dns: '198.51.100.53;2001:db8::53',
      ntp: 'ntp.backhaul.example',
      credential_reference: `ref-${serialNumber}`,
      credential_secret: `secret of ${serialNumber}`,
      valid_from: '2026-11-01T00:00:00Z',
      valid_until: '2027-11-01T00:00:00Z',
      ...changes,
    };
  }

  /** Checks the bundle of an eNB as that eNB does. */
  judge(serialNumber: string, out = 'out', lastSequence = 0): Acceptance {
    const { key, certificate } = this.enb(serialNumber);
    return judgeBundle(new Bundle(this.bundle(serialNumber, out)), {
      vendorRoots: [this.vendor.root.certificate],
      clock,
      enb: { hwType, serialNumber, certificate },
      enbKey: key,
      lastEpoch: 0,
      lastSequence,
    });
  }

  /** The sealed part of the bundle of an eNB, which must accept it. */
  sealed(serialNumber: string, out = 'out') {
    const { accepted, checks, sealed } = this.judge(serialNumber, out);
    assert(accepted, JSON.stringify(checks));
    return sealed;
  }
}

/** The vendors of the reference operator in the form of a profile. */
export function referenceVendors(): Readonly<Record<string, object>> {
  return Object.fromEntries(
    ['vendor-a', 'vendor-b'].map((vendor) => [
      vendor,
      {
        rootCertificates: [join(referenceOperator, vendor, 'root.crt')],
        intermediates: [join(referenceOperator, vendor, 'sub.crt')],
        configurationKey: { pkcs12: join(referenceOperator, 'operator', `config-${vendor}.p12`) },
      },
    ]),
  );
}

/** The office of the reference operator: two vendors, one with EC keys and one with RSA. */
export function referenceOffice(): Office {
  const office = new Office('field-test');
  office.setProfile({
    name: 'Example Mobile',
    plmn: '24491',
    operatorRootCertificates: [join(referenceOperator, 'operator', 'root.crt')],
    securityGateways: { 'seg1.backhaul.example': everything },
    vendors: referenceVendors(),
  });
  return office;
}

/** Rows of an inventory of the reference operator, counted from 1, as text that works in any folder. */
export function referenceRows(wanted: readonly number[], file = 'inventory.csv'): string {
  const lines = readFileSync(join(referenceOperator, file), 'utf8').split('\n');
  const [header = ''] = lines;
  const rows = wanted.map((row) => lines[row] ?? '');
  return [header, ...rows, '']
    .join('\n')
    .replaceAll(/,(vendor-[ab]\/)/g, (_, path: string) => `,${join(referenceOperator, path)}/`);
}

/** Makes a folder of the office. */
export function makeFolder(office: Office, ...names: readonly string[]): string {
  const folder = office.path(...names);
  mkdirSync(folder, { recursive: true });
  return folder;
}
