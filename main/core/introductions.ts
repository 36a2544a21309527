import { hash } from 'node:crypto';
import { reasonOf, Witness, type OpenedStore } from '../audit/index.ts';
import { fault, ok, prependWhere, type Fault, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import type { Signer } from '../keys/index.ts';
import { writeOutput, type Profile } from '../office/index.ts';
import {
  fingerprint,
  isFingerprintOf,
  makeIntroduction,
  maximumIntroductionSize,
  openIntroduction,
  readSigned,
  type Introduction,
} from '../pack/index.ts';
import {
  exactly,
  isTrainingCertificate,
  parseCertificate,
  shortName,
  toSeconds,
  type Certificate,
} from '../pki/index.ts';
import { storeFault, type IntroductionRecord, type Store } from '../store/index.ts';
import type { Core } from './core.ts';
import { trustedVendor, trustRoot } from './vendors.ts';

/** An introduction that was made. */
export interface MadeIntroduction {
  readonly operator: string;
  readonly version: number;
  /** The operator root that laptops pin, as people compare it: see `fingerprint`. */
  readonly fingerprint: string;
  readonly vendors: readonly string[];
}

/** An operator's introduction in the making. */
export interface IntroductionRequest {
  readonly profile: Profile;
  readonly office: Signer;
  readonly out: string;
}

/** Makes an introduction of an operator, with the next version, and logs that. */
export async function createIntroduction(
  { stores, surroundings }: Core,
  { profile, office, out }: IntroductionRequest,
): Promise<Result<MadeIntroduction>> {
  const { document, operatorRoots, training } = profile;
  const opened = stores.open(training);
  if (!opened.ok) return opened;
  const { store, log } = opened.value;
  const now = surroundings.now();
  const operator = { name: document.name, plmn: document.plmn };
  const vendors = Array.from(profile.vendors.values(), ({ name, rootCertificates, intermediates }) => ({
    ...{ name, intermediates },
    roots: rootCertificates,
  }));
  try {
    const witness = new Witness(opened.value, {
      folder: stores.folder(training),
      training,
      now: surroundings.now,
    });
    const witnessKeys = [{ key: witness.ownKey() }];
    // A version that was not used is no loss.
    const version = store.transaction(() => nextVersion(store, operatorRoots));
    const bytes = await makeIntroduction(
      {
        ...{ version, issuedAt: toSeconds(now), training, operator, operatorRoots, vendors, witnessKeys },
        requireFreshCrl: document.requireFreshCrl,
      },
      office,
    );
    // It must be one that a laptop would take.
    const judged = openIntroduction(bytes, operatorRoots, exactly(now));
    if (!judged.ok) return judged;
    const written = writeOutput(out, bytes);
    if (!written.ok) return written;
    const { root } = judged.value;
    const facts = { introduction: version, rootSha256: root.sha256, fileSha256: hash('sha256', bytes) };
    log.append({ action: 'introduction-made', subject: { operator: operator.name }, facts });
    const names = vendors.map(({ name }) => name);
    return ok({ operator: operator.name, version, fingerprint: fingerprint(root), vendors: names });
  } catch (error) {
    return storeFault(error);
  }
}

function nextVersion({ settings, introductions }: Store, roots: readonly Certificate[]): number {
  const names = roots.map(({ sha256 }) => `introduction-version/${sha256}`);
  const used = [
    ...names.map((name) => Number(settings.get(name) ?? 0)),
    ...roots.map(({ sha256 }) => introductions.get(sha256)?.version ?? 0),
  ];
  const version = Math.max(...used) + 1;
  for (const name of names) settings.set(name, String(version));
  return version;
}

/** An introduction that somebody wants to take. */
export interface TakeRequest {
  readonly file: string;
  /** The fingerprint of the operator root, as the user has got it another way. */
  readonly fingerprint?: string;
  /** Whether the user agrees to the vendor roots that this introduction adds and removes. */
  readonly acceptsVendors: boolean;
}

/** What an introduction says, and what it changes here. */
export interface TakenIntroduction {
  readonly operator: string;
  readonly plmn: string;
  readonly version: number;
  readonly training: boolean;
  /** The operator root, as people compare it. */
  readonly fingerprint: string;
  /** The vendors whose roots are new here, by name, and those whose roots are gone. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Whether nothing has changed, because this introduction was taken before. */
  readonly isKnown: boolean;
}

/** The end of the taking of an introduction. The contents of a refused one are known if its signature holds. */
export interface TakeReport {
  readonly introduction?: TakenIntroduction;
  readonly fault?: Fault;
}

/**
 * Takes an operator's introduction: its vendors are trusted from then on, and job packs of its office key can be opened.
 *
 * The first one of an operator needs the fingerprint of the operator root, which is pinned then. Later ones must have a
 * higher version, and the user must agree to other vendor roots. With the fingerprint compared again, the version may be
 * lower, and office keys that were certified before this one are refused from then on: so the operator recovers when its
 * office key was stolen. All of it is one transaction, and in the log.
 */
export function takeIntroduction({ stores, surroundings }: Core, request: TakeRequest): TakeReport {
  const { file } = request;
  const bytes = readFile(file, maximumIntroductionSize);
  if (!bytes.ok) return bytes;
  const signed = readSigned(bytes.value);
  const isTraining = signed.ok && isTrainingCertificate(signed.value.signer);
  const opened = stores.open(isTraining);
  if (!opened.ok) return opened;
  const { store, log } = opened.value;
  try {
    const now = surroundings.now();
    const introduction = openIntroduction(bytes.value, pinnedRoots(store), exactly(now));
    const fileSha256 = hash('sha256', bytes.value);
    const refuseIt = (because: Fault, about?: TakenIntroduction): TakeReport => {
      const why = prependWhere(because, { file });
      log.append({ action: 'introduction-refused', subject: {}, facts: { ...reasonOf(why), fileSha256 } });
      return { fault: why, ...(about && { introduction: about }) };
    };
    if (!introduction.ok) return refuseIt(introduction.fault);
    // The mark of the office certificate has chosen the store.
    if (introduction.value.training !== isTraining)
      return refuseIt(fault('introduction-unusable', { rule: 'introduction-training' }));
    return store.transaction((): TakeReport => {
      const known = store.introductions.get(introduction.value.root.sha256);
      const isKnown = known !== undefined && Buffer.compare(known.document, bytes.value) === 0;
      const changes = changedVendors(store, introduction.value, known);
      const about = aboutIntroduction(introduction.value, changes, isKnown);
      const why = whyNotTaken(introduction.value, known, changes, request);
      if (why)
        return isKnown && why.code !== 'fingerprint-wrong' ? { introduction: about } : refuseIt(why, about);
      if (isKnown) return { introduction: about };
      take(opened.value, introduction.value, changes, {
        ...{ bytes: bytes.value, at: now.toISOString() },
        isRecovery: known !== undefined && request.fingerprint !== undefined,
      });
      const { root, version, operator } = introduction.value;
      log.append({
        action: 'introduction-taken',
        subject: { operator: operator.name },
        facts: {
          ...{ introduction: version, rootSha256: root.sha256, fileSha256 },
          compared: request.fingerprint !== undefined,
          rootsAdded: changes.added.length,
          rootsRemoved: changes.removed.length,
        },
      });
      return { introduction: about };
    });
  } catch (error) {
    return storeFault(error);
  }
}

/** The operator roots that somebody has compared. */
export function pinnedRoots(store: Store): readonly Certificate[] {
  return store.introductions.all().flatMap(({ root }) => {
    const parsed = parseCertificate(root);
    return parsed.ok ? [parsed.value] : [];
  });
}

/** Whether an office key was certified before the one that signed the last recovery; see `takeIntroduction`. */
export function isReplaced(
  office: Certificate,
  { officeSince }: Pick<IntroductionRecord, 'officeSince'>,
): boolean {
  return officeSince !== undefined && office.notBefore < new Date(officeSince);
}

function whyNotTaken(
  { root, isPinned, version, office }: Introduction,
  known: IntroductionRecord | undefined,
  { added, removed }: VendorChanges,
  request: TakeRequest,
): Fault | undefined {
  const isCompared = request.fingerprint !== undefined;
  if (isCompared && !isFingerprintOf(request.fingerprint, root))
    return fault('fingerprint-wrong', { found: request.fingerprint });
  if (!isPinned || !known) {
    return isCompared ? undefined : fault('fingerprint-needed', { found: fingerprint(root) });
  }
  if (isReplaced(office, known)) return fault('introduction-unusable', { rule: 'office-replaced' });
  if (version <= known.version && !isCompared)
    return fault('introduction-older', { expected: `> ${known.version}`, found: String(version) });
  const isOther = added.length > 0 || removed.length > 0;
  if (!isOther || request.acceptsVendors) return undefined;
  const names = [...added.map((one) => `+ ${one.name}`), ...removed.map((one) => `- ${one.name}`)];
  return fault('vendors-changed', { found: names.join(', ') });
}

/** A vendor root that an introduction adds or removes. */
interface ChangedVendor {
  readonly name: string;
  readonly root: Certificate;
}

interface VendorChanges {
  readonly added: readonly ChangedVendor[];
  readonly removed: readonly ChangedVendor[];
}

function changedVendors(
  store: Store,
  introduction: Introduction,
  known: IntroductionRecord | undefined,
): VendorChanges {
  const before = known ? vendorsOf(known) : [];
  const after = rootsOf(introduction);
  const others = store.introductions
    .all()
    .filter(({ rootFingerprint }) => rootFingerprint !== introduction.root.sha256)
    .flatMap(vendorsOf);
  const isIn = (list: readonly ChangedVendor[], { root }: ChangedVendor) =>
    list.some((one) => one.root.sha256 === root.sha256);
  return {
    // The user may have stopped trusting a root meanwhile.
    added: after.filter((one) => !isIn(before, one) || !trustedVendor(store, one.root.sha256)),
    // A root that another operator's introduction brings stays.
    removed: before.filter((one) => !isIn(after, one) && !isIn(others, one)),
  };
}

/** The vendors of an introduction that was taken. Its dates no longer count. */
function vendorsOf({ document, root, takenAt }: IntroductionRecord): readonly ChangedVendor[] {
  const pinned = parseCertificate(root);
  const read = openIntroduction(document, pinned.ok ? [pinned.value] : [], exactly(new Date(takenAt)));
  return read.ok ? rootsOf(read.value) : [];
}

function rootsOf({ vendors }: Introduction): readonly ChangedVendor[] {
  return vendors.flatMap(({ name, roots }) =>
    roots.map((root) => ({ name: `${name} (${shortName(root.subject)})`, root })),
  );
}

/** How an introduction is taken. */
interface Taking {
  readonly bytes: Uint8Array;
  /** RFC 3339 with milliseconds. */
  readonly at: string;
  /** Whether the fingerprint of a known operator was compared again. */
  readonly isRecovery: boolean;
}

function take(
  opened: OpenedStore,
  { root, version, operator, requireFreshCrl, vendors, office }: Introduction,
  { removed }: VendorChanges,
  { bytes, at, isRecovery }: Taking,
): void {
  const { store, log } = opened;
  const before = store.introductions.get(root.sha256);
  store.introductions.put({
    ...{ rootFingerprint: root.sha256, root: root.der, version, requireFreshCrl },
    ...{ operator: operator.name, plmn: operator.plmn, document: bytes, takenAt: at },
    officeSince: isRecovery ? office.notBefore.toISOString() : before?.officeSince,
  });
  for (const { roots, intermediates } of vendors)
    for (const one of roots) trustRoot(opened, one, intermediates, at);
  for (const { name, root: gone } of removed) {
    store.vendorRoots.withdraw(gone.sha256, at);
    const facts = { fingerprint: gone.sha256 };
    log.append({ action: 'vendor-root-distrusted', subject: { vendor: name }, facts });
  }
}

function aboutIntroduction(
  { operator, version, training, root }: Introduction,
  { added, removed }: VendorChanges,
  isKnown: boolean,
): TakenIntroduction {
  return {
    operator: operator.name,
    plmn: operator.plmn,
    ...{ version, training, isKnown },
    fingerprint: fingerprint(root),
    added: isKnown ? [] : added.map(({ name }) => name),
    removed: isKnown ? [] : removed.map(({ name }) => name),
  };
}

/** An operator that this computer works for. */
export interface KnownOperator {
  readonly operator: string;
  readonly plmn: string;
  readonly version: number;
  readonly fingerprint: string;
  /** RFC 3339 with milliseconds. */
  readonly takenAt: string;
  readonly vendors: readonly string[];
}

/** The operators that this computer works for. */
export function listIntroductions({ store }: OpenedStore): readonly KnownOperator[] {
  return store.introductions.all().flatMap((record) => {
    const root = parseCertificate(record.root);
    const { operator, plmn, version, takenAt } = record;
    const vendors = vendorsOf(record).map(({ name }) => name);
    return root.ok
      ? [{ operator, plmn, version, fingerprint: fingerprint(root.value), takenAt, vendors }]
      : [];
  });
}
