/**
 * The common fixtures of connections to an eNB: the reference eNB, listening, in this process or in a separate one; an
 * eNB that does one thing wrong; and peers that are not eNBs at all.
 */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { encodePem } from '../../main/asn1/index.ts';
import {
  ethernet,
  mediaTypes,
  type EnbTrust,
  type ReceiptRequest,
  type StreamTransport,
} from '../../main/device/index.ts';
import {
  CommissioningServer,
  ReferenceEnb,
  type ReferenceEnbOptions,
  type KeyPair,
} from '../../main/lab/index.ts';
import type { Certificate } from '../../main/pki/index.ts';
import { clock, now, type Scene } from './bundle.ts';
import { startSiteseal, type CliOptions, type Running } from './cli.ts';

const folders: string[] = [];
const processes: ChildProcess[] = [];
process.once('exit', () => {
  stopProcesses();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder, deleted when this process exits. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'siteseal-test-'));
  folders.push(folder);
  return folder;
}

export function pem({ der }: Certificate): string {
  return encodePem('CERTIFICATE', der);
}

export function keyPem({ key }: KeyPair): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** The trust of a tool that trusts the vendor of the scene. */
export function trustOf(scene: Scene, changes: Partial<EnbTrust> = {}): EnbTrust {
  return { vendorRoots: [scene.vendor.root.certificate], intermediates: [], crls: [], clock, ...changes };
}

/** Deadlines so long that no test waits for them, except those that test deadlines. */
export const deadlines = { connect: 5_000, handshake: 5_000, request: 5_000 };

/** Something that listens on a port of this computer. */
export interface Listening {
  readonly port: number;
  readonly transport: StreamTransport;
  close(): Promise<void>;
}

export function transportTo(port: number): StreamTransport {
  return ethernet({ host: '127.0.0.1', port }, () => []);
}

/** The factory's options of the eNB of the scene, with its state in a new folder by default. */
export function enbOptions(scene: Scene, changes: Partial<ReferenceEnbOptions> = {}): ReferenceEnbOptions {
  return {
    ...scene.enb,
    chain: [scene.vendor.issuing.certificate],
    vendorRoot: scene.vendor.root.certificate,
    folder: changes.folder ?? temporaryFolder(),
    now: () => now,
    ...changes,
  };
}

/** The eNB of the scene, without a server. */
export function makeReferenceEnb(scene: Scene, changes: Partial<ReferenceEnbOptions> = {}): ReferenceEnb {
  const enb = ReferenceEnb.start(enbOptions(scene, changes));
  assert(enb.ok, JSON.stringify(enb));
  return enb.value;
}

export interface RunningEnb extends Listening {
  readonly enb: ReferenceEnb;
  readonly folder: string;
}

/** The eNB of the scene, listening. */
export async function startEnb(
  scene: Scene,
  changes: Partial<ReferenceEnbOptions> = {},
): Promise<RunningEnb> {
  const options = enbOptions(scene, changes);
  const enb = makeReferenceEnb(scene, options);
  const server = await new CommissioningServer(enb, options).listen('127.0.0.1', 0);
  const { port } = server;
  const close = async () => {
    listeningEnbs.delete(close);
    await Promise.all([server.close(), enb.close()]);
  };
  listeningEnbs.add(close);
  return { enb, folder: options.folder, port, transport: transportTo(port), close };
}

/** A hook can start an eNB that no test then holds. If it kept listening, it would keep its test file from ending. */
const listeningEnbs = new Set<() => Promise<void>>();
const isTest = process.env['NODE_TEST_CONTEXT'] !== undefined; // a separate program makes the pictures
if (isTest) after(() => Promise.all([...listeningEnbs].map((close) => close())));

/** The files that play the factory for the eNB of the scene, in a folder. */
export function writeFactoryFiles(scene: Scene, folder: string) {
  const write = (name: string, contents: string) => {
    const file = join(folder, name);
    writeFileSync(file, contents, { mode: 0o600 });
    return file;
  };
  return {
    identity: write('enb.pem', pem(scene.enb.certificate)),
    key: write('enb.key', keyPem(scene.enb)),
    chain: write('vendor-issuing.pem', pem(scene.vendor.issuing.certificate)),
    vendorRoot: write('vendor-root.pem', pem(scene.vendor.root.certificate)),
    state: join(folder, 'state'),
  };
}

export type FactoryFiles = ReturnType<typeof writeFactoryFiles>;

/** The arguments of `siteseal lab enb` for these files. */
export function labEnbArguments(files: FactoryFiles, port = 0): readonly string[] {
  const { identity, key, chain, vendorRoot, state } = files;
  return [
    ...['lab', 'enb', '--identity', identity, '--key', key, '--chain', chain],
    ...['--vendor-root', vendorRoot, '--state', state, '--port', String(port)],
  ];
}

export interface EnbProcess extends Running {
  readonly port: number;
  /** The TCP port of USB/IP, where the eNB is a USB device. */
  readonly usb?: number;
  readonly transport: StreamTransport;
}

/** Ends every eNB that was started as a separate process. One that is left would keep a test file running. */
export function stopProcesses(): void {
  for (const child of processes) child.kill('SIGKILL');
}

/** `siteseal lab enb` as a separate process, listening, with `more` arguments. */
export async function startEnbProcess(
  files: FactoryFiles,
  home: string,
  options: Omit<CliOptions, 'home'> = {},
  more: readonly string[] = [],
): Promise<EnbProcess> {
  const running = startSiteseal([...labEnbArguments(files), ...more, '--json'], { home, ...options });
  const { stdout } = running.child;
  assert(stdout);
  processes.push(running.child);
  const line = new Promise<string>((resolve) => stdout.once('data', resolve));
  const started = await Promise.race([line, running.done]);
  assert(typeof started === 'string', JSON.stringify(started));
  const said = JSON.parse(started) as { readonly port: number; readonly usb?: number };
  return { ...running, ...said, transport: transportTo(said.port) };
}

/** One request to an eNB that does one thing wrong, and the means to do it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly body: Buffer;
  /** Does and answers what is right. */
  readonly answer: () => void;
}

/** What an eNB does instead of what is right. Nobody awaits a returned promise. */
export type Behaviour = (exchange: Exchange) => unknown;

/** An eNB of the scene that behaves correctly, except for the requests (`GET /v1/identity`) with a behaviour. */
export async function startFaultyEnb(
  scene: Scene,
  behaviours: Readonly<Record<string, Behaviour>>,
  { pair = scene.enb, ...changes }: Partial<ReferenceEnbOptions> & { readonly pair?: KeyPair } = {},
): Promise<RunningEnb & { readonly requests: readonly string[] }> {
  const folder = changes.folder ?? temporaryFolder();
  const enb = makeReferenceEnb(scene, { ...changes, folder });
  const requests: string[] = [];
  const http = createHttpServer((request, response) => {
    const name = `${request.method ?? ''} ${request.url ?? ''}`;
    requests.push(name);
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.once('end', () => {
      const body = Buffer.concat(parts);
      const answer = () => void answerRightly(enb, name, body, response);
      const behaviour = behaviours[name];
      if (behaviour) behaviour({ request, response, socket: request.socket, body, answer });
      else answer();
    });
  });
  const peer = await startTlsPeer(pair, [scene.vendor.issuing.certificate], (socket) =>
    http.emit('connection', socket),
  );
  return { ...peer, enb, folder, requests };
}

async function answerRightly(
  enb: ReferenceEnb,
  name: string,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  switch (name) {
    case 'GET /v1/identity':
      sendJson(response, 200, enb.describe());
      break;
    case 'PUT /v1/bundle': {
      const verdict = enb.takeBundle(body);
      sendJson(response, verdict.accepted ? 200 : 422, verdict);
      break;
    }
    case 'GET /v1/bundle':
      sendBytes(response, enb.acceptedBundle()!);
      break;
    case 'POST /v1/receipt':
      sendBytes(response, (await enb.makeReceipt(JSON.parse(body.toString()) as ReceiptRequest))!);
      break;
    case 'GET /v1/steps':
      sendJson(response, 200, { steps: enb.steps() });
      break;
    case 'POST /v1/checks/path': {
      const reply = await enb.checkPath();
      assert(reply.kind === 'checked');
      sendJson(response, 200, reply.answer);
      break;
    }
    case 'POST /v1/steps/enrolment':
      enb.startStep('enrolment');
      sendJson(response, 202, { steps: enb.steps() });
      break;
    default:
      throw new Error(`Not a request of the interface: ${name}`);
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': mediaTypes.json }).end(JSON.stringify(value));
}

export function sendBytes(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, { 'content-type': mediaTypes.pkcs7 }).end(bytes);
}

/** Listens on a free port of this computer; `close` drops its connections. */
export async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    // Errors at the end of a peer do not concern the test.
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    transport: transportTo(port),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A TCP server that the caller scripts. */
export function startTcpPeer(onConnection: (socket: Socket) => void): Promise<Listening> {
  return listening(createServer(onConnection));
}

/** A TLS server with an existing certificate that the caller scripts. */
export function startTlsPeer(
  pair: KeyPair,
  chain: readonly Certificate[],
  onConnection: (socket: TLSSocket) => void,
  options: TlsOptions = {},
): Promise<Listening> {
  const cert = [pair.certificate, ...chain].map(pem).join('');
  return listening(
    createTlsServer({ key: keyPem(pair), cert, ...options }, (socket) => {
      socket.on('error', () => undefined);
      onConnection(socket);
    }),
  );
}
