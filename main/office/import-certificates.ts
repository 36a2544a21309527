import type { OpenedStore } from '../audit/index.ts';
import { isRootCertificate } from '../bundle/index.ts';
import { encodedCertificates } from '../cms/index.ts';
import { ok, prependWhere, refuse, refused, stopFault, type Fault, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import {
  isSelfIssued,
  parseCertificate,
  readEnbIdentity,
  type Certificate,
  type EnbIdentity,
} from '../pki/index.ts';
import { storeFault } from '../store/index.ts';
import { pauseFor } from '../work/index.ts';
import { maximumListed } from './batch/checked-rows.ts';
import { cut } from './check-row.ts';
import { certificateFiles, type CertificateFile } from './certificate-files.ts';
import {
  certificateFaults,
  isOfVendor,
  judgeUnder,
  keepCertificate,
  maximumCertificateSize,
  type Keeping,
} from './enb-certificates.ts';
import type { PrepareSurroundings } from './prepare-request.ts';
import { readProfile, type Profile, type Vendor } from './profile.ts';

/** What the user asks for. Paths are absolute. */
export interface ImportRequest {
  /** Files with certificates, and folders with such files. */
  readonly paths: readonly string[];
  readonly profile: string;
  /** The paths to these files must not follow a symbolic link below these folders. */
  readonly folders?: readonly string[];
}

/** What an import needs from its caller. */
export interface ImportSurroundings extends Pick<PrepareSurroundings, 'openStore' | 'now' | 'signal'> {
  /** Called every hundred certificates. */
  readonly onProgress: (progress: ImportProgress) => void;
}

/** How far an import has come. */
export interface ImportProgress {
  /** Files so far, readable or not. */
  readonly files: number;
  /** Certificates that were judged. */
  readonly certificates: number;
  readonly refused: number;
}

/**
 * The result of an import, also of one that was stopped. All numbers count certificates, except `files`. `refused` also
 * counts files and folders that cannot be read.
 */
export interface ImportReport extends Readonly<Record<Keeping, number>> {
  readonly files: number;
  /** CA certificates, which are skipped. */
  readonly authorities: number;
  /** Certificates, and whole files, that are refused. */
  readonly refused: number;
  /** Why, with file and place. The first 10,000; the others are only counted. */
  readonly problems: readonly Fault[];
  /** Why the import stopped early. What was kept stays, and a repeat continues. */
  readonly stoppedBy?: Fault;
}

/** A file with a hundred thousand certificates in PEM, with their text, has less. In bytes. */
const maximumFileSize = 256 * 1024 * 1024;

/** How many certificates go into the store together, because that takes a flush to the disk. */
const certificatesPerTransaction = 500;
const certificatesPerProgress = 100;

/**
 * Keeps vendors' certificates of eNBs in the store of the profile, so that an inventory needs only serial numbers. Judges
 * each certificate like that of a row, under each vendor of the profile. Refused certificates do not keep the others out.
 * Reads one file at a time. Refuses with the fault of the profile or the store.
 */
export async function importCertificates(
  { paths, profile: profileFile, folders = [] }: ImportRequest,
  surroundings: ImportSurroundings,
): Promise<Result<ImportReport>> {
  const profile = readProfile(profileFile, folders);
  if (!profile.ok) return profile;
  const opened = surroundings.openStore(profile.value.training);
  if (!opened.ok) return opened;
  try {
    return ok(await new Import(profile.value, opened.value, surroundings).run(paths, folders));
  } catch (error) {
    return storeFault(error);
  }
}

/** A good certificate on its way to the store. */
interface GoodCertificate {
  readonly der: Uint8Array;
  readonly enb: EnbIdentity;
  readonly vendor: Vendor;
}

class Import {
  readonly #profile: Profile;
  readonly #opened: OpenedStore;
  readonly #surroundings: ImportSurroundings;
  readonly #now: Date;
  readonly #pause;
  readonly #good: GoodCertificate[] = [];
  readonly #counts = { files: 0, added: 0, replaced: 0, known: 0, older: 0, authorities: 0, refused: 0 };
  readonly #problems: Fault[] = [];
  #judged = 0;

  constructor(profile: Profile, opened: OpenedStore, surroundings: ImportSurroundings) {
    this.#profile = profile;
    this.#opened = opened;
    this.#surroundings = surroundings;
    this.#now = surroundings.now();
    this.#pause = pauseFor(surroundings.signal);
  }

  async run(paths: readonly string[], folders: readonly string[]): Promise<ImportReport> {
    const stoppedBy = await this.#take(paths, folders);
    const report = { ...this.#counts, problems: this.#problems, ...(stoppedBy && { stoppedBy }) };
    this.#log(report);
    return report;
  }

  /** Reads the files and keeps their certificates. Returns why it stopped early. */
  async #take(paths: readonly string[], folders: readonly string[]): Promise<Fault | undefined> {
    try {
      for (const file of certificateFiles(paths, folders)) {
        if (file && !file.ok) this.#refuse(file.fault);
        const isStopped = file?.ok ? await this.#read(file.value) : (await this.#pause()) !== undefined;
        if (!isStopped) continue;
        this.#keep();
        return stopFault(this.#surroundings.signal);
      }
      this.#keep();
      return undefined;
    } catch (error) {
      // The store is full or busy. What was kept before is reported all the same.
      return storeFault(error).fault;
    }
  }

  /** Judges the certificates of a file. Returns whether the user has stopped the import. */
  async #read({ path: file, folders }: CertificateFile): Promise<boolean> {
    const bytes = readFile(file, maximumFileSize, folders);
    try {
      this.#counts.files++;
      const encoded = bytes.ok ? encodedCertificates(bytes.value) : bytes;
      if (!encoded.ok) {
        this.#refuse(prependWhere(encoded.fault, { file }));
        return (await this.#pause()) !== undefined;
      }
      const { form, encodings } = encoded.value;
      let position = 0;
      for (const encoding of encodings) {
        if (await this.#pause()) return true;
        position += 1;
        const where = { file, ...(form !== 'der' && { field: `certificate ${position}` }) };
        this.#judge(encoding, where);
      }
      return false;
    } finally {
      if (bytes.ok) bytes.value.fill(0); // It may hold a private key.
    }
  }

  #judge(encoding: Uint8Array, where: { readonly file: string }): void {
    const judged = judge(encoding, this.#profile, this.#now);
    if (!judged.ok) this.#refuse(prependWhere(judged.fault, where));
    else if (judged.value === 'authority') this.#counts.authorities++;
    else if (this.#good.push(judged.value) >= certificatesPerTransaction) this.#keep();
    this.#judged++;
    if (this.#judged % certificatesPerProgress > 0) return;
    const { files, refused } = this.#counts;
    this.#surroundings.onProgress({ files, certificates: this.#judged, refused });
  }

  #refuse(why: Fault): void {
    if (this.#counts.refused < maximumListed) this.#problems.push(shortened(why));
    this.#counts.refused++;
  }

  /** Puts the good certificates into the store. */
  #keep(): void {
    const { store } = this.#opened;
    const keepings = store.transaction(() =>
      this.#good.map(({ der, enb, vendor }) =>
        keepCertificate(store.enbCertificates, der, enb, vendor, this.#now, 'earlier'),
      ),
    );
    for (const keeping of keepings) this.#counts[keeping]++;
    this.#good.length = 0;
  }

  #log({ added, replaced, known, older, refused: bad, stoppedBy }: ImportReport): void {
    const { document, sha256: profileSha256 } = this.#profile;
    this.#opened.log.append({
      action: 'enb-certificates-imported',
      subject: { operator: document.name },
      facts: {
        added,
        replaced,
        unchanged: known + older,
        refused: bad,
        profileSha256,
        ...(stoppedBy && { stoppedBy: stoppedBy.code }),
      },
    });
  }
}

/** Judges a certificate under each vendor. Skips CA certificates. */
function judge(encoding: Uint8Array, { vendors }: Profile, now: Date): Result<GoodCertificate | 'authority'> {
  if (encoding.length > maximumCertificateSize)
    return refuse('file-too-large', { found: String(encoding.length) });
  const parsed = parseCertificate(encoding);
  if (!parsed.ok) return parsed;
  const certificate = parsed.value;
  const identity = readEnbIdentity(certificate);
  if (!identity.ok && isAuthority(certificate)) return ok('authority');
  const all = [...vendors.values()].map((vendor) => ({
    vendor,
    judged: judgeUnder(vendor, certificate, now),
  }));
  const under =
    all.find(({ judged }) => isOfVendor(judged)) ??
    // Its names lead to this vendor, so why its path does not hold says most.
    all.find(({ judged }) => judged.path !== undefined) ??
    all[0];
  if (!under) return refuse('enb-certificate-untrusted'); // The profile has no vendor.
  const { unfit, weak } = certificateFaults(under.judged);
  if (unfit) return refused(unfit);
  if (!identity.ok) return identity;
  return weak ? refused(weak) : ok({ der: certificate.der, enb: identity.value, vendor: under.vendor });
}

function isAuthority(certificate: Certificate): boolean {
  return isRootCertificate(certificate) && (certificate.version > 1 || isSelfIssued(certificate));
}

/** Cuts the texts that come from the certificate, so that many problems need little memory. */
function shortened({ found, where, because, ...one }: Fault): Fault {
  const { certificate } = where ?? {};
  return {
    ...one,
    ...(found !== undefined && { found: cut(found) }),
    ...(where && {
      where: { ...where, ...(certificate !== undefined && { certificate: cut(certificate) }) },
    }),
    ...(because && { because: shortened(because) }),
  };
}
