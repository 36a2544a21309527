/**
 * Requests from anybody to an eNB in service change nothing. `SITESEAL_REQUESTS` says how many there are; it was run with
 * 100000.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { after, before, it } from 'node:test';
import { routes, startOf } from '../../main/device/index.ts';
import { laterSteps } from '../../preload/contract/steps.ts';
import {
  callEnb,
  endProcess,
  followSteps,
  putBundle,
  startIpsecLab,
  until,
  type EnbAnswer,
  type IpsecLab,
} from '../kit/ipsec-lab.ts';
import { Chance } from '../soak/random.ts';

const count = Number(process.env['SITESEAL_REQUESTS'] ?? 1_000);
/** More than the eNB serves at a time, so that it drops some. */
const connections = 80;

let lab: IpsecLab;
before(async () => {
  lab = await startIpsecLab({ isTraining: false });
});
after(() => lab.close());

it(`${count} requests to an eNB in service change nothing`, { timeout: 60_000 + count * 10 }, async () => {
  const state = lab.newState();
  const enb = lab.startEnb(state);
  const port = (await enb.started)?.['port'] as number;
  const bundle = await lab.bundle(state);
  const older = await lab.bundle(state, { sequence: 1 });
  assert.equal((await putBundle(port, bundle)).status, 200);
  for (const step of ['initial-ipsec', 'enrolment', 'backhaul-ipsec'] as const) {
    await callEnb(port, 'POST', startOf(step).path);
    const ended = (await followSteps(port)).find((one) => one.step === step);
    assert.equal(ended?.state, 'done', JSON.stringify(ended));
  }
  const pid = enb.child.pid ?? 0;
  const memory = () => Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  const steps = await followSteps(port);
  const before = { tunnels: await state.tunnels(), charons: state.charons(), state: state.read() };
  assert.equal(before.tunnels.length, 1);

  const json = { 'content-type': 'application/json' };
  const challenge = Buffer.alloc(32, 7).toString('base64');
  type Request = (agent: Agent) => Promise<EnbAnswer>;
  const send =
    (method: string, path: string, body?: string | Uint8Array, headers: object = {}): Request =>
    (agent) =>
      callEnb(port, method, path, {
        ...{ agent, body, headers: { ...headers, 'content-length': Buffer.byteLength(body ?? '') } },
      });
  const damaged = Buffer.from(bundle);
  damaged.writeUInt8(damaged.readUInt8(damaged.length >> 1) ^ 1, damaged.length >> 1);
  const paths = new Set<string>(Object.values(routes).map(({ path }) => path));
  for (const { name } of laterSteps) paths.add(startOf(name).path);
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
  const all: readonly Request[] = [
    // Replays of its own bundle, an older one, a damaged one, and none at all.
    ...[bundle, older, damaged, Buffer.from('none')].map<Request>(
      (one) => (agent) => putBundle(port, one, { agent }),
    ),
    send('PUT', routes.putBundle.path, bundle),
    send('PUT', routes.putBundle.path, Buffer.alloc(1024 * 1024 + 1)),
    send('POST', routes.receipt.path, JSON.stringify({ challenge }), json),
    send('POST', routes.receipt.path, '{', json),
    send('POST', routes.receipt.path, JSON.stringify({ challenge: 7 }), json),
    send('GET', '/v1/steps', undefined, { accept: 'text/event-stream' }),
    send('GET', '/v2/../etc'),
    // Everything else, with and without a body.
    ...[...paths].flatMap((path) =>
      methods.flatMap((method) => [send(method, path), send(method, path, '{}', json)]),
    ),
  ];

  const chance = new Chance(13, 'requests');
  const statuses = new Map<number | string, number>();
  const tally = (key: number | string) => statuses.set(key, (statuses.get(key) ?? 0) + 1);
  let left = count;
  const client = async () => {
    let agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (left > 0) {
      left -= 1;
      const request = chance.pick(all);
      try {
        tally((await request(agent)).status);
      } catch {
        tally('dropped');
        agent.destroy();
        agent = new Agent({ keepAlive: true, maxSockets: 1 });
      }
    }
    agent.destroy();
  };
  const run = async (requests: number) => {
    left = requests;
    await Promise.all(Array.from({ length: connections }, client));
  };
  await run(Math.floor(count / 4));
  const early = memory();
  await run(count - Math.floor(count / 4));
  const late = memory();
  console.log(`${count} requests:`, Object.fromEntries(statuses), `${early} kB, then ${late} kB`);

  assert(late < early + 64 * 1024, `${early} kB became ${late} kB`);
  assert.equal(statuses.get(500), undefined);
  const answer = await until(() => callEnb(port, 'GET', routes.identity.path).catch(() => undefined));
  assert.equal(answer.status, 200);
  assert.deepEqual(await followSteps(port), steps);
  assert.deepEqual(await state.tunnels(), before.tunnels, 'the same tunnel, with the same SPIs');
  assert.deepEqual(state.charons(), before.charons);
  assert(lab.reachesRaCa(before.tunnels[0]?.innerAddresses[0] ?? ''));
  // What anybody may change: the verdict on the last bundle that came, and the number of the last receipt.
  const unchanged = ({ last, receiptNumber, ...rest }: ReturnType<typeof state.read>) => rest;
  const now = state.read();
  assert.deepEqual(unchanged(now), unchanged(before.state));
  assert(now.receiptNumber >= before.state.receiptNumber);
  assert.equal((await endProcess(enb)).code, 0);
});
