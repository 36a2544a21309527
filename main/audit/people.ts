import { hash, randomBytes } from 'node:crypto';
import type { PersonRecord, Store } from '../store/index.ts';
import type { LogEvent } from './actions.ts';
import type { Actor } from './entry.ts';

/** The setting that holds the id of the person who works with this store. */
const currentSetting = 'person';

/** The people in a log. Their names are declared, lie outside of the log, and can be erased. */
export class People {
  readonly #store: Store;
  readonly #userName: string;
  readonly #append: (event: LogEvent) => void;

  constructor(store: Store, userName: string, append: (event: LogEvent) => void) {
    this.#store = store;
    this.#userName = userName;
    this.#append = append;
  }

  /** All people, also those whose names are erased. */
  all(): readonly PersonRecord[] {
    return this.#store.people.all();
  }

  /** The name of an actor. Undefined if it is erased. */
  nameOf(id: string): string | undefined {
    return this.#store.people.get(id)?.name;
  }

  /** Whether someone has declared a name, so that entries do not bear the name of the user account. */
  isDeclared(): boolean {
    return this.#declared() !== undefined;
  }

  /** The id of the person whose name new entries bear. Undefined before the first entry of the user account. */
  currentId(): string | undefined {
    return (this.#declared() ?? this.#store.people.named(this.#userName))?.id;
  }

  /** Who works with this store: who declared a name last, otherwise the user of the operating system. */
  current(): Actor {
    const { id, salt, name = '' } = this.#declared() ?? this.known(this.#userName);
    return { id, nameSha256: nameDigest(salt, name), proof: 'declared' };
  }

  /** From now on, entries bear this name. */
  declare(name: string): void {
    this.#store.transaction(() => {
      const { id } = this.known(name);
      if (this.#store.settings.get(currentSetting) === id) return;
      this.#store.settings.set(currentSetting, id);
      this.#append({ action: 'name-declared', subject: { person: id }, facts: {} });
    });
  }

  /** Erases a name for good, everywhere in the store. The log stays as it is. */
  erase(id: string): void {
    this.#store.transaction(() => {
      this.#store.people.erase(id);
      this.#append({ action: 'name-erased', subject: { person: id }, facts: {} });
    });
    this.#store.people.flushErased();
  }

  /** The person of this name, added if new. */
  known(name: string): PersonRecord {
    const known = this.#store.people.named(name);
    if (known) return known;
    const person = { id: randomBytes(8).toString('hex'), name, salt: randomBytes(16) };
    this.#store.people.add(person);
    return person;
  }

  #declared(): PersonRecord | undefined {
    const id = this.#store.settings.get(currentSetting);
    const person = id === undefined ? undefined : this.#store.people.get(id);
    return person?.name === undefined ? undefined : person;
  }
}

/** The digest by which an entry names its actor: SHA-256(salt || UTF-8 name), in hex. */
export function nameDigest(salt: Uint8Array, name: string): string {
  return hash('sha256', Buffer.concat([salt, Buffer.from(name)]), 'hex');
}
