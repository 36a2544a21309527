/**
 * A whole lab of processes for IPsec, each started by its `siteseal lab …` command: reference eNBs in one network
 * namespace, a gateway and an RA/CA in another, with a cable between them. Only a tunnel leads to the RA/CA. A second cable
 * leads from this process to the eNBs. Needs root, iproute2, nft and strongSwan.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { makeBundle, type Configuration, type Receipt } from '../../main/bundle/index.ts';
import { contentDigest } from '../../main/device/index.ts';
import { charonsOf, listOf, sectionOf, textOf, Vici } from '../../main/strongswan/index.ts';
import { sealingFor, configurationFor, credential, identity, makeScene, type Scene } from './bundle.ts';
import { entry } from './cli.ts';
import { keyPem, labEnbArguments, pem, temporaryFolder, writeFactoryFiles } from './enb.ts';
import { datesNow, makeIpsecPeer, segName } from './ipsec-pki.ts';
import { makeCa } from './pki.ts';

/** The addresses of the eNB and of the gateway on the cable, and of the RA/CA behind the gateway. */
const address = { enb: '198.51.100.2', seg: '198.51.100.1', raCa: '10.20.0.10' };
const raCaPort = 8080;

/** One end of the cable from this process to its eNBs. Other processes have other cables. */
function endOfCable(end: number): string {
  const place = (process.pid % 16_384) * 4 + end;
  return `10.99.${place >> 8}.${place & 0xff}`;
}
const laptopAddress = endOfCable(1);
/** Where the eNBs listen. */
export const enbAddress = endOfCable(2);

/** How many states can enrol: the RA/CA binds a credential to one key. */
const mostStates = 8;
const referenceOf = (number: number) => `enb-${number}`;

/** A command that runs, and what it printed once it was ready. */
export interface Process {
  readonly child: ChildProcess;
  /** The line of JSON that it prints; undefined if it ended before. */
  readonly started: Promise<Readonly<Record<string, unknown>> | undefined>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** What it has written to standard error so far. */
  readonly said: () => string;
}

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a program that this process ends when it exits. */
function startProcess(command: readonly string[], env: NodeJS.ProcessEnv = {}): Process {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
  });
  children.add(child);
  let said = '';
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(([code, signal]) => {
    children.delete(child);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  const line = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.endsWith('\n')) resolve(JSON.parse(printed) as Readonly<Record<string, unknown>>);
    });
  });
  const started = Promise.race([line, ended.then(() => undefined)]);
  return { child, started, ended, said: () => said };
}

/** Starts `siteseal`, possibly behind a launcher. */
export function startLabCommand(
  args: readonly string[],
  { home, launcher = [], modules = [], env = {} }: LabCommandOptions,
): Process {
  const imports = modules.flatMap((one) => ['--import', one]);
  const command = [...launcher, process.execPath, ...imports, entry, ...args, '--json'];
  return startProcess(command, { SITESEAL_HOME: home, ...env });
}

export interface LabCommandOptions {
  /** The data folder. */
  readonly home: string;
  readonly launcher?: readonly string[];
  /** Modules that it loads first. */
  readonly modules?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export async function endProcess({ child, ended }: Process, signal: NodeJS.Signals = 'SIGTERM') {
  child.kill(signal);
  return ended;
}

export type Steps = Receipt['steps'];

/** A running lab. */
export interface IpsecLab {
  readonly scene: Scene;
  readonly home: string;
  readonly vendorRoot: string;
  /** An eNB's files, with its state in a new folder. */
  newState(): LabState;
  /** A new bundle with the credential of a state, and the next sequence number. */
  bundle(state: LabState, changes?: Partial<Configuration>): Promise<Uint8Array>;
  /** Starts the eNB of the scene. One runs at a time. */
  startEnb(state: LabState, options?: Omit<LabCommandOptions, 'home'>): Process;
  /** Runs a program in the eNB's network, and returns what it prints. */
  runAtEnb(...command: readonly string[]): string;
  /** Whether the RA/CA takes a connection from this inner address of the eNB. */
  reachesRaCa(inner: string): boolean;
  /** Drops at the gateway what an expression of nft matches, until the returned function is called. */
  drop(expression: string): () => void;
  /** Ends the RA/CA, and returns the file of its journal, which can be read then. */
  endRaCa(): Promise<string>;
  close(): Promise<void>;
}

/** The state of an eNB, as its files say. */
export interface LabState {
  /** From 0 on. Each state has its own credential. */
  readonly number: number;
  readonly folder: string;
  /** What is in `state.json`. */
  read(): StateFile;
  /** The daemons of this eNB that run. */
  charons(): readonly number[];
  /** The tunnels that are installed in its daemon. */
  tunnels(): Promise<readonly InstalledTunnel[]>;
}

export interface StateFile {
  readonly steps?: Readonly<Record<string, { readonly state: string; readonly phase?: string }>>;
  readonly operator?: { readonly key: string; readonly certificate: string };
  readonly enrolment?: { readonly key: string };
  readonly service?: { readonly key: string; readonly certificate: string };
  /** The verdict on the last bundle. */
  readonly last?: unknown;
  readonly receiptNumber: number;
}

export interface InstalledTunnel {
  readonly name: string;
  readonly innerAddresses: readonly string[];
  /** The SPIs of its child. They change with every new tunnel. */
  readonly spis: string;
}

const run = (...[program = '', ...args]: readonly string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

export interface IpsecLabOptions {
  /** How often the RA/CA lets each client ask again. */
  readonly polls?: number;
  /** Whether the vendor is one for training, so that anybody may start a renewal. */
  readonly isTraining?: boolean;
}

/** Starts a lab. */
export async function startIpsecLab({
  polls = 0,
  isTraining = true,
}: IpsecLabOptions = {}): Promise<IpsecLab> {
  const folder = temporaryFolder();
  const home = join(folder, 'home');
  mkdirSync(home);
  const scene = makeScene({ ...datesNow, training: isTraining });
  const issuing = makeCa('C=FI,O=Lab Operator,CN=Lab Operator CA', datesNow, scene.operatorRoot);
  const seg = makeIpsecPeer('O=Lab Operator,CN=seg1', { root: scene.operatorRoot, issuing }, [segName]);
  const write = (name: string, contents: string) => {
    const file = join(folder, name);
    writeFileSync(file, contents, { mode: 0o600 });
    return file;
  };
  const files = writeFactoryFiles(scene, folder);
  const issuingFile = write('operator-issuing.pem', pem(issuing.certificate));
  const rootFile = write('operator-root.pem', pem(scene.operatorRoot.certificate));

  const network = () =>
    startProcess(['unshare', '--net', 'sh', '-c', 'ip link set lo up && echo {} && exec sleep infinity']);
  const [near, far] = [network(), network()];
  await Promise.all([near.started, far.started]);
  const enter = ({ child }: Process) => ['nsenter', '--net', '--target', String(child.pid)];
  const [nearLauncher, launcher] = [enter(near), enter(far)];
  const laptopLink = `kl${process.pid}`;
  const cable = (...ends: readonly string[]) => run('ip', 'link', 'add', ...ends);
  const [nearPid, farPid] = [String(near.child.pid), String(far.child.pid)];
  cable('kle0', 'netns', nearPid, 'type', 'veth', 'peer', 'name', 'kls0', 'netns', farPid);
  cable(laptopLink, 'type', 'veth', 'peer', 'name', 'laptop', 'netns', nearPid);
  for (const [place, one, device] of [
    [nearLauncher, `${address.enb}/29`, 'kle0'],
    [launcher, `${address.seg}/29`, 'kls0'],
    [launcher, `${address.raCa}/32`, 'lo'],
    [nearLauncher, `${enbAddress}/30`, 'laptop'],
    [[], `${laptopAddress}/30`, laptopLink],
  ] as const) {
    run(...place, 'ip', 'address', 'add', one, 'dev', device);
    run(...place, 'ip', 'link', 'set', device, 'up');
  }
  const gateway = startLabCommand(
    [
      ...['lab', 'seg', '--state', join(folder, 'seg'), '--chain', issuingFile, '--identity', segName],
      ...['--certificate', write('seg.pem', pem(seg.certificate)), '--key', write('seg.key', keyPem(seg))],
      ...['--trust', files.vendorRoot, '--trust', rootFile, '--untrusted', files.chain],
      ...['--subnet', '10.20.0.0/24', '--pool', '10.30.0.0/24'],
    ],
    { home, launcher },
  );
  const registrations = write(
    'registrations.json',
    JSON.stringify({
      format: 'siteseal-lab-registrations/1',
      registrations: Array.from({ length: mostStates }, (_, number) => ({
        ...{ ...identity, protection: 'mac', subject: 'CN=LAB0001' },
        credential: { reference: referenceOf(number), secret: String(credential.secret) },
      })),
    }),
  );
  const raCaFolder = join(folder, 'ra-ca');
  const raCa = startLabCommand(
    [
      ...['lab', 'ra-ca', '--state', raCaFolder, '--registrations', registrations],
      ...[
        '--ca',
        issuingFile,
        '--ca-key',
        write('operator-issuing.key', keyPem(issuing)),
        '--chain',
        rootFile,
      ],
      ...['--host', address.raCa, '--port', String(raCaPort), '--wait', String(polls)],
    ],
    { home, launcher },
  );
  const [isSeg, isRaCa] = await Promise.all([gateway.started, raCa.started]);
  assert(isSeg && isRaCa, gateway.said() + raCa.said());
  const day = 86_400_000;
  const time = (days: number) => `${new Date(Date.now() + days * day).toISOString().slice(0, 19)}Z`;
  const shared = { address: address.seg, identity: segName, remoteSubnets: ['10.20.0.0/24'] };
  const base = configurationFor(scene);
  const ended = (process: Process) => (process.child.exitCode === null ? endProcess(process) : undefined);
  const states: LabState[] = [];
  let sequence = 7;
  return {
    scene,
    home,
    vendorRoot: files.vendorRoot,
    newState: () => {
      const state = stateIn(join(folder, `enb-${states.length}`), states.length);
      states.push(state);
      return state;
    },
    bundle: ({ number }, changes = {}) => {
      const configuration = configurationFor(scene, {
        ...{ sequence: sequence++, training: isTraining },
        ...{ issuedAt: time(-0.5), notBefore: time(-0.6), notAfter: time(9) },
        enrolment: {
          ...base.enrolment,
          url: `http://${address.raCa}:${raCaPort}/pkix/`,
          caName: String(isRaCa['name']),
        },
        securityGateways: [
          { role: 'initial', ...shared },
          { role: 'traffic', ...shared },
        ],
        ...changes,
      });
      const own = { ...credential, reference: Buffer.from(referenceOf(number)) };
      return makeBundle(configuration, sealingFor(scene, { credential: own }), scene.signing);
    },
    startEnb: (state, options) =>
      startLabCommand(
        [
          ...labEnbArguments({ ...files, state: state.folder }),
          ...['--host', enbAddress, '--ipsec', 'strongswan'],
        ],
        { home, launcher: nearLauncher, ...options },
      ),
    runAtEnb: (...command) => run(...nearLauncher, ...command),
    reachesRaCa: (inner) => {
      const to = { host: address.raCa, port: raCaPort, localAddress: inner, timeout: 2_000 };
      const program = `const socket = require('node:net').connect(${JSON.stringify(to)});
        const end = (reached) => { console.log(reached); socket.destroy(); };
        socket.on('connect', () => end(true)).on('timeout', () => end(false)).on('error', () => end(false));`;
      return run(...nearLauncher, process.execPath, '-e', program).trim() === 'true';
    },
    drop: (expression) => {
      const nft = (...args: readonly string[]) => run(...launcher, 'nft', ...args);
      nft('add', 'table', 'inet', 'kill');
      nft('add', 'chain', 'inet', 'kill', 'input', '{ type filter hook input priority -450 ; }');
      nft('add', 'rule', 'inet', 'kill', 'input', ...expression.split(' '), 'drop');
      return () => nft('delete', 'table', 'inet', 'kill');
    },
    endRaCa: async () => {
      await ended(raCa);
      return join(raCaFolder, 'journal.db');
    },
    close: async () => {
      await Promise.all([ended(gateway), ended(raCa)]);
      for (const child of children) child.kill('SIGKILL');
      // What killed eNBs have left.
      for (const pid of states.flatMap((state) => state.charons())) process.kill(pid, 'SIGKILL');
    },
  };
}

function stateIn(folder: string, number: number): LabState {
  const settings = join(folder, 'ipsec', 'strongswan.conf');
  const file = join(folder, 'state.json');
  return {
    number,
    folder,
    read: () =>
      existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StateFile) : { receiptNumber: 0 },
    charons: () => charonsOf(settings).map(({ pid }) => pid),
    tunnels: async () => {
      const vici = await Vici.open(join(folder, 'ipsec', 'charon.vici')).catch(() => undefined);
      const found: InstalledTunnel[] = [];
      await vici?.stream('list-sas', 'list-sa', {}, (message) => {
        for (const name of Object.keys(message)) {
          const ike = sectionOf(message, name);
          const all = sectionOf(ike, 'child-sas') ?? {};
          const children = Object.keys(all).map((key) => sectionOf(all, key));
          const child = children.find((one) => textOf(one, 'state') === 'INSTALLED');
          if (!child) continue;
          const spis = `${textOf(child, 'spi-in')} ${textOf(child, 'spi-out')}`;
          found.push({ name, innerAddresses: listOf(ike, 'local-vips'), spis });
        }
      });
      vici?.close();
      return found;
    },
  };
}

export interface EnbAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** One request to the eNB, by a client that has proven nothing. */
export async function callEnb(
  port: number,
  method: string,
  path: string,
  { body, ...options }: RequestOptions & { readonly body?: string | Uint8Array | undefined } = {},
): Promise<EnbAnswer> {
  const agent = options.agent ?? false;
  const call = httpsRequest({
    ...{ host: enbAddress, port, method, path, rejectUnauthorized: false },
    ...options,
    agent,
  });
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) };
}

/** Delivers a bundle as the commissioning interface asks for it. */
export function putBundle(
  port: number,
  bundle: Uint8Array,
  options: RequestOptions = {},
): Promise<EnbAnswer> {
  const headers = { 'content-type': 'application/pkcs7-mime', 'content-digest': contentDigest(bundle) };
  return callEnb(port, 'PUT', '/v1/bundle', { ...options, headers, body: bundle });
}

/** Waits until no step runs, and returns them. `onSteps` sees each change. */
export async function followSteps(
  port: number,
  onSteps: (steps: Steps) => void = () => undefined,
): Promise<Steps> {
  const call = httpsRequest({
    ...{ host: enbAddress, port, path: '/v1/steps', rejectUnauthorized: false, agent: false },
    headers: { accept: 'text/event-stream' },
  });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let steps: Steps = [];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const parts = (text + String(chunk)).split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts.filter((one) => one.startsWith('data: '))) {
      ({ steps } = JSON.parse(part.slice('data: '.length)) as { readonly steps: Steps });
      onSteps(steps);
    }
  }
  return steps;
}

/** Asks again and again until there is an answer. Gives up after 15 s. */
export async function until<Value>(
  look: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  const end = performance.now() + 15_000;
  while (performance.now() < end) {
    const value = await look();
    if (value !== undefined) return value;
    await pause(20);
  }
  throw new Error('It has not happened');
}
