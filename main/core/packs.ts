import { hash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appendRefusals, reasonOf, type OpenedStore } from '../audit/index.ts';
import { Bundle, type Configuration } from '../bundle/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { fault, ok, prependWhere, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { errorCode, makeFolder, systemErrorCode } from '../files/index.ts';
import type { Signer } from '../keys/index.ts';
import type { Profile, Vendor } from '../office/index.ts';
import {
  ChangedBundle,
  encodedForPack,
  JobPack,
  jobPackEntries,
  judgeOffice,
  packedFileName,
  writeZip,
  type JobPackDocument,
  type PackedBundle,
} from '../pack/index.ts';
import {
  exactly,
  isNewerCrl,
  newestOfEachSeries,
  toSeconds,
  type Certificate,
  type Clock,
  type Crl,
} from '../pki/index.ts';
import { storeFault, type IntroductionRecord } from '../store/index.ts';
import { readBundle, Trusts } from './bundle-file.ts';
import type { Core } from './core.ts';
import { isReplaced, pinnedRoots } from './introductions.ts';
import { addJob, jobTrusts, putAway, type AddedJobs } from './jobs.ts';

/** How the opening or making of a pack is followed and stopped. */
export interface PackControls {
  /** Called before each bundle with how many are done, of how many. A fault stops the work there. */
  readonly pause: (done: number, total: number) => Promise<Fault | undefined>;
}

/** How many jobs are added in one transaction, which takes a flush to the disk. */
const jobsAtOnce = 256;

/** What the opening of a job pack has brought. */
export interface OpenedPack extends AddedJobs {
  readonly packId: string;
  readonly operator: string;
  /** RFC 3339. The pack cannot be opened afterwards. */
  readonly expires: string;
  readonly training: boolean;
  readonly bundles: number;
}

/**
 * Opens a job pack: makes jobs of its bundles. The office key must have a path to an operator root that was compared here.
 * The whole pack is verified before the first job is added: a damaged one leaves nothing. Then each bundle is judged for
 * itself, under the vendors that are trusted here, because a pack brings no trust.
 */
export async function openPack(
  core: Core,
  file: string,
  { pause }: PackControls,
): Promise<Result<OpenedPack>> {
  const found = findPack(core, file);
  if (!found.ok) return found;
  const { pack, opened, introduction } = found.value;
  try {
    const damage = await verifyFiles(pack, pause);
    const where = { file };
    if (damage) {
      const why = prependWhere(damage, where);
      if (damage.code === 'pack-damaged')
        opened.log.append({ action: 'pack-refused', subject: {}, facts: reasonOf(why) });
      return refused(why);
    }
    return await addAll(core, opened, pack, { introduction, pause });
  } catch (error) {
    return storeFault(error);
  } finally {
    pack.close();
  }
}

/** A pack whose manifest holds, the store that it belongs to, and the operator that has made it. */
interface FoundPack {
  readonly pack: JobPack;
  readonly opened: OpenedStore;
  readonly introduction: IntroductionRecord;
}

function findPack({ stores, surroundings }: Core, file: string): Result<FoundPack> {
  let opened: Result<OpenedStore> = stores.open(false);
  const rootsOf = (isTraining: boolean): readonly Certificate[] => {
    if (isTraining) opened = stores.open(true);
    return opened.ok ? pinnedRoots(opened.value.store) : [];
  };
  const pack = JobPack.open(file, rootsOf, exactly(surroundings.now()));
  if (!opened.ok) {
    if (pack.ok) pack.value.close();
    return opened;
  }
  const refuseIt = (why: Fault) => {
    if (opened.ok) opened.value.log.append({ action: 'pack-refused', subject: {}, facts: reasonOf(why) });
    return refused(why);
  };
  if (!pack.ok) return refuseIt(pack.fault);
  const { store } = opened.value;
  const { root, office, document, manifestSha256 } = pack.value;
  const known = store.packs.get(document.packId);
  const isOther = known && (known.rootFingerprint !== root.sha256 || known.manifestSha256 !== manifestSha256);
  const introduction = store.introductions.get(root.sha256);
  if (!introduction) throw new Error('A pack is opened under the root of an introduction');
  const isFromReplaced = isReplaced(office, introduction);
  if (!isFromReplaced && !isOther) return ok({ pack: pack.value, opened: opened.value, introduction });
  pack.value.close();
  const rule = isFromReplaced ? 'office-replaced' : 'pack-id';
  return refuseIt(fault('pack-unusable', { rule, where: { file } }));
}

/** The first damage of a pack's files, or why this was stopped. */
async function verifyFiles(pack: JobPack, pause: PackControls['pause']): Promise<Fault | undefined> {
  const { bundles } = pack.document;
  for (const [index, bundle] of bundles.entries()) {
    const stopped = await pause(index, 2 * bundles.length);
    if (stopped) return stopped;
    const bytes = pack.read(bundle);
    if (!bytes.ok) return bytes.fault;
  }
  return undefined;
}

async function addAll(
  core: Core,
  opened: OpenedStore,
  pack: JobPack,
  { introduction, pause }: Pick<FoundPack, 'introduction'> & PackControls,
): Promise<Result<OpenedPack>> {
  const { store, log } = opened;
  const { packId, expires, training, bundles, requireFreshCrl } = pack.document;
  // An operator is its root: what the pack calls itself does not count.
  const { operator } = introduction;
  const at = core.surroundings.now();
  const isStrict = requireFreshCrl || introduction.requireFreshCrl;
  const trusts = jobTrusts(opened, at, { crls: pack.crls, requireFreshCrl: isStrict });
  const before = putAway(opened, at);
  const added: string[] = [];
  const notTaken: { name: string; fault: Fault; sha256: string }[] = [];
  let known = 0;
  let stopped: Fault | undefined;
  store.packs.add({
    ...{ id: packId, rootFingerprint: pack.root.sha256, manifestSha256: pack.manifestSha256, expires },
    openedAt: at.toISOString(),
  });
  for (let start = 0; start < bundles.length; start += jobsAtOnce) {
    stopped = await pause(bundles.length + start, 2 * bundles.length);
    if (stopped) break;
    store.transaction(() => {
      for (const packed of bundles.slice(start, start + jobsAtOnce)) {
        const job = addPacked(core, opened, pack, packed, { at, trusts });
        if (!job.ok) notTaken.push({ name: packed.file, fault: job.fault, sha256: packed.sha256 });
        else if (job.value.isNew) added.push(job.value.id);
        else known += 1;
      }
    });
  }
  const counts = { taken: added.length, known, refused: notTaken.length };
  store.transaction(() => {
    appendRefusals(log, 'bundle-not-opened', notTaken);
    log.append({
      action: 'pack-opened',
      subject: { operator },
      facts: {
        ...{ pack: packId, manifestSha256: pack.manifestSha256, ...counts },
        ...(stopped && { stoppedBy: stopped.code }),
      },
    });
  });
  if (stopped) return refused(stopped);
  const superseded = putAway(opened, at) - before;
  const notAdded = notTaken.map(({ name, fault }) => ({ name, fault }));
  return ok({
    ...{ packId, operator, expires, training, bundles: bundles.length },
    ...{ added, known, superseded, refused: notAdded },
  });
}

function addPacked(
  core: Core,
  opened: OpenedStore,
  pack: JobPack,
  packed: PackedBundle,
  judging: { readonly at: Date; readonly trusts: ReturnType<typeof jobTrusts> },
): ReturnType<typeof addJob> {
  const bytes = pack.read(packed);
  if (!bytes.ok) return bytes;
  const bundle = new Bundle(bytes.value);
  const wrong = wrongInPack(bundle, packed, pack.root);
  if (wrong) return refused(wrong);
  const job = addJob(core, opened, bundle, packed.file, judging);
  if (job.ok) opened.store.packs.addBundle(pack.document.packId, bundle.sha256);
  return job;
}

/** Why a bundle does not belong into a pack of an operator: it is not as described, or for another operator. */
function wrongInPack(
  bundle: Bundle,
  packed: PackedBundle,
  root: Certificate,
): Fault<'pack-damaged'> | undefined {
  const { configuration } = bundle;
  if (!configuration.ok) return undefined; // The judgement says more.
  const own = describe(configuration.value, packed);
  const isAsDescribed = JSON.stringify(own) === JSON.stringify(packed);
  if (!isAsDescribed) return { code: 'pack-damaged', rule: 'pack-content', found: packed.file };
  const encoded = encodedForPack([root])[0] ?? '';
  if (configuration.value.operatorRootCertificates.includes(encoded)) return undefined;
  return { code: 'pack-damaged', rule: 'pack-operator', found: packed.file };
}

/** The entry of a manifest for a bundle with this configuration, in the members' own order. */
function describe(
  { bundleId, sequence, enb, site }: Configuration,
  { sha256, size, choice }: Pick<PackedBundle, 'sha256' | 'size' | 'choice'>,
): PackedBundle {
  return {
    ...{ file: packedFileName(bundleId), sha256, size, bundleId, sequence },
    ...(choice !== undefined && { choice }),
    enb: { hwType: enb.hwType, serialNumber: enb.serialNumber },
    site: { id: site.id, name: site.name },
  };
}

type JudgeTrust = EnbTrust & { readonly vendor: Vendor; readonly requireFreshCrl: boolean };

/** Judges bundles for packs of an operator, as the laptops will. */
class PackJudge {
  readonly #trusts: Trusts<JudgeTrust>;
  readonly #root: Certificate;
  /** The CRLs of the profile that are newer than those in a bundle. */
  readonly crls = new Map<string, Crl>();

  /** @param root the operator root above the office key */
  constructor({ vendors, document }: Profile, root: Certificate, clock: Clock) {
    const { requireFreshCrl } = document;
    this.#root = root;
    const trusts = Array.from(vendors.values(), (vendor) => {
      const { rootCertificates: vendorRoots, intermediates, crls } = vendor;
      return { vendorRoots, intermediates, crls, requireFreshCrl, vendor, clock };
    });
    this.#trusts = new Trusts(trusts);
  }

  /** Refuses with the fault of the first check that fails. */
  judge(bundle: Bundle): Result<PackedBundle> {
    const accepted = this.#trusts.accept(bundle);
    if (!accepted.ok) return accepted;
    const { judged, trust } = accepted.value;
    const packed = describe(judged.configuration, { sha256: bundle.sha256, size: bundle.bytes.length });
    const wrong = wrongInPack(bundle, packed, this.#root);
    if (wrong) return refused(wrong);
    const carried = bundle.signedData.ok ? bundle.signedData.value.crls : [];
    for (const crl of trust.vendor.crls) {
      const [own] = newestOfEachSeries(carried.filter(({ issuer }) => issuer.key === crl.issuer.key));
      if (!own || isNewerCrl(crl, own)) this.crls.set(hash('sha256', crl.der), crl);
    }
    return ok(packed);
  }
}

/** A job pack to make. */
export interface PackRequest {
  /** Bundles, and folders of bundles, such as those of a run. */
  readonly paths: readonly string[];
  readonly profile: Profile;
  readonly office: Signer;
  readonly out: string;
  /** When it expires. Undefined: with the last of its bundles. */
  readonly expires?: Date;
  /** The serial numbers or site ids of the bundles that go into it. Undefined: all. */
  readonly names?: ReadonlySet<string>;
}

/** A job pack that was made. */
export interface MadePack {
  readonly packId: string;
  readonly file: string;
  readonly bundles: number;
  readonly expires: string;
}

/**
 * Makes a job pack, and logs that. Refuses a bundle that no eNB of the profile's vendors would accept, and with
 * `pack-list-unmatched` names that no bundle has.
 */
export async function makePack(
  { stores, surroundings }: Core,
  request: PackRequest,
  { pause }: PackControls,
): Promise<Result<MadePack>> {
  const { profile, office, out, paths } = request;
  const opened = stores.open(profile.training);
  if (!opened.ok) return opened;
  const files = bundlesIn(paths);
  if (!files.ok) return files;
  const now = surroundings.now();
  const clock = exactly(now);
  const above = judgeOffice(office.certificate, {
    ...{ roots: profile.operatorRoots, intermediates: office.chain, clock },
  });
  if (!above.ok) return refuse('office-key-unfit', { because: above.fault });
  const total = 2 * files.value.length;
  const judge = new PackJudge(profile, above.value[0], clock);
  const chosen = await chooseBundles(request, files.value, judge, (done) => pause(done, total));
  if (!chosen.ok) return chosen;
  const { bundles, fileOf, last } = chosen.value;
  const packId = surroundings.newId();
  const expires = request.expires ? toSeconds(request.expires) : last;
  if (new Date(expires) <= now) return refuse('pack-expired', { found: expires });
  const { name, plmn, requireFreshCrl } = profile.document;
  const document: Omit<JobPackDocument, 'format'> = {
    ...{ packId, issuedAt: toSeconds(now), expires, training: profile.training, operator: { name, plmn } },
    ...{ bundles, enbCertificates: [], crls: encodedForPack([...judge.crls.values()]) },
    requireFreshCrl,
  };
  let done = total - bundles.length;
  let stopped: Fault | undefined;
  const read = async ({ bundleId }: PackedBundle) => {
    stopped ??= await pause(done++, total);
    const bundle = stopped ? undefined : readBundle(fileOf.get(bundleId) ?? '');
    return bundle?.ok ? bundle.value.bytes : undefined;
  };
  try {
    makeFolder(dirname(out));
    await writeZip(out, jobPackEntries(document, office, read));
  } catch (error) {
    if (stopped) return refused(stopped);
    if (error instanceof ChangedBundle)
      return refuse('pack-damaged', { rule: 'pack-digest', found: error.message });
    return refuse('output-unwritable', { where: { file: out }, found: systemErrorCode(error) });
  }
  try {
    const facts = { pack: packId, bundles: bundles.length, expires };
    opened.value.log.append({ action: 'pack-made', subject: { operator: name }, facts });
  } catch (error) {
    return storeFault(error);
  }
  return ok({ packId, file: out, bundles: bundles.length, expires });
}

/** The bundles of a pack, where they are, and the last moment at which one of them is valid. */
interface ChosenBundles {
  readonly bundles: PackedBundle[];
  readonly fileOf: Map<string, string>;
  last: string;
}

async function chooseBundles(
  { names, paths }: PackRequest,
  files: readonly string[],
  judge: PackJudge,
  pause: (done: number) => Promise<Fault | undefined>,
): Promise<Result<ChosenBundles>> {
  const chosen: ChosenBundles = { bundles: [], fileOf: new Map(), last: '' };
  const unmatched = new Set(names);
  for (const [index, file] of files.entries()) {
    const stopped = await pause(index);
    if (stopped) return refused(stopped);
    const bundle = readBundle(file);
    if (!bundle.ok) return bundle;
    const claimed = bundle.value.unverified;
    if (!claimed.ok) return refused(prependWhere(claimed.fault, { file }));
    const { enb, site, notAfter } = claimed.value.configuration;
    const own = [enb.serialNumber, site.id];
    if (names && !own.some((name) => names.has(name))) continue;
    for (const name of own) unmatched.delete(name);
    const packed = judge.judge(bundle.value);
    if (!packed.ok) return refused(prependWhere(packed.fault, { file }));
    const { bundleId } = packed.value;
    // The same bundle may be in two folders.
    if (chosen.fileOf.has(bundleId)) continue;
    chosen.fileOf.set(bundleId, file);
    chosen.bundles.push(packed.value);
    if (notAfter > chosen.last) chosen.last = notAfter;
  }
  if (unmatched.size > 0) {
    const found = [...unmatched].slice(0, 10).join(', ');
    return refuse('pack-list-unmatched', { found });
  }
  return chosen.bundles.length > 0 ? ok(chosen) : refuse('pack-empty', { where: { file: paths.join(', ') } });
}

/** The bundle files at these paths, and in these folders: also in `bundles/` below them, where a run puts them. */
function bundlesIn(paths: readonly string[]): Result<readonly string[], 'file-unreadable'> {
  const files: string[] = [];
  for (const path of paths) {
    try {
      if (!statSync(path).isDirectory()) {
        files.push(path);
        continue;
      }
      const inRun = join(path, 'bundles');
      const folder = existsSync(inRun) ? inRun : path;
      const names = readdirSync(folder).filter((name) => name.endsWith('.p7m'));
      files.push(...names.sort().map((name) => join(folder, name)));
    } catch (error) {
      return refuse('file-unreadable', { where: { file: path }, found: errorCode(error) });
    }
  }
  return ok(files);
}

/** A pack to verify, without the store of this computer. */
export interface VerifyPackRequest {
  readonly file: string;
  readonly operatorRoots: readonly Certificate[];
  readonly trust: EnbTrust;
}

/** What the verification of a pack has found. */
export interface VerifiedPack extends Pick<
  OpenedPack,
  'packId' | 'operator' | 'expires' | 'training' | 'bundles'
> {
  readonly refused: readonly { readonly name: string; readonly fault: Fault }[];
}

/** Verifies a job pack and judges its bundles, under roots that the user names. */
export async function verifyPack(
  { file, operatorRoots, trust }: VerifyPackRequest,
  { pause }: PackControls,
): Promise<Result<VerifiedPack>> {
  const opened = JobPack.open(file, () => operatorRoots, trust.clock);
  if (!opened.ok) return opened;
  const pack = opened.value;
  try {
    const damage = await verifyFiles(pack, pause);
    if (damage) return refused(prependWhere(damage, { file }));
    const { packId, operator, expires, training, bundles, requireFreshCrl } = pack.document;
    const trusts = new Trusts([{ ...trust, crls: [...trust.crls, ...pack.crls], requireFreshCrl }]);
    const notTaken: { name: string; fault: Fault }[] = [];
    for (const [index, packed] of bundles.entries()) {
      const stopped = await pause(bundles.length + index, 2 * bundles.length);
      if (stopped) return refused(stopped);
      const bytes = pack.read(packed);
      if (!bytes.ok) return refused(prependWhere(bytes.fault, { file }));
      const bundle = new Bundle(bytes.value);
      const why = wrongInPack(bundle, packed, pack.root);
      const judged = why ? refused(why) : trusts.accept(bundle);
      if (!judged.ok) notTaken.push({ name: packed.file, fault: judged.fault });
    }
    return ok({
      ...{ packId, operator: operator.name, expires, training, bundles: bundles.length, refused: notTaken },
    });
  } finally {
    pack.close();
  }
}
