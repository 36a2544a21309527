import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { WitnessedRecord } from '../store/index.ts';
import {
  cosign,
  cosignatureType,
  formatNote,
  formatVerifierKey,
  keyIdOf,
  parseVerifierKey,
  signatureLine,
  verifyCosignature,
  type ReadHead,
  type VerifierKey,
} from '../tlog/index.ts';
import { noteCrypto } from './hashes.ts';
import { judgeHead, type HeadFaultCode, type JudgedHead } from './head-check.ts';
import type { OpenedStore } from './log.ts';
import { NoteKeyFile, type NoteSigner } from './note-key.ts';

/** The file of the witness's key, in the folder of its store. */
const keyFile = 'witness.key';
/** The setting that names the key that counts, so that it changes in the same transaction as the log. */
const keySetting = 'witness-key';
/** Begins the name of every witness, a URL without scheme that need not resolve (C2SP signed-note). */
const nameStart = 'siteseal.invalid/witness/';

/** A head that the witness has cosigned. */
export interface CosignedHead {
  readonly origin: string;
  readonly size: number;
  /** The size of the head that it continues. Undefined for the first head of a log. */
  readonly from?: number;
  /** The log's verifier key. */
  readonly key: string;
  /** Nothing but the head file, and the user who may have compared it, says that the key is the log's. */
  readonly isKeyTaken: boolean;
  /** The witness's verifier key. */
  readonly witness: string;
  /** The checkpoint with the signature of the log and the cosignature. */
  readonly note: string;
}

/** The end of a witness's work with a head. */
export interface WitnessVerdict {
  readonly result: Result<CosignedHead, HeadFaultCode | 'head-own-log'>;
  /** The verifier key of this witness that was retired. */
  readonly retired?: string;
}

/**
 * The witness of a store: an Ed25519 key that cosigns heads of other logs (C2SP tlog-cosignature). Everything that one
 * key has cosigned of a log is one history.
 */
export class Witness {
  readonly #opened: OpenedStore;
  readonly #training: boolean;
  readonly #now: () => Date;
  readonly #file: NoteKeyFile;
  /** The key that this transaction has made. */
  #made: NoteSigner | undefined;

  /** @param folder of the store */
  constructor(
    opened: OpenedStore,
    of: { readonly folder: string; readonly training: boolean; readonly now: () => Date },
  ) {
    this.#opened = opened;
    this.#training = of.training;
    this.#now = of.now;
    this.#file = new NoteKeyFile(join(of.folder, keyFile));
  }

  /**
   * Cosigns a head if it continues everything that this witness has seen of its log. The verdict is in the log.
   *
   * A cosignature of this witness on a head that its store has not seen shows that the store was restored from a backup.
   * The key may then have cosigned what the store no longer knows, and could cosign a fork of it. So it is retired first.
   * Then the head is judged as always, by what the store knows: the old cosignature makes no head trustworthy, because a
   * copy of the store may have made it.
   *
   * Throws what the store and the key file throw.
   *
   * @param trustedKey the log's verifier key that the user has compared
   */
  take(read: ReadHead, trustedKey?: string): WitnessVerdict {
    return this.#transaction((): WitnessVerdict => {
      const { store, log } = this.#opened;
      const { origin, size, root } = read.head;
      const seen = store.witnessed.get(origin);
      const retired = this.#retireIfBehind(read, seen);
      const memory = { training: this.#training, seen, ...(trustedKey !== undefined && { trustedKey }) };
      const isOwn = store.log.head()?.origin === origin;
      const judged = isOwn ? refuse('head-own-log') : judgeHead(read, memory);
      if (!judged.ok) {
        const facts = { origin, size, fault: judged.fault.code, ...(seen && { seen: seen.size }) };
        log.append({ action: 'head-refused', subject: {}, facts });
        return { ...retired, result: judged };
      }
      const cosigned = this.#cosign(read, judged.value);
      const { key, note } = cosigned;
      store.witnessed.put({ origin, size, root, key, checkpoint: note, seenAt: this.#now().toISOString() });
      log.append({ action: 'head-witnessed', subject: {}, facts: { origin, size, root, key } });
      return { ...retired, result: ok({ ...cosigned, ...(seen && { from: seen.size }) }) };
    });
  }

  /** The verifier key of this witness, made now if it is missing. Throws what the store and the key file throw. */
  ownKey(): string {
    return this.#transaction(() => formatVerifierKey(cosigner(this.#signer().verifier), noteCrypto));
  }

  #signer(): NoteSigner {
    return this.#made ?? this.#find() ?? this.#change(this.#keyText() === undefined ? 'first' : 'lost');
  }

  #cosign({ head }: ReadHead, { key, keyText, isKeyTaken }: JudgedHead): CosignedHead {
    const { origin, size, note } = head;
    const signer = this.#signer();
    const own = cosigner(signer.verifier);
    const time = Math.floor(this.#now().getTime() / 1000);
    const keyId = keyIdOf(key, noteCrypto);
    const lines = [
      ...note.signatures
        .filter((one) => one.name === origin && one.keyId === keyId)
        .map(({ signature }) => signatureLine(key, signature, noteCrypto)),
      cosign(own, note.body, time, (message) => signer.sign(message), noteCrypto),
    ];
    const witness = formatVerifierKey(own, noteCrypto);
    return { origin, size, key: keyText, isKeyTaken, witness, note: formatNote(note.body, lines) };
  }

  /** Replaces the key if it has cosigned a head of this log that the store has not seen. */
  #retireIfBehind(
    { head, earlier }: ReadHead,
    seen: WitnessedRecord | undefined,
  ): { readonly retired?: string } {
    const current = parseVerifierKey(this.#keyText() ?? '', noteCrypto);
    if (!current) return {};
    const own = cosigner(current);
    const isBehind = [head, ...(earlier ? [earlier] : [])].some(({ size, root, note }) => {
      const isSeen = seen && (size < seen.size || (size === seen.size && root === seen.root));
      return !isSeen && verifyCosignature(note, own, noteCrypto) !== undefined;
    });
    if (!isBehind) return {};
    this.#change('retired');
    return { retired: formatVerifierKey(own, noteCrypto) };
  }

  /** Runs work that may change the key in one transaction, and then erases the key that no longer counts. */
  #transaction<Value>(work: () => Value): Value {
    const { store } = this.#opened;
    try {
      return store.transaction(work);
    } finally {
      if (this.#made) {
        this.#made = undefined;
        // The store names the key that counts, whether the transaction was committed or undone.
        store.transaction(() => this.#find());
      }
    }
  }

  #change(reason: 'first' | 'lost' | 'retired'): NoteSigner {
    const { store, log } = this.#opened;
    const name =
      parseVerifierKey(this.#keyText() ?? '', noteCrypto)?.name ??
      `${nameStart}${randomBytes(8).toString('hex')}`;
    const signer = this.#file.prepareNext(name);
    this.#made = signer;
    store.settings.set(keySetting, signer.text);
    const key = formatVerifierKey(cosigner(signer.verifier), noteCrypto);
    log.append({ action: 'witness-key', subject: {}, facts: { key, reason } });
    return signer;
  }

  #find(): NoteSigner | undefined {
    const text = this.#keyText();
    return text === undefined ? undefined : this.#file.find(text);
  }

  /** The key that counts, as `NoteSigner.text` has it. */
  #keyText(): string | undefined {
    return this.#opened.store.settings.get(keySetting);
  }
}

/** A key as the key of cosignatures, which C2SP tells apart from other keys by its type. */
function cosigner(key: VerifierKey): VerifierKey {
  return { ...key, type: cosignatureType };
}
