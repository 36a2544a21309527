import { resolve } from 'node:path';
import {
  collectReceiptsAt,
  listDrives,
  verifyDriveAt,
  writeFilesToDrive,
  type CarryOutcome,
  type CollectedReceipt,
  type Core,
  type Drive,
  type DriveAddress,
  type DriveVerdict,
} from '../core/index.ts';
import type { Fault } from '../faults/index.ts';
import { faultRecord, faultSentence, fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { systemTerminal } from './terminal.ts';
import { trustFiles, type TrustOptions } from './trust-options.ts';

const say = words.cli.drive;

/** The options of commands that use a removable drive. */
export interface DriveOptions extends TrustOptions {
  readonly drive: string;
  readonly replug?: boolean;
}

function addressOf(options: DriveOptions): DriveAddress {
  return { drive: resolve(options.drive), trust: trustFiles(options) };
}

/** `siteseal enb discover --drive` */
export async function discoverDrives(core: Core): Promise<Outcome> {
  const drives = await listDrives(core);
  if (!drives.ok) return failed(drives.fault);
  const lines = drives.value.map(driveLine);
  return done({ drives: drives.value.map(driveDocument) }, lines.length > 0 ? lines : [say.none]);
}

function driveLine({ name, device, mountPoint, fault }: Drive): string {
  if (fault) return fill(say.unfit, { name, device, fault: faultSentence(fault) });
  return mountPoint
    ? fill(say.mounted, { name, device, mountPoint })
    : fill(say.notMounted, { name, device });
}

/** An encrypted drive cannot even be read. */
function driveDocument({ fault, ...drive }: Drive) {
  const readOnly = fault !== undefined && fault.code !== 'drive-encrypted';
  return { ...drive, readOnly, ...(fault && { fault: faultRecord(fault) }) };
}

/** `siteseal enb write --drive`: writes, then unmounts and remounts the drive and verifies it. */
export async function writeDrive(
  core: Core,
  bundles: readonly string[],
  options: DriveOptions,
): Promise<Outcome> {
  const address = addressOf(options);
  const terminal = systemTerminal();
  const files = bundles.map((bundle) => resolve(bundle));
  let count = 0;
  const written = await writeFilesToDrive(core, files, address, () =>
    terminal.progress(fill(say.writing, { done: ++count, total: files.length })),
  );
  terminal.endProgress();
  if (!written.ok) return failed(written.fault, { state: 'selected' });
  const bad = written.value.find((outcome) => outcome.fault);
  const document = { state: bad ? 'writing' : 'written', enbs: written.value.map(toDocument) };
  if (bad?.fault) return failed(bad.fault, document, written.value.map(writtenLine));
  const verdict = await verify(core, options);
  if (verdict.ok) return verdictOutcome(verdict.value);
  return failed(verdict.fault, document, [say.unverified]);
}

/** `siteseal enb verify --drive` */
export async function verifyDrive(core: Core, options: DriveOptions): Promise<Outcome> {
  const verdict = await verify(core, options);
  return verdict.ok ? verdictOutcome(verdict.value) : failed(verdict.fault, { state: 'written' });
}

async function verify(core: Core, options: DriveOptions) {
  const terminal = systemTerminal();
  const replug = options.replug
    ? (state: 'waiting-for-unplug' | 'waiting-for-plug') => terminal.progress(say[state])
    : undefined;
  const verdict = await verifyDriveAt(core, addressOf(options), replug);
  terminal.endProgress();
  return verdict;
}

function verdictOutcome(verdict: DriveVerdict): Outcome {
  const enbs = verdict.entries.map((one) => ({
    serialNumber: one.entry.enb.serialNumber,
    state: one.state,
    ...(one.state === 'damaged' && { fault: faultRecord(one.fault) }),
  }));
  const lines = enbs.map(({ serialNumber, state }) => fill(say.entry, { serialNumber, state }));
  switch (verdict.kind) {
    case 'verified':
      return done({ state: 'carried', ejected: true, enbs }, [...lines, say.verified]);
    case 'verified-not-ejected':
      return done({ state: 'verified', ejected: false, enbs, fault: faultRecord(verdict.fault) }, [
        ...lines,
        say.notEjected,
        faultSentence(verdict.fault),
      ]);
    case 'damaged': {
      const damaged = verdict.entries.find((one) => one.state === 'damaged');
      const fault: Fault = damaged?.state === 'damaged' ? damaged.fault : { code: 'drive-damaged' };
      return failed(fault, { state: 'written', ejected: false, enbs }, lines);
    }
  }
}

function toDocument({ enb, state, fault }: CarryOutcome) {
  return { serialNumber: enb.serialNumber, state, ...(fault && { fault: faultRecord(fault) }) };
}

function writtenLine({ enb, state }: CarryOutcome): string {
  return fill(state === 'written' ? say.written : say.notWritten, { serialNumber: enb.serialNumber });
}

/** `siteseal enb receipt --drive`: reads the receipts that eNBs have left on a drive. */
export async function collectFromDrive(
  core: Core,
  options: DriveOptions,
  out: string | undefined,
): Promise<Outcome> {
  const receipts = await collectReceiptsAt(core, addressOf(options), out);
  if (!receipts.ok) return failed(receipts.fault);
  const bad = receipts.value.find((one) => one.kind === 'unusable');
  const lines = receipts.value.map(receiptLine);
  const document = {
    receipts: receipts.value.map((one) =>
      one.kind === 'unusable' ? { ...one, fault: faultRecord(one.fault) } : one,
    ),
  };
  if (bad?.kind === 'unusable') return failed(bad.fault, document, lines);
  return done(document, lines.length > 0 ? lines : [say.noReceipt]);
}

function receiptLine(one: CollectedReceipt): string {
  const sentence = say.receipts[one.kind];
  switch (one.kind) {
    case 'proven':
      return fill(sentence, { serialNumber: one.enb.serialNumber, file: one.file });
    case 'refused':
      return fill(sentence, {
        serialNumber: one.enb.serialNumber,
        checks: one.failed.join(', '),
        file: one.file,
      });
    case 'known':
      return fill(sentence, { folder: one.folder });
    case 'unusable':
      return fill(sentence, { folder: one.folder, fault: faultSentence(one.fault) });
  }
}
