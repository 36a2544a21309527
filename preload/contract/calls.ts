import { z } from 'zod';
import * as domain from './domain.ts';
import { fileKinds } from './file-kinds.ts';

/** A list is asked for by filter, sort, offset and limit, and answered in the store. */
function page<Sort extends readonly [string, ...string[]]>(sorts: Sort) {
  return {
    filter: z.string().max(200).default(''),
    sort: z.enum(sorts).default(sorts[0]),
    descending: z.boolean().default(false),
    offset: z.int().min(0).default(0),
    limit: z.int().min(1).max(500).default(100),
  };
}

function pageOf<Row extends z.ZodType>(row: Row) {
  return z.strictObject({ total: z.number(), rows: z.array(row) });
}

function call<In extends z.ZodType, Out extends z.ZodType>(input: In, output: Out) {
  return { input, output };
}

const nothing = z.strictObject({});
const id = z.string().max(64);
/** The way to an eNB: `HOST[:PORT]`, `usb:SERIAL`, or `usb:` for the only one on USB. */
const way = z.string().min(1).max(300);
/** A drive, by what stays the same over a re-plug. */
const volume = z.string().min(1).max(300);

/** Every call that the core answers. Nothing else crosses. */
export const calls = {
  'app.get': call(nothing, domain.appState),
  /** Goes through a door; `training` starts the lab, and makes it when it is not there. */
  'app.enter': call(z.strictObject({ door: z.enum(domain.doors) }), domain.appState),
  /** Back to the doors. */
  'app.leave': call(nothing, domain.appState),
  'app.theme': call(z.strictObject({ theme: z.enum(['system', 'light', 'dark']) }), domain.appState),

  'jobs.list': call(
    z.strictObject(page(['updatedAt', 'siteId', 'serialNumber', 'state'])),
    pageOf(domain.jobRow),
  ),
  'jobs.get': call(z.strictObject({ id }), domain.jobView),
  /** Makes jobs of bundle files whose vendor is known; says of each file that is not taken why. */
  'jobs.open': call(
    z.strictObject({ files: z.array(domain.fileHandle).min(1).max(1000) }),
    z.strictObject({
      added: z.array(z.string()),
      refused: z.array(z.strictObject({ name: z.string(), fault: domain.faultView })),
    }),
  ),
  /** Makes jobs on this laptop of what a run has made. */
  'jobs.openRun': call(z.strictObject({ runId: id }), z.strictObject({ added: z.number() })),
  /** Says of what was typed whether it is an address at all; refuses with `address-invalid`. Nothing is connected. */
  'jobs.checkWay': call(z.strictObject({ way }), nothing),
  /** Connects and finds out which eNB it is; sends nothing. */
  'jobs.identify': call(z.strictObject({ id, way }), domain.identifiedView),
  /** Sends the bundle, once confirmed; how far it has come `jobs.get` tells meanwhile. */
  'jobs.send': call(z.strictObject({ id, way, confirmedSerialNumber: z.string() }), domain.jobView),
  'jobs.report': call(z.strictObject({ id }), domain.reportView),
  /** The receipt as the eNB has signed it, to be saved as a file. */
  'jobs.receipt': call(z.strictObject({ id }), z.strictObject({ fileName: z.string(), base64: z.base64() })),

  'network.get': call(nothing, domain.networkView),
  /** eNBs that are known to be there; in training, the lab's. */
  'enbs.found': call(nothing, domain.foundEnbs),

  /** The removable drives that are plugged in. */
  'drives.list': call(nothing, z.array(domain.driveView)),
  /** Writes the bundles of jobs to a drive, once confirmed, and verifies it; how far it has come the jobs tell. */
  'drives.write': call(
    z.strictObject({
      volume,
      jobIds: z.array(id).min(1).max(500),
      /** Those of the jobs, in their order. */
      confirmedSerialNumbers: z.array(z.string()),
    }),
    nothing,
  ),
  /** Takes the drive out and in again and compares; with `replug` a person does, and is waited for. */
  'drives.verify': call(z.strictObject({ volume, replug: z.boolean() }), nothing),
  /** Makes a drive that was verified safe to pull out. */
  'drives.eject': call(z.strictObject({ volume }), nothing),
  /** Reads the receipts on a drive that came back. */
  'drives.collect': call(
    z.strictObject({ volume }),
    z.strictObject({ drive: z.string(), receipts: z.array(domain.collectedView) }),
  ),

  'vendors.list': call(
    nothing,
    z.array(z.strictObject({ fingerprint: z.string(), subject: z.string(), until: z.string() })),
  ),
  /** What a vendor root file holds, before it is trusted. */
  'vendors.look': call(
    z.strictObject({ file: domain.fileHandle }),
    z.strictObject({ fingerprint: z.string(), subject: z.string(), until: z.string() }),
  ),
  /** Trusts the root, given the fingerprint that the person has compared. */
  'vendors.trust': call(z.strictObject({ file: domain.fileHandle, fingerprint: z.string() }), nothing),
  /** Withdraws the trust in a root; jobs that came under it cannot be delivered any more. */
  'vendors.distrust': call(z.strictObject({ fingerprint: z.string() }), nothing),

  'operators.list': call(nothing, z.array(domain.operatorView)),
  'operators.add': call(z.strictObject({ file: domain.fileHandle }), domain.operatorView),
  'operators.remove': call(z.strictObject({ id }), nothing),
  /** The one call in which a passphrase crosses. */
  'operators.unlock': call(
    z.strictObject({ id, vendor: z.string().max(200), passphrase: z.string().max(1024) }),
    domain.operatorView,
  ),
  'operators.lock': call(z.strictObject({ id }), domain.operatorView),

  'runs.list': call(z.strictObject(page(['startedAt'])), pageOf(domain.runView)),
  'runs.get': call(z.strictObject({ id }), domain.runView),
  /** Checks an inventory; answers at once with the run, whose state `runs.get` tells. */
  'runs.check': call(z.strictObject({ operatorId: id, inventory: domain.fileHandle }), domain.runView),
  /** Checks the same file once more. A run that has made bundles stays as it is, and another one begins. */
  'runs.checkAgain': call(z.strictObject({ id }), domain.runView),
  /** Says where the bundles go, as long as none are made; refuses a folder that is not for them. */
  'runs.setFolder': call(z.strictObject({ id, folder: domain.fileHandle }), domain.runView),
  /** Makes the bundles of a checked run into its folder, or goes on with it. */
  'runs.make': call(z.strictObject({ id, skipBad: z.boolean() }), domain.runView),
  'runs.rows': call(
    z.strictObject({
      id,
      ...page(['row', 'siteId', 'serialNumber', 'state']),
      onlyRefused: z.boolean().default(false),
    }),
    pageOf(domain.runRow),
  ),
  /** The rows that were refused as CSV, to be saved as a file. */
  'runs.problems': call(z.strictObject({ id }), z.strictObject({ csv: z.string() })),

  /** What lies in a folder that may be looked into; null asks for the folders themselves. Empty where the shell has
   * dialogs of its own. */
  'files.list': call(
    z.strictObject({ folder: domain.fileHandle.nullable(), kind: z.enum(fileKinds) }),
    z.strictObject({
      entries: z.array(z.strictObject({ handle: domain.fileHandle, isFolder: z.boolean() })),
    }),
  ),
  /** Makes a folder inside one that may be looked into. */
  'files.makeFolder': call(
    z.strictObject({ folder: domain.fileHandle, name: z.string().max(255) }),
    domain.fileHandle,
  ),

  /** Stops long work, whichever page started it. One that has ended needs no stop. */
  'work.stop': call(z.strictObject({ id }), nothing),

  'log.list': call(z.strictObject(page(['sequence'])), pageOf(domain.logRow)),
} as const;

/** A call by its name. */
export type CallName = keyof typeof calls;
/** What the page gives: defaults may be left out. */
export type Input<Name extends CallName> = z.input<(typeof calls)[Name]['input']>;
/** What the core gets: defaults filled in. */
export type ParsedInput<Name extends CallName> = z.output<(typeof calls)[Name]['input']>;
/** What the core answers when it does not refuse. */
export type Output<Name extends CallName> = z.output<(typeof calls)[Name]['output']>;
