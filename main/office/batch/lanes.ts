import { ok, refuse, type Result } from '../../faults/index.ts';
import { shareSigner, type SharedSigner } from '../../keys/index.ts';
import { spawner, type Part } from '../../spawn/index.ts';
import type { InventoryData } from '../inventory.ts';
import type { UnlockedVendor } from '../profile.ts';
import {
  BatchWorker,
  type BatchSetup,
  type CheckAnswer,
  type CheckQuestion,
  type CompareAnswer,
  type CompareQuestion,
  type MakeAnswer,
  type MakeQuestion,
} from './batch-worker.ts';

/** A vendor in the form in which a worker thread gets it. */
export type SharedVendor = Omit<UnlockedVendor, 'signing' | 'keySource'> & {
  readonly signing: Omit<UnlockedVendor['signing'], 'signer'> & { readonly signer: SharedSigner };
};

/** A `BatchSetup` in the form in which a worker thread gets it. The secrets are in memory that all threads share. */
export type SharedSetup = Omit<BatchSetup, 'inventory' | 'vendors'> & {
  readonly inventory: InventoryData;
  readonly vendors: readonly SharedVendor[];
};

/** The part that a worker thread runs. */
export interface BatchPart {
  readonly options: SharedSetup;
  readonly info: undefined;
  readonly question: CheckQuestion | CompareQuestion | MakeQuestion;
  readonly answer: CheckAnswer | CompareAnswer | MakeAnswer;
}

/** Where the rows of a run are worked on: in this thread, or in several worker threads. */
export interface Lanes {
  /** How many questions to ask before the first is answered, so that no lane waits. */
  readonly ahead: number;
  check(question: CheckQuestion): Promise<Result<CheckAnswer, 'internal-error'>>;
  compare(question: CompareQuestion): Promise<Result<CompareAnswer, 'internal-error'>>;
  /** @param signal makes it stop soon: after a bundle, or in other threads after the question */
  make(question: MakeQuestion, signal: AbortSignal): Promise<Result<MakeAnswer, 'internal-error'>>;
  /** Ends the threads. None of them reads the inventory any more then. */
  close(): Promise<void>;
}

const spawnBatch = spawner<BatchPart>('batch-part', import.meta.dirname);

/** Fewer rows are not worth the start of another thread. */
export const rowsPerThread = 1_000;

/** Opens so many lanes, as far as there are enough rows for them. */
export async function openLanes(setup: BatchSetup, lanes: number): Promise<Result<Lanes>> {
  const count = Math.min(lanes, Math.floor(setup.inventory.rows.length / rowsPerThread));
  const shared = count > 1 ? share(setup) : undefined;
  if (!shared) return ok(inThisThread(setup));
  const started = await Promise.all(
    Array.from({ length: count }, () =>
      spawnBatch(shared, () => undefined).catch(() => refuse('internal-error', { found: 'batch-part' })),
    ),
  );
  const parts = started.flatMap((one) => (one.ok ? [one.value] : []));
  for (const one of started) {
    if (one.ok) continue;
    await close(parts);
    return one;
  }
  return ok(inThreads(parts));
}

/** Undefined if a key cannot be used in another thread. */
function share({ inventory, profile, vendors, ...setup }: BatchSetup): SharedSetup | undefined {
  const shared = [...vendors.values()].map(({ keySource: _, signing, ...vendor }) => {
    const signer = shareSigner(signing.signer);
    return signer && { ...vendor, signing: { ...signing, signer } };
  });
  const all = shared.filter((one) => one !== undefined);
  if (all.length < shared.length) return undefined;
  return { ...setup, inventory: inventory.data, vendors: all, profile: { ...profile, vendors: new Map() } };
}

function inThisThread(setup: BatchSetup): Lanes {
  const worker = new BatchWorker(setup);
  return {
    ahead: 1,
    check: async (question) => {
      await nextTurn();
      return ok(worker.check(question));
    },
    compare: async (question) => {
      await nextTurn();
      return ok(worker.compare(question));
    },
    make: async (question, signal) => {
      await nextTurn();
      return ok(await worker.make(question, signal));
    },
    close: () => Promise.resolve(),
  };
}

/** Others get a turn before the work, which blocks the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function inThreads(parts: readonly Part<BatchPart>[]): Lanes {
  let next = 0;
  const ask = async <Kind extends BatchPart['answer']['kind']>(
    question: BatchPart['question'],
    ...kinds: readonly Kind[]
  ): Promise<Result<Extract<BatchPart['answer'], { kind: Kind }>, 'internal-error'>> => {
    // The questions take about the same time, so that each thread in turn gets one.
    const answer = await (parts[next++ % parts.length]?.ask(question) ?? refuse('internal-error'));
    if (!answer.ok) return answer;
    if (!kinds.some((kind) => kind === answer.value.kind)) throw new Error('A part answers what it is asked');
    return ok(answer.value as Extract<BatchPart['answer'], { kind: Kind }>);
  };
  return {
    ahead: 2 * parts.length,
    check: (question) => ask(question, 'checked', 'needed'),
    compare: (question) => ask(question, 'compared'),
    make: (question) => ask(question, 'made'),
    close: () => close(parts),
  };
}

async function close(parts: readonly Part<BatchPart>[]): Promise<void> {
  await Promise.all(parts.map((part) => part.stop()));
}
