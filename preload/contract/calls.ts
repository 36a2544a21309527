import { z } from 'zod';
import * as domain from './domain.ts';
import { fileKinds } from './file-kinds.ts';
import { jobSelections, stepNames } from './steps.ts';

/** A list call names filter, sort, offset and limit; the core applies them in the store. */
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
/** The connection to an eNB: `HOST[:PORT]`, `usb:SERIAL`, or `usb:` for the only eNB on USB. */
const address = z.string().min(1).max(300);
/** A drive, by an identifier that survives a re-plug. */
const volume = z.string().min(1).max(300);

/** Every call that the core answers. Nothing else crosses between page and core. */
export const calls = {
  'app.get': call(nothing, domain.appState),
  /** Opens one of the start choices. `training` starts the lab, and creates it if it does not exist. */
  'app.enter': call(z.strictObject({ mode: z.enum(domain.modes) }), domain.appState),
  /** Returns to the start screen. */
  'app.leave': call(nothing, domain.appState),
  /** What Siteseal consists of, and the version of Node.js that the core runs on. */
  'app.about': call(nothing, z.strictObject({ node: z.string(), parts: z.array(domain.softwarePart) })),
  /** The same parts as a CycloneDX document (SBOM), to save. */
  'app.sbom': call(nothing, z.strictObject({ fileName: z.string(), text: z.string() })),
  'app.theme': call(z.strictObject({ theme: z.enum(domain.themes) }), domain.appState),

  /** The jobs of one part, or all. The counts of all parts honour the filter. */
  'jobs.list': call(
    z.strictObject({
      ...page(['updatedAt', 'siteId', 'serialNumber', 'state']),
      show: z.enum(jobSelections).default('active'),
    }),
    pageOf(domain.jobRow).extend({ counts: domain.jobCounts }),
  ),
  'jobs.get': call(z.strictObject({ id }), domain.jobView),
  /** The jobs of an eNB, whatever their part, the one that counts first. */
  'jobs.ofEnb': call(
    z.strictObject({ hwType: z.string().max(200), serialNumber: z.string().max(200) }),
    z.strictObject({ rows: z.array(domain.jobRow) }),
  ),
  /** Makes jobs from bundle files whose vendor is trusted. The others are refused, grouped by cause. */
  'jobs.open': call(
    z.strictObject({ files: z.array(domain.fileHandle).min(1).max(1000) }),
    domain.openedBundles,
  ),
  /** Makes jobs on this laptop from the bundles of a run. */
  'jobs.openRun': call(z.strictObject({ runId: id }), domain.openedBundles),
  /** Puts jobs away, or brings them back. Refuses with `work-busy` to put away a job whose delivery is running. */
  'jobs.archive': call(z.strictObject({ ids: z.array(id).min(1).max(500), archived: z.boolean() }), nothing),
  /** Puts away all done jobs that match the filter of the list, and returns how many. */
  'jobs.archiveDone': call(
    z.strictObject({ filter: z.string().max(200).default('') }),
    z.strictObject({ archived: z.number() }),
  ),
  /** Checks that the typed text is an address, without connecting. Refuses with `address-invalid`. */
  'jobs.checkAddress': call(z.strictObject({ address }), nothing),
  /** Connects and identifies the eNB; sends nothing. */
  'jobs.identify': call(z.strictObject({ id, address }), domain.identifiedView),
  /** Sends the bundle, once confirmed. `jobs.get` reports the progress meanwhile. */
  'jobs.send': call(z.strictObject({ id, address, confirmedSerialNumber: z.string() }), domain.jobView),
  /**
   * Connects to the eNB and follows its steps until none runs; `jobs.get` reports them meanwhile. With `start`, starts
   * this step first. A delivery that the eNB accepted continues with this automatically.
   */
  'jobs.follow': call(z.strictObject({ id, address, start: z.enum(stepNames).optional() }), domain.jobView),
  /** Checks the path to the gateways from this laptop, and from the eNB if an address is given. `jobs.get` reports it. */
  'jobs.checkPath': call(z.strictObject({ id, address: address.optional() }), domain.jobView),
  'jobs.report': call(z.strictObject({ id }), domain.reportView),
  /** The receipt exactly as the eNB signed it, to be saved as a file. */
  'jobs.receipt': call(z.strictObject({ id }), z.strictObject({ fileName: z.string(), base64: z.base64() })),

  'network.get': call(nothing, domain.networkView),
  /** The eNBs found so far; in training, the lab's. */
  'enbs.found': call(nothing, domain.foundEnbs),

  'drives.list': call(nothing, z.array(domain.driveView)),
  /** Writes the bundles of jobs to a drive, once confirmed, and verifies it. The jobs report the progress. */
  'drives.write': call(
    z.strictObject({
      volume,
      jobIds: z.array(id).min(1).max(500),
      /** The serial numbers of the jobs, in the same order. */
      confirmedSerialNumbers: z.array(z.string()),
    }),
    nothing,
  ),
  /**
   * Unmounts and remounts the drive and compares its contents. With `replug` the user pulls it out and plugs it in
   * again, and the call waits for that.
   */
  'drives.verify': call(z.strictObject({ volume, replug: z.boolean() }), nothing),
  /** Makes a verified drive safe to unplug. */
  'drives.eject': call(z.strictObject({ volume }), nothing),
  /** Reads the receipts on a drive that came back. */
  'drives.collect': call(
    z.strictObject({ volume }),
    z.strictObject({ drive: z.string(), receipts: z.array(domain.collectedView) }),
  ),

  /** Reads receipts in files: copies of those on a drive. */
  'receipts.read': call(
    z.strictObject({ files: z.array(domain.fileHandle).min(1).max(1000) }),
    z.strictObject({ receipts: z.array(domain.collectedView) }),
  ),

  'vendors.list': call(nothing, z.array(domain.vendorRootView)),
  /** Shows the contents of a vendor root file before you trust it. */
  'vendors.look': call(z.strictObject({ file: domain.fileHandle }), domain.vendorRootView),
  /** Trusts the root, given the fingerprint that the user has compared. */
  'vendors.trust': call(z.strictObject({ file: domain.fileHandle, fingerprint: z.string() }), nothing),
  /** Withdraws the trust in a root. Jobs that depend on it can no longer be delivered. */
  'vendors.distrust': call(z.strictObject({ fingerprint: z.string() }), nothing),

  'operators.list': call(nothing, z.array(domain.operatorView)),
  'operators.add': call(z.strictObject({ file: domain.fileHandle }), domain.operatorView),
  'operators.remove': call(z.strictObject({ id }), nothing),
  /** The only call that carries a passphrase. */
  'operators.unlock': call(
    z.strictObject({ id, vendor: z.string().max(200), passphrase: z.string().max(1024) }),
    domain.operatorView,
  ),
  'operators.lock': call(z.strictObject({ id }), domain.operatorView),

  'runs.list': call(z.strictObject(page(['startedAt'])), pageOf(domain.runView)),
  'runs.get': call(z.strictObject({ id }), domain.runView),
  /** Checks an inventory. Answers at once with the run, whose state `runs.get` reports. */
  /**
   * Keeps the vendors' certificates of eNBs in these files and folders, so that an inventory needs only serial numbers.
   * `operators.list` reports the progress meanwhile.
   */
  'operators.importCertificates': call(
    z.strictObject({ id, files: z.array(domain.fileHandle).min(1).max(1000) }),
    domain.certificateImport,
  ),

  'runs.check': call(
    z.strictObject({
      operatorId: id,
      inventory: domain.fileHandle,
      /** Siteseal makes the credentials, and the inventory has none. */
      generateCredentials: z.boolean().default(false),
    }),
    domain.runView,
  ),
  /** Checks the same file again. A run that has made bundles stays unchanged, and a new run starts. */
  'runs.checkAgain': call(z.strictObject({ id }), domain.runView),
  /** Sets the folder for the bundles, while none are made. Refuses an unsuitable folder. */
  'runs.setFolder': call(z.strictObject({ id, folder: domain.fileHandle }), domain.runView),
  /** Makes the bundles of a checked run in its folder, or continues doing so. */
  'runs.make': call(
    z.strictObject({ id, skipBad: z.boolean(), onlyChanged: z.boolean().default(false) }),
    domain.runView,
  ),
  /** The rows of a run, also before anything is made, and how many of each kind match the filter. */
  'runs.rows': call(
    z.strictObject({
      id,
      ...page(['row', 'siteId', 'serialNumber', 'state']),
      show: z.enum(domain.rowKinds).default('all'),
    }),
    pageOf(domain.runRow).extend({ counts: z.record(z.enum(domain.rowKinds), z.number()) }),
  ),
  /** The refused rows as CSV, to be saved as a file. */
  'runs.problems': call(z.strictObject({ id }), z.strictObject({ csv: z.string() })),
  /** What the bundles change for their eNBs as CSV, to be saved as a file. */
  'runs.changes': call(z.strictObject({ id }), z.strictObject({ csv: z.string() })),
  /** Opens the run's folder in the system's file manager. */
  'runs.openFolder': call(z.strictObject({ id }), nothing),
  /** An inventory with every column and one example row, to be saved as a file. */
  'runs.template': call(nothing, z.strictObject({ csv: z.string() })),

  /**
   * Lists a folder that the page may look into; null lists those folders. Empty where the shell has its own dialogs.
   */
  'files.list': call(
    z.strictObject({ folder: domain.fileHandle.nullable(), kind: z.enum(fileKinds) }),
    z.strictObject({
      entries: z.array(z.strictObject({ handle: domain.fileHandle, isFolder: z.boolean() })),
    }),
  ),
  /** Makes a folder inside one that the page may look into. */
  'files.makeFolder': call(
    z.strictObject({ folder: domain.fileHandle, name: z.string().max(255) }),
    domain.fileHandle,
  ),

  /** Stops long work, whichever page started it. Stopping finished work does nothing. */
  'work.stop': call(z.strictObject({ id }), nothing),
  /** Pauses a run, or lets it continue. Does nothing to finished work. */
  'work.setPaused': call(z.strictObject({ id, paused: z.boolean() }), nothing),

  /** The emulated devices. This and all calls below are refused outside training. */
  'training.get': call(nothing, domain.trainingView),
  /** Something goes wrong from now on, in the emulated devices only; null ends that. */
  'training.setFault': call(
    z.strictObject({ fault: z.enum(domain.trainingFaults).nullable() }),
    domain.trainingView,
  ),
  /** Moves the emulated stick: `laptop`, `hand`, or the serial number of an eNB, which reads it at once. */
  'training.moveStick': call(z.strictObject({ to: id }), domain.trainingView),
  /** Deletes everything of training, and makes a new one. Refuses while work is in progress. */
  'training.restart': call(nothing, domain.trainingView),

  'log.list': call(
    z.strictObject({
      filter: domain.logFilter.default({}),
      descending: z.boolean().default(true),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(500).default(100),
    }),
    pageOf(domain.logRow),
  ),
  'log.get': call(nothing, domain.logView),
  /** The newest head of the log, to leave this laptop, for example on paper. */
  'log.head': call(nothing, domain.logHead),
  /**
   * Verifies the log, also against heads that are known from elsewhere. `log.get` reports the progress and the verdict.
   * `byPerson` says that the user asked for it; only then does the log note it.
   */
  'log.verify': call(
    z.strictObject({
      heads: z.array(domain.fileHandle).max(100).default([]),
      byPerson: z.boolean().default(true),
    }),
    nothing,
  ),
  /** Exports the entries that match into a folder. `log.get` reports the progress and the end. */
  'log.export': call(
    z.strictObject({
      format: z.enum(domain.logFormats),
      filter: domain.logFilter.default({}),
      folder: domain.fileHandle,
    }),
    nothing,
  ),
  /** Saves the head of the log in a folder: the checkpoint, and the proof that it extends what the office saw last. */
  'log.saveHead': call(
    z.strictObject({ folder: domain.fileHandle }),
    z.strictObject({ fileName: z.string() }),
  ),
  /** From now on entries bear this name. It is declared, not proven. */
  'log.declareName': call(z.strictObject({ name: z.string().trim().min(1).max(200) }), nothing),
  /** Erases the name of someone for good. The log stays as it is. */
  'log.eraseName': call(z.strictObject({ person: id }), nothing),
} as const;

export type CallName = keyof typeof calls;
/** What the page passes: defaults may be left out. */
export type Input<Name extends CallName> = z.input<(typeof calls)[Name]['input']>;
/** What the core receives: defaults filled in. */
export type ParsedInput<Name extends CallName> = z.output<(typeof calls)[Name]['input']>;
/** What the core answers unless it refuses. */
export type Output<Name extends CallName> = z.output<(typeof calls)[Name]['output']>;
