/** The steps of eNBs that die at every phase, with the stand-in for IPsec: no step is called done that is not. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { StepName, StepState } from '../../main/bundle/index.ts';
import { createCore, systemSurroundings } from '../../main/core/index.ts';
import { ok, type Result } from '../../main/faults/index.ts';
import { networkOf, startLabGateway, type RunningLabGateway } from '../../main/training/lab-gateway.ts';
import type { LabEnbRequest } from '../../main/training/lab-enb.ts';
import { connectToLab, labGateways, labOperator, raHost } from '../../main/training/lab-operator.ts';
import { startLabRaCa } from '../../main/training/lab-ra-ca.ts';
import { setUpTraining } from '../../main/training/set-up.ts';
import { laterSteps } from '../../preload/contract/steps.ts';

/** What the eNB's process is to do. `killAt`: a step and its phase. */
export interface StepOrder {
  readonly request: LabEnbRequest;
  readonly bundle: string;
  readonly killAt: string | undefined;
}

/** What it reports about each step, and at the end. */
export type StepWord =
  'end' | { readonly step: StepName; readonly state: StepState; readonly fault?: string };

/** The phases at which an eNB dies. An RA/CA that decides at once lets none wait. */
const deaths = laterSteps
  .filter(({ name }) => name !== 'renewal')
  .flatMap(({ name, phases }) => phases.map((phase) => `${name} ${phase.name}`))
  .filter((death) => death !== 'enrolment waiting');

export interface StepsResult {
  readonly kills: number;
  /** Steps that were called done. */
  readonly done: number;
  readonly lies: readonly string[];
}

/** Has each of these eNBs die at every phase of every step, one after the other, and compares what it says with the others. */
export async function soakSteps(
  folder: string,
  count: number,
  broken: string | undefined,
): Promise<StepsResult> {
  const surroundings = { ...systemSurroundings(), dataFolder: folder };
  const core = createCore(surroundings);
  const serials = Array.from({ length: count }, (_, index) => `LAB${String(index + 1).padStart(4, '0')}`);
  const lab = join(core.stores.folder(true), 'lab');
  const operator = labOperator(lab, serials);
  got(await setUpTraining(core, operator));
  core.stores.close();
  const errors: string[] = [];
  const raCa = got(
    await startLabRaCa(
      { ...operator.raCa, onAnswered: () => undefined, onError: (error) => errors.push(String(error)) },
      surroundings.now,
      () => Promise.resolve(ok(undefined)),
    ),
  );
  const behind = networkOf((place) => (place === raHost ? raCa.port : undefined));
  const gateways: (RunningLabGateway & { readonly open: Map<string, number> })[] = [];
  for (const [index, files] of operator.gateways.entries()) {
    const { subnets, pool } = labGateways[index] ?? labGateways[0];
    const open = new Map<string, number>();
    const onEvent: Parameters<typeof startLabGateway>[0]['onEvent'] = ({ kind, identity }) => {
      if (kind !== 'refused') open.set(identity, (open.get(identity) ?? 0) + (kind === 'up' ? 1 : -1));
    };
    const running = got(
      await startLabGateway({ ...files, subnets, pool, behind, onEvent }, surroundings.now),
    );
    gateways.push({ ...running, open });
  }
  const connectTo = {
    ...connectToLab({
      raCa: () => 1,
      outside: () => 1,
      gateway: (wanted) => gateways.find(({ address }) => address === wanted)?.port ?? 1,
    }),
  };
  let kills = 0;
  let done = 0;
  const lies: string[] = [];
  for (const enb of operator.enbs) {
    const bundle = join(lab, 'prepared', 'bundles', `${enb.serialNumber}.p7m`);
    const request = { ...operator.enbRequest(enb), connectTo };
    for (const killAt of [...deaths, undefined]) {
      const words: Exclude<StepWord, 'end'>[] = [];
      const hasDied = await live({ request, bundle, killAt }, broken, (word) => {
        words.push(word);
        if (word.state !== 'done')
          lies.push(`${enb.serialNumber}: ${word.step} ${word.fault ?? word.state} after ${killAt}`);
        const [first, last] = gateways;
        const gateway = word.step === 'initial-ipsec' ? first : last;
        const isUp = [...(gateway?.open ?? [])].some(([, tunnels]) => tunnels > 0);
        if (word.state === 'done' && word.step === 'backhaul-ipsec' && !isUp)
          lies.push(`${enb.serialNumber}: ${word.step} is called done, and its gateway has no tunnel`);
      });
      if (hasDied) kills++;
      done += words.filter(({ state }) => state === 'done').length;
      if (hasDied !== (killAt !== undefined)) lies.push(`${enb.serialNumber} was not killed at ${killAt}`);
    }
  }
  for (const gateway of gateways) await gateway.close();
  await raCa.close();
  return { kills, done, lies: [...lies, ...errors, ...judgeIssued(operator.raCa.state)] };
}

/** The RA/CA has issued one certificate to each eNB, however often it died. */
function judgeIssued(folder: string): readonly string[] {
  const journal = new Database(join(folder, 'journal.db'), { readonly: true });
  const rows = journal
    .prepare('SELECT holder, count(*) AS number FROM certificate GROUP BY holder')
    .all() as {
    readonly holder: string;
    readonly number: number;
  }[];
  journal.close();
  if (rows.length === 0) return ['The RA/CA has issued no certificate'];
  return rows.flatMap(({ holder, number }) => (number === 1 ? [] : [`${holder} has ${number} certificates`]));
}

/** Runs the eNB's process until it dies or has made its steps. Resolves with whether it died. */
async function live(
  order: StepOrder,
  broken: string | undefined,
  onWord: (word: Exclude<StepWord, 'end'>) => void,
): Promise<boolean> {
  const child = fork(join(import.meta.dirname, 'step-enb.ts'), broken === undefined ? [] : [broken]);
  child.on('message', (word: StepWord) => {
    if (word === 'end') child.kill('SIGTERM');
    else onWord(word);
  });
  child.send(order);
  const [, signal] = (await once(child, 'close')) as [unknown, string | null];
  return signal === 'SIGKILL';
}

function got<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
}
