import { Authority, type AnsweredMessage, type Registry, type RootSuccessor } from '../../cmp/index.ts';
import { ok, refuse, type Result } from '../../faults/index.ts';
import { errorCode, makeFolder } from '../../files/index.ts';
import type { Certificate } from '../../pki/index.ts';
import type { Listening } from '../listen.ts';
import { openCaMaterial, type GivenCa } from './ca-material.ts';
import { LabIssuer } from './issuer.ts';
import { SqliteJournal } from './journal.ts';
import { RaCaServer } from './ra-ca-server.ts';

/** What an RA/CA is made of. */
export interface RaCaOptions {
  /** Its state: keys, certificates and journal. One process at a time. */
  readonly folder: string;
  readonly registrations: Registry;
  /** Roots of the eNBs' vendors, and certificates that a path may use. */
  readonly vendorRoots: readonly Certificate[];
  readonly vendorIntermediates: readonly Certificate[];
  /** Without one, it makes its own operator root and CA, for training. */
  readonly ca?: GivenCa | undefined;
  /** A new operator root to announce. */
  readonly successor?: RootSuccessor | undefined;
  /** The RA's name, as text. */
  readonly name?: string | undefined;
  /** How long a certificate is valid, in milliseconds. */
  readonly validity: number;
  /** How often a request is answered with "waiting" before it is decided. */
  readonly polls: number;
  readonly now: () => Date;
  /** Gets each message that was answered. */
  readonly onAnswered: (event: AnsweredMessage) => void;
  /** Gets what is thrown while a message is answered. */
  readonly onError: (error: unknown) => void;
}

/** An RA/CA on this computer. */
export class RaCa {
  /** The operator root, which eNBs must have before they ask. */
  readonly root: Certificate;
  /** The certificate that signs the answers. */
  readonly ra: Certificate;
  readonly #journal: SqliteJournal;
  readonly #server: RaCaServer;

  private constructor(root: Certificate, ra: Certificate, journal: SqliteJournal, server: RaCaServer) {
    this.root = root;
    this.ra = ra;
    this.#journal = journal;
    this.#server = server;
  }

  /** Opens the RA/CA in its folder, and makes what is missing. */
  static async open(options: RaCaOptions): Promise<Result<RaCa>> {
    const { folder, now } = options;
    try {
      makeFolder(folder, 0o700);
    } catch (error) {
      return refuse('store-unusable', { where: { file: folder }, found: errorCode(error) });
    }
    // The journal comes first, because it keeps other processes out of the folder.
    const journal = SqliteJournal.open(folder, now);
    if (!journal.ok) return journal;
    const opened = await RaCa.#open(options, journal.value);
    if (!opened.ok) journal.value.close();
    return opened;
  }

  static async #open(options: RaCaOptions, journal: SqliteJournal): Promise<Result<RaCa>> {
    const { folder, ca, name, registrations, validity, now, onError, ...rest } = options;
    const material = await openCaMaterial({ folder, ca, name, now: now() });
    if (!material.ok) return material;
    const { chain, root, signer } = material.value;
    const nextCrlNumber = () => journal.nextCrlNumber();
    const issuer = await LabIssuer.open(material.value.ca, chain, { now, validity, nextCrlNumber });
    const authority = new Authority({ issuer, registry: registrations, journal, signer, now, ...rest });
    const server = new RaCaServer(authority, onError);
    return ok(new RaCa(root, signer.certificate, journal, server));
  }

  /** Listens on TCP. Port 0 takes a free port. Rejects with the system's error if it cannot listen. */
  listen(host: string, port: number): Promise<Listening> {
    return this.#server.listen(host, port);
  }

  /** Closes the journal. Nothing may listen any more. */
  close(): void {
    this.#journal.close();
  }
}
