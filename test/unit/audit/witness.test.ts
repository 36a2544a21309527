import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { noteCrypto, readHead, Witness, type AuditLog } from '../../../main/audit/index.ts';
import { saveHead, takeCosigned } from '../../../main/core/index.ts';
import { fault, type Fault } from '../../../main/faults/index.ts';
import { openStore, type Store } from '../../../main/store/index.ts';
import {
  parseCheckpoint,
  parseVerifierKey,
  verifyCosignature,
  verifySignature,
} from '../../../main/tlog/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { allEntries, openLogIn } from '../../kit/log.ts';

const closers: (() => void)[] = [];
after(() => closers.forEach((close) => close()));

/** A computer with a log and a witness. The clock of all of them is `day`, in November. */
let day = 15;
let computers = 0;
class Computer {
  readonly store: Store;
  readonly log: AuditLog;
  readonly #witness: Witness;
  readonly folder: string;
  readonly #name = `X${computers++}`;
  #isOpen = true;

  constructor(folder = temporaryFolder(), training = false) {
    this.folder = folder;
    const store = openStore(folder);
    assert(store.ok);
    this.store = store.value;
    const now = () => new Date(Date.UTC(2026, 10, day, 12));
    this.log = openLogIn(folder, this.store, { now, training });
    this.#witness = new Witness(this, { folder, training, now });
    closers.push(() => this.close());
  }

  /** Appends entries that no other computer appends. */
  work(count = 3): this {
    for (let rows = 0; rows < count; rows++)
      this.log.append({
        action: 'prepare-run',
        subject: { operator: this.#name },
        facts: { rows, made: 0, refused: 0, results: '' },
      });
    return this;
  }

  /** The bytes of a new head file. */
  async head(since?: number): Promise<Buffer> {
    const out = join(this.folder, 'head');
    const saved = await saveHead(this, out, since === undefined ? {} : { since });
    assert(saved.ok, JSON.stringify(saved));
    return readFileSync(out);
  }

  async takeIn(note: string): Promise<Fault | undefined> {
    const file = join(this.folder, 'cosigned');
    writeFileSync(file, note);
    const taken = await takeCosigned(this, file);
    return taken.ok ? undefined : taken.fault;
  }

  /** Gives the witness a head. */
  judge(bytes: Uint8Array, trustedKey?: string) {
    const read = readHead(bytes);
    assert(read.ok, JSON.stringify(read));
    return this.#witness.take(read.value, trustedKey);
  }

  cosign(bytes: Uint8Array, trustedKey?: string) {
    const { result } = this.judge(bytes, trustedKey);
    assert(result.ok, JSON.stringify(result));
    return result.value;
  }

  /** Why the witness refuses a head. */
  refuse(bytes: Uint8Array): readonly (string | undefined)[] {
    const { result } = this.judge(bytes);
    assert(!result.ok);
    const { code, rule, expected } = result.fault;
    return [code, rule, expected].filter((one) => one !== undefined);
  }

  /** A copy of this computer, which is closed. */
  copy(): Computer {
    this.close();
    const folder = temporaryFolder();
    cpSync(this.folder, folder, { recursive: true });
    return new Computer(folder);
  }

  last(): readonly [action: string | undefined, facts: unknown] {
    const entry = allEntries(this.log).at(-1);
    return [entry?.action, entry?.facts];
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.log.close();
    this.store.close();
  }
}

interface Editable {
  training: boolean;
  checkpoint: string;
  keys: { index: number; entry: string; inclusion: string[]; handover?: string }[];
  consistency?: { from: number; proof: string[]; checkpoint?: string };
}

/** A head file with something changed. */
function edited(bytes: Uint8Array, edit: (file: Editable) => void): Buffer {
  const file = JSON.parse(Buffer.from(bytes).toString()) as Editable;
  edit(file);
  return Buffer.from(JSON.stringify(file));
}

/** The checkpoint of a head file, alone. */
const noteIn = (bytes: Uint8Array) => {
  let note = '';
  edited(bytes, ({ checkpoint }) => (note = checkpoint));
  return Buffer.from(note);
};

describe('a witness', () => {
  it('cosigns the first head of a log whose key has changed', async () => {
    const [laptop, office] = [new Computer().work(), new Computer()];
    day++;
    const cosigned = office.cosign(await laptop.work().head());
    day--;
    assert.equal(cosigned.isKeyTaken, true);
  });

  it('cosigns the first head of a log, and reports that it took the key from the file', async () => {
    const laptop = new Computer().work();
    const office = new Computer();
    const { note, witness, key, from, isKeyTaken, size } = office.cosign(await laptop.head());
    assert.deepEqual([from, isKeyTaken, size], [undefined, true, 5]);
    assert.equal(key, laptop.store.log.head()?.key);
    const read = parseCheckpoint(note);
    const [logKey, witnessKey] = [key, witness].map((text) => parseVerifierKey(text, noteCrypto));
    assert(read && logKey && witnessKey);
    assert(verifySignature(read.note, logKey, noteCrypto));
    assert.equal(verifyCosignature(read.note, witnessKey, noteCrypto), Date.UTC(2026, 10, 15, 12) / 1000);
    const { origin, root } = read;
    assert.deepEqual(office.last(), ['head-witnessed', { origin, size: 5, root, key }]);
    assert.deepEqual(laptop.last(), ['head-saved', { size: 5 }]);
  });

  it('cosigns each head that continues the one before, over keys that sign each other in', async () => {
    const laptop = new Computer().work();
    const office = new Computer();
    assert.equal(await laptop.takeIn(office.cosign(await laptop.head()).note), undefined);
    assert.equal(laptop.last()[0], 'head-cosigned');
    for (day of [16, 17, 18]) laptop.work();
    const file = await laptop.head();
    const read = readHead(file);
    assert(read.ok);
    assert.deepEqual([read.value.file?.keys.length, read.value.earlier?.size], [4, 5]);
    const cosigned = office.cosign(file);
    assert.deepEqual([cosigned.from, cosigned.isKeyTaken], [5, false]);
    assert.equal(cosigned.key, laptop.store.log.head()?.key);
    assert.equal(await laptop.takeIn(cosigned.note), undefined);
    const next = readHead(await laptop.head());
    assert(next.ok);
    assert.deepEqual([next.value.file?.keys.length, next.value.earlier?.size], [1, cosigned.size]);
  });

  it('cosigns a head that it has seen again, also as a note alone', async () => {
    const laptop = new Computer().work();
    const office = new Computer();
    const file = await laptop.head();
    const { witness, size } = office.cosign(file);
    for (const again of [file, noteIn(file)]) {
      const cosigned = office.cosign(again);
      assert.deepEqual([cosigned.witness, cosigned.from], [witness, size]);
    }
  });

  it('follows a key that nothing signed in only if a person has compared it', async () => {
    const laptop = new Computer().work();
    const office = new Computer();
    const { size } = office.cosign(await laptop.head());
    laptop.close();
    rmSync(join(laptop.folder, 'log.key'));
    const again = new Computer(laptop.folder).work();
    const file = await again.head(size);
    assert.deepEqual(office.refuse(file), ['head-key-unknown']);
    const { result } = office.judge(file, 'another');
    assert(!result.ok && result.fault.code === 'head-key-unknown');
    const cosigned = office.cosign(file, result.fault.found);
    assert.deepEqual([cosigned.from, cosigned.isKeyTaken], [size, true]);
    assert.equal(office.cosign(await again.head(cosigned.size)).isKeyTaken, false);
  });

  it('makes a new key where its own is lost', async () => {
    const laptop = new Computer().work();
    const office = new Computer();
    const first = office.cosign(await laptop.head());
    office.close();
    rmSync(join(office.folder, 'witness.key'));
    const reopened = new Computer(office.folder);
    const second = reopened.cosign(await laptop.head(first.size));
    assert.notEqual(first.witness, second.witness);
    const reasons = allEntries(reopened.log).flatMap(({ action, facts }) =>
      action === 'witness-key' ? [facts] : [],
    );
    assert.deepEqual(reasons, [
      { key: first.witness, reason: 'first' },
      { key: second.witness, reason: 'lost' },
    ]);
  });
});

describe('a witness refuses, and logs', () => {
  /** An office that has seen a head of this laptop, of which there are two from then on. */
  async function scenario() {
    day = 15;
    const laptop = new Computer().work();
    const office = new Computer();
    const seen = await laptop.head();
    const { size } = office.cosign(seen);
    const copy = laptop.copy();
    return { office, seen, size, copy, laptop: new Computer(laptop.folder) };
  }
  type Scenario = Awaited<ReturnType<typeof scenario>>;
  const flipped = (base64: string) => (base64.startsWith('A') ? 'B' : 'A') + base64.slice(1);
  const cases: readonly (readonly [
    what: string,
    make: (scenario: Scenario) => Promise<Buffer> | Buffer,
    code: string,
    ...facts: readonly string[],
  ])[] = [
    [
      'a fork of the same size',
      async ({ office, laptop, copy, size }) => {
        office.cosign(await copy.work().head(size));
        return laptop.work().head(size);
      },
      'log-forked',
    ],
    [
      'a fork that is longer',
      async ({ office, laptop, copy, size }) => {
        const cosigned = office.cosign(await copy.work(1).head(size));
        return laptop.work(9).head(cosigned.size);
      },
      'log-forked',
    ],
    [
      'a head that its proof does not lead to',
      async ({ laptop, size }) =>
        edited(await laptop.work().head(size), ({ consistency }) => {
          consistency!.proof[0] = flipped(consistency!.proof[0]!);
        }),
      'log-forked',
    ],
    [
      'an older head than it has seen',
      async ({ office, laptop, seen, size }) => {
        office.cosign(await laptop.work().head(size));
        return seen;
      },
      'log-rolled-back',
      'head-older',
      '11',
    ],
    ['a head without a proof', ({ laptop }) => laptop.work().head(0), 'head-unproven', 'head-continues', '5'],
    [
      'a head with a proof from another head',
      ({ laptop }) => laptop.work().head(4),
      'head-unproven',
      'head-continues',
      '5',
    ],
    [
      'a longer head as a note alone',
      async ({ laptop, size }) => noteIn(await laptop.work().head(size)),
      'head-unproven',
      'head-continues',
      '5',
    ],
    [
      'a note alone of a log that it has not seen',
      async () => noteIn(await new Computer().head()),
      'head-unproven',
      'head-file',
    ],
    [
      'a head whose signature does not verify',
      async ({ laptop, size }) =>
        edited(await laptop.work().head(size), (file) => {
          file.checkpoint = file.checkpoint.replace(/(.{20})(.)(.{4}\n)$/, (_, before, one, end) =>
            [before, flipped(one as string), end].join(''),
          );
        }),
      'log-signature-invalid',
    ],
    [
      'a handover that the key before did not sign',
      async ({ laptop, size }) => {
        day++;
        const other = laptop.copy().work(1);
        const reopened = new Computer(laptop.folder).work(2);
        const [, foreign] = (JSON.parse((await other.head(size)).toString()) as Editable).keys;
        day++;
        return edited(await reopened.work().head(size), ({ keys }) => {
          keys[2]!.handover = keys[1]!.handover!;
          keys[2] = { ...keys[2]!, ...foreign };
        });
      },
      'log-signature-invalid',
    ],
    [
      'a key whose entry the handover does not hold',
      async ({ laptop, size }) => {
        day++;
        return edited(await laptop.work().head(size), ({ keys }) => {
          keys[1]!.inclusion[0] = flipped(keys[1]!.inclusion[0]!);
        });
      },
      'log-altered',
    ],
    [
      'a first head whose key is not in the log',
      async () =>
        edited(await new Computer().work().head(), ({ keys }) => {
          keys[0]!.inclusion[0] = flipped(keys[0]!.inclusion[0]!);
        }),
      'log-altered',
    ],
    [
      'a head of training',
      () => new Computer(temporaryFolder(), true).work().head(),
      'log-training-mismatch',
    ],
    ['a head of its own log', ({ office }) => office.head(), 'head-own-log'],
  ];
  for (const [what, make, ...expected] of cases) {
    it(what, async () => {
      const all = await scenario();
      const bytes = await make(all);
      const { office } = all;
      const origin = parseCheckpoint(readHeadNote(bytes))?.origin ?? '';
      const before = office.store.witnessed.get(origin);
      assert.deepEqual(office.refuse(bytes), expected);
      assert.deepEqual(office.store.witnessed.get(origin), before);
      const [action, facts] = office.last();
      assert.equal(action, 'head-refused');
      assert.deepEqual(
        { ...(facts as object), size: 0, seen: 0 },
        { origin, size: 0, seen: 0, fault: expected[0] },
      );
    });
  }
});

/** The checkpoint in a head file or a note. */
function readHeadNote(bytes: Buffer): string {
  return bytes[0] === 0x7b ? noteIn(bytes).toString() : bytes.toString();
}

describe('a witness that was restored from a backup', () => {
  it('retires its key when it meets a cosignature that it no longer knows', async () => {
    const laptop = new Computer().work();
    const office = new Computer();
    const first = office.cosign(await laptop.head());
    const restored = office.copy();
    const current = new Computer(office.folder);
    await laptop.takeIn(current.cosign(await laptop.work().head(first.size)).note);
    current.close();
    const keyFile = join(restored.folder, 'witness.key');
    const oldKey = readFileSync(keyFile, 'utf8');

    const file = await laptop.work().head();
    const { result, retired } = restored.judge(file);
    assert.equal(retired, first.witness);
    assert(!result.ok);
    // What the store does not know, the old cosignature does not prove.
    assert.deepEqual([result.fault.code, result.fault.expected], ['head-unproven', String(first.size)]);
    assert.notEqual(readFileSync(keyFile, 'utf8'), oldKey);
    assert(!existsSync(`${keyFile}.next`));
    const again = restored.cosign(await laptop.head(first.size));
    assert.notEqual(again.witness, first.witness);
    assert.equal(again.witness.split('+')[0], first.witness.split('+')[0]);
    assert.equal(again.from, first.size);
    assert.equal(restored.judge(await laptop.head(again.size)).retired, undefined);
  });

  it('retires its key also where it does not know the log at all, whose head is then the first', async () => {
    const office = new Computer();
    office.cosign(await new Computer().work().head());
    const restored = office.copy();
    const current = new Computer(office.folder);
    const laptop = new Computer().work();
    const cosigned = current.cosign(await laptop.head());
    await laptop.takeIn(cosigned.note);
    const { result, retired } = restored.judge(await laptop.head());
    assert.equal(retired, cosigned.witness);
    assert(result.ok);
    assert.deepEqual([result.value.from, result.value.isKeyTaken], [undefined, true]);
    assert.notEqual(result.value.witness, retired);
  });

  it('keeps its key for a cosignature that anyone else wrote in its name', async () => {
    const office = new Computer();
    const { witness } = office.cosign(await new Computer().work().head());
    const laptop = new Computer().work();
    const file = edited(await laptop.head(), (head) => {
      const [name = '', id = ''] = witness.split('+');
      const bytes = Buffer.concat([Buffer.from(id, 'hex'), Buffer.alloc(72, 1)]);
      head.checkpoint += `\u2014 ${name} ${bytes.toString('base64')}\n`;
    });
    const { retired, result } = office.judge(file);
    assert.deepEqual([retired, result.ok], [undefined, true]);
  });
});

describe('a log takes in a head that came back', () => {
  it('with the cosignatures of several witnesses', async () => {
    const laptop = new Computer().work();
    const file = await laptop.head();
    const notes = [new Computer(), new Computer()].map((office) => office.cosign(file).note);
    for (const note of [...notes, ...notes]) assert.equal(await laptop.takeIn(note), undefined);
    const kept = laptop.store.log.checkpoints().find(({ size }) => size === 5);
    assert.equal(parseCheckpoint(kept?.checkpoint ?? '')?.note.signatures.length, 3);
  });

  const refused: readonly (readonly [
    what: string,
    code: string,
    make: (laptop: Computer, office: Computer) => Promise<string> | string,
  ])[] = [
    ['of another log', 'log-foreign', async (_, office) => office.cosign(await new Computer().head()).note],
    ['that nobody cosigned', 'head-not-cosigned', async (laptop) => noteIn(await laptop.head()).toString()],
    [
      'beyond its end',
      'log-rolled-back',
      async (laptop, office) => {
        const later = laptop.copy().work(20);
        return office.cosign(await later.head()).note;
      },
    ],
    [
      'with another history',
      'log-forked',
      async (laptop, office) => office.cosign(await laptop.copy().work(2).head()).note,
    ],
    [
      'without the signature of the log',
      'log-signature-invalid',
      async (laptop, office) => office.cosign(await laptop.head()).note.replace(/\n\n\u2014.*\n/, '\n\n'),
    ],
    ['that is no note', 'head-not-cosigned', () => 'no note'],
  ];
  for (const [what, code, make] of refused) {
    it(`but none ${what}`, async () => {
      const laptop = new Computer().work();
      const note = await make(laptop, new Computer());
      const reopened = new Computer(laptop.folder).work(5);
      assert.equal((await reopened.takeIn(note))?.code, code);
      reopened.close();
    });
  }
});

describe('the head of a log', () => {
  it('is refused from beyond its end, and where the entries are not those that it seals', async () => {
    const laptop = new Computer().work();
    const out = join(laptop.folder, 'head');
    const beyond = await saveHead(laptop, out, { since: 100 });
    assert(!beyond.ok && beyond.fault.code === 'log-rolled-back');
    laptop.close();
    const database = new Database(join(laptop.folder, 'siteseal.db'));
    database.exec('DROP TRIGGER log_is_append_only_update');
    database.exec(`UPDATE log SET entry = replace(entry, '"rows":1', '"rows":9') WHERE sequence = 3`);
    database.close();
    const altered = await saveHead(new Computer(laptop.folder), out);
    assert(!altered.ok && altered.fault.code === 'log-altered');
    assert(!existsSync(out));
  });

  it('is not written if the user stops the work', async () => {
    const laptop = new Computer().work();
    const out = join(laptop.folder, 'head');
    const stopped = await saveHead(laptop, out, { pause: () => Promise.resolve(fault('cancelled')) });
    assert(!stopped.ok && stopped.fault.code === 'cancelled');
    assert(!existsSync(out));
  });
});

describe('a head file is malformed', async () => {
  const good = await new Computer().work().head();
  const cases: readonly (readonly [what: string, rule: string, edit: (file: Editable) => void])[] = [
    ['with an unknown member', 'json-unknown-member', (file) => Object.assign(file, { more: 1 })],
    ['without a key', 'json-type', (file) => (file.keys = [])],
    [
      'with an entry that names no key',
      'log-entry-key',
      ({ keys }) => {
        keys[0]!.entry = keys[0]!.entry.replace('log-key', 'started');
      },
    ],
    ['with a key at another index', 'log-entry-key', ({ keys }) => keys[0]!.index++],
    ['with a key of training', 'log-entry-key', (file) => (file.training = true)],
    ['with an entry that is not canonical', 'log-entry-form', ({ keys }) => (keys[0]!.entry += ' ')],
    ['with a hash that is too short', 'json-base64', ({ keys }) => (keys[0]!.inclusion[0] = 'AAAA')],
    ['with a checkpoint that is none', 'log-checkpoint-form', (file) => (file.checkpoint += 'x')],
    [
      'with a handover over another entry',
      'log-checkpoint-form',
      ({ keys, checkpoint }) => {
        keys[0]!.handover = checkpoint;
      },
    ],
    [
      'with an earlier head of another size',
      'log-head-earlier',
      (file) => {
        file.consistency = { from: 3, proof: [], checkpoint: file.checkpoint };
      },
    ],
  ];
  for (const [what, rule, edit] of cases) {
    it(what, () => {
      const read = readHead(edited(good, edit));
      assert(!read.ok);
      assert.equal(read.fault.rule ?? read.fault.because?.rule, rule);
    });
  }
});
