/**
 * The common fixtures of removable drives: an operating system with one drive, which is a folder, and files to put on
 * it.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Drive,
  DriveEntry,
  DriveFolder,
  DriveSystem,
  PlacedEntry,
  WriteOutcome,
} from '../../main/drive/index.ts';
import { ok, refuse } from '../../main/faults/index.ts';
import { hwType, makeChallenge } from './bundle.ts';
import { temporaryFolder } from './enb.ts';

export const judgeGood = () => ok(undefined);

/** Something to write for an eNB; the drive itself does not look into bundles. */
export function entryFor(serialNumber: string, changes: Partial<DriveEntry> = {}): DriveEntry {
  const bundle = Buffer.from(`bundle of ${serialNumber}`.repeat(100));
  const request = { challenge: makeChallenge(), auditHead: 'siteseal\n7\nhead\n' };
  return { enb: { hwType, serialNumber }, bundle, request, ...changes };
}

export function placedEntries(outcomes: readonly WriteOutcome[]): readonly PlacedEntry[] {
  return outcomes.map(({ entry }) => entry);
}

/** A path on the drive below `siteseal/`. */
export function onDrive({ mountPoint }: DriveFolder, ...names: readonly string[]): string {
  return join(mountPoint, 'siteseal', ...names);
}

export interface FakeSystem extends DriveSystem {
  /** The calls that it received, in order. */
  readonly calls: readonly string[];
  readonly place: DriveFolder & { readonly kind: 'drive' };
  readonly pullOut: () => void;
  readonly plugIn: () => void;
}

export interface FakeSystemOptions extends Partial<DriveSystem> {
  /** What the drive does with its contents between unmounting and mounting. */
  readonly whileUnmounted?: () => void;
  /** Other drives that are also plugged in. */
  readonly others?: readonly Drive[];
}

/** An operating system with one drive, mounted. Everything works unless the options say otherwise. */
export function fakeSystem({
  whileUnmounted = () => undefined,
  others = [],
  ...changes
}: FakeSystemOptions = {}): FakeSystem {
  const mountPoint = join(temporaryFolder(), 'SITE42');
  const away = `${mountPoint}.away`;
  mkdirSync(mountPoint);
  const drive: Drive = {
    device: '/dev/sdb1',
    volume: '7066-8977',
    name: 'SITE42, Field Flash Drive',
    mountPoint,
    size: 16e9,
    free: 15e9,
    fault: undefined,
    fileSystem: 'vfat',
  };
  const calls: string[] = [];
  let now: Drive | undefined = drive;
  const unmount = () => {
    renameSync(mountPoint, away);
    now = { ...drive, mountPoint: undefined };
    whileUnmounted();
  };
  const mount = () => {
    renameSync(away, mountPoint);
    now = drive;
  };
  const noted =
    <Arguments extends readonly unknown[], Answer>(
      name: string,
      action: (...args: Arguments) => Promise<Answer>,
    ) =>
    (...args: Arguments) => {
      calls.push(name);
      return action(...args);
    };
  const done = (action: () => void) => () => {
    action();
    return Promise.resolve(ok(undefined));
  };
  return {
    calls,
    place: { kind: 'drive', mountPoint, drive },
    pullOut: () => {
      unmount();
      now = undefined;
    },
    plugIn: mount,
    list: changes.list ?? (() => Promise.resolve(ok(now ? [...others, now] : others))),
    find:
      changes.find ??
      (() =>
        Promise.resolve(
          now?.mountPoint === undefined
            ? refuse('drive-gone')
            : ok({ kind: 'drive', mountPoint, drive: now }),
        )),
    unmount: noted('unmount', changes.unmount ?? done(unmount)),
    mount: noted('mount', changes.mount ?? done(mount)),
    eject: noted('eject', changes.eject ?? done(() => undefined)),
  };
}

/** Writes a file into a folder where the drive's file system is away from its mount point. */
export function writeAway({ place }: FakeSystem, path: string, bytes: string | Uint8Array): void {
  writeFileSync(join(`${place.mountPoint}.away`, 'siteseal', path), bytes);
}
