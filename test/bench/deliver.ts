import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCore, deliverFile, systemSurroundings } from '../../main/core/index.ts';
import { labOperator, makeLabOperator, type LabOperator } from '../../main/training/lab-operator.ts';
import { faultSentence } from '../../main/words/index.ts';
import { end } from '../kit/desktop.ts';
import { exchangeBarely } from './bare-exchange.ts';
import type { Figures } from './figures.ts';
import { prepareAll } from './product.ts';
import { median, rounded, time } from './rounds.ts';

const rounds = 41;
const warmUps = 9;
const passphrase = 'benchmark';
const serialNumber = 'LAB0001';
const root = join(import.meta.dirname, '../..');

/**
 * Measures a delivery over Ethernet, from the bundle's file to the receipt's. Beside it, measures the bare exchange of
 * the same bytes: PUT and GET over TLS 1.3 with the same keys, by node:https alone. The two alternate, each with its
 * peer in a separate process, over the loopback interface. Each round has a new bundle, with the next sequence number.
 */
export async function benchDeliver(folder: string, say: (progress: string) => void): Promise<Figures> {
  say(`making an operator and ${warmUps + rounds} bundles`);
  const operator = labOperator(folder, [serialNumber]);
  const made = await makeLabOperator(operator, new Date(), passphrase);
  if (!made.ok) throw new Error(made.fault.code);
  const bundles: string[] = [];
  for (let round = 0; round < warmUps + rounds; round++) {
    const out = join(folder, `round-${round}`);
    await prepareAll({ ...operator, passphrase }, out);
    bundles.push(join(out, 'bundles', `${serialNumber}.p7m`));
  }
  const enb = await startPeer('main/cli/siteseal.js', enbArguments(operator));
  const bare = await startPeer('test/bench/bare-server.ts', bareArguments(operator));
  const core = createCore({ ...systemSurroundings(), dataFolder: join(folder, 'data') });
  try {
    const product: number[] = [];
    const limit: number[] = [];
    const trust = { roots: [operator.vendorRoot], untrusted: [], crls: [] };
    for (const [round, bundle] of bundles.entries()) {
      if (round === warmUps) say(`${rounds} rounds`);
      const octets = readFileSync(bundle);
      const vendorRoot = readFileSync(operator.vendorRoot);
      const barely = await time(1, () => exchangeBarely(bare.port, vendorRoot, octets));
      const delivery = await time(1, async () => {
        const address = { ethernet: `127.0.0.1:${enb.port}`, trust };
        const report = await deliverFile(core, bundle, address, () => undefined);
        const fault = report.ok ? report.value.fault : report.fault;
        if (fault) throw new Error(faultSentence(fault));
      });
      if (round < warmUps) continue;
      limit.push(barely.elapsed * 1e3);
      product.push(delivery.elapsed * 1e3);
    }
    return toFigures(product, limit, readFileSync(bundles[0] ?? '').length);
  } finally {
    core.stores.close();
    await Promise.all([enb.close(), bare.close()]);
  }
}

function toFigures(product: readonly number[], bare: readonly number[], size: number): Figures {
  const times = product.map((elapsed, round) => elapsed / (bare[round] ?? NaN));
  const detail = [
    `medians of ${rounds} rounds with bundles of ${size} octets`,
    `Siteseal ${median(product).toFixed(1)} ms`,
    `the bare exchange ${median(bare).toFixed(1)} ms`,
    `${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)} times it in single rounds`,
  ];
  return {
    perSecond: rounded(1e3 / median(product), 1),
    timesBare: rounded(median(times), 2),
    detail: detail.join('; '),
  };
}

function enbFiles(operator: LabOperator) {
  const [enb] = operator.enbs;
  if (!enb) throw new Error('The operator has no eNB');
  return operator.enbRequest(enb);
}

function enbArguments(operator: LabOperator): readonly string[] {
  const { identity, key, chain = '', vendorRoot, state } = enbFiles(operator);
  return [
    ...['lab', 'enb', '--json', '--port', '0', '--identity', identity, '--key', key, '--chain', chain],
    ...['--vendor-root', vendorRoot, '--state', state],
  ];
}

function bareArguments(operator: LabOperator): readonly string[] {
  const { identity, key, chain = '' } = enbFiles(operator);
  return [identity, key, chain];
}

/** Starts a program of this repository that prints the port it listens on to standard output, in JSON. */
async function startPeer(program: string, args: readonly string[]) {
  const child = spawn(process.execPath, [join(root, program), ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${program} ended before it listened`);
  });
  const said = once(child.stdout.setEncoding('utf8'), 'data') as Promise<[string]>;
  const [line] = await Promise.race([said, ended]);
  const { port } = JSON.parse(line) as { readonly port: number };
  ended.catch(() => undefined);
  return { port, close: () => end(child) };
}
