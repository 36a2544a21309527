/** A site's eNBs as a process that is killed. One of them is on at a time, with its own folder. */
import { createPrivateKey, hash } from 'node:crypto';
import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import {
  CommissioningServer,
  FaultyStream,
  parseFailure,
  ReferenceEnb,
  UsbFunction,
  UsbIpServer,
  watchDrive,
  type Failure,
  type ReferenceEnbOptions,
  type StreamFault,
} from '../../main/lab/index.ts';
import { parseCertificates } from '../../main/cms/index.ts';
import { killSelf, say, type EnbOrder } from './messages.ts';
import { enbFiles } from './scene.ts';

type Fault = { readonly kind: string; readonly at: string } | undefined;

const fired = () => say({ kind: 'fired' });

/** The eNB of a folder, as it starts after a power loss. */
function switchOn(folder: string, serial: string, fault: Fault): [ReferenceEnb, ReferenceEnbOptions] {
  const files = enbFiles(folder, serial);
  const read = (file: string) => {
    const certificates = parseCertificates(readFileSync(file));
    if (!certificates.ok) throw new Error(`${file}: ${certificates.fault.code}`);
    return certificates.value;
  };
  const [certificate] = read(files.identity);
  const [vendorRoot] = read(files.vendorRoot);
  if (!certificate || !vendorRoot) throw new Error(`${serial} has no certificate`);
  const failure = failureOf(fault);
  const options: ReferenceEnbOptions = {
    key: createPrivateKey(readFileSync(files.key)),
    certificate,
    chain: read(files.chain),
    vendorRoot,
    folder: files.state,
    now: failure?.kind === 'no-clock' ? undefined : () => new Date(),
    failure,
  };
  const enb = ReferenceEnb.start(options);
  if (!enb.ok) throw new Error(`${serial}: ${enb.fault.code}`);
  keepHistory(enb.value, join(files.state, 'history.jsonl'));
  misbehave(enb.value, fault, join(files.state, 'state.json'));
  return [enb.value, options];
}

/** What is wrong with the eNB itself. For its connection see `streamFaultOf`. */
function failureOf(fault: Fault): Failure | undefined {
  const text = fault && (fault.kind === 'refuse' ? `refuse=${fault.at}` : fault.kind);
  return text === 'wrong-identity' || text === 'no-clock' || text?.startsWith('refuse=')
    ? parseFailure(text)
    : undefined;
}

function streamFaultOf(fault: Fault): StreamFault | undefined {
  const kind = fault?.kind;
  const after = Number(fault?.at);
  if (kind === 'kill-enb-at-octet' || kind === 'unplug') return { kind: 'drop-after', after };
  const isOne =
    kind === 'drop-after' ||
    kind === 'stall' ||
    kind === 'slow' ||
    kind === 'garbage' ||
    kind === 'reset-usb';
  return isOne ? { kind, after } : undefined;
}

/** Records this eNB's answers, verdict by verdict, so that an outside program sees what it has had. */
function keepHistory(enb: ReferenceEnb, file: string): void {
  const judge = enb.takeBundle.bind(enb);
  enb.takeBundle = (bundle) => {
    const sequence = () => enb.describe().lastSequence;
    const verdict = judge(bundle);
    const entry = { bundleSha256: hash('sha256', bundle), accepted: verdict.accepted };
    appendFileSync(
      file,
      `${JSON.stringify({ ...entry, ...(verdict.accepted && { sequence: sequence() }) })}\n`,
    );
    return verdict;
  };
}

/** Makes an eNB misbehave as its fault says, and reports when it does. */
function misbehave(enb: ReferenceEnb, fault: Fault, stateFile: string): void {
  const { describe, takeBundle, makeReceipt, acceptedBundle } = {
    describe: enb.describe.bind(enb),
    takeBundle: enb.takeBundle.bind(enb),
    makeReceipt: enb.makeReceipt.bind(enb),
    acceptedBundle: enb.acceptedBundle.bind(enb),
  };
  const killedAt = (place: string) => {
    if (fault?.kind !== 'kill-enb' || fault.at !== place) return;
    fired();
    killSelf();
  };
  /** It has accepted a bundle, and does not keep it. */
  let forgets = false;
  enb.describe = () => {
    if (fault?.kind === 'wrong-identity') fired();
    return describe();
  };
  enb.takeBundle = (bundle) => {
    killedAt('bundle-before');
    const verdict = takeBundle(bundle);
    forgets = fault?.kind === 'forgets' && verdict.accepted;
    if (fault?.kind === 'refuse' || fault?.kind === 'no-clock' || forgets) fired();
    if (forgets) damage(stateFile);
    killedAt('bundle-after');
    return verdict;
  };
  enb.makeReceipt = async (request) => {
    killedAt('receipt-before');
    const receipt = await makeReceipt(request);
    if (forgets) damage(stateFile);
    killedAt('receipt-after');
    return receipt;
  };
  enb.acceptedBundle = () => (forgets ? damaged(acceptedBundle()) : acceptedBundle());
}

/** Changes one byte in the middle: the eNB's memory corrupts the bundle, although the eNB has said that it has it. */
function damaged(bundle: Uint8Array | undefined): Uint8Array | undefined {
  return bundle?.with(bundle.length >> 1, (bundle[bundle.length >> 1] ?? 0) ^ 1);
}

function damage(stateFile: string): void {
  const state = JSON.parse(readFileSync(stateFile, 'utf8')) as { accepted?: { bundle: string } };
  if (!state.accepted) return;
  const bundle = damaged(Buffer.from(state.accepted.bundle, 'base64')) ?? new Uint8Array(0);
  state.accepted.bundle = Buffer.from(bundle).toString('base64');
  const file = openSync(stateFile, 'w');
  writeFileSync(file, JSON.stringify(state));
  fsyncSync(file);
  closeSync(file);
}

let switchOff: () => Promise<void> = () => Promise.resolve();

async function powerOn({ folder, serial, usb, fault }: EnbOrder & { readonly kind: 'power-on' }) {
  const [enb, options] = switchOn(folder, serial, fault);
  const server = new CommissioningServer(enb, options, 10_000);
  const streamFault = streamFaultOf(fault);
  const accept = (wire: Duplex, reset: () => void) => {
    const failing = () => {
      fired();
      if (fault?.kind === 'kill-enb-at-octet') killSelf();
      if (fault?.kind === 'unplug') {
        say({ kind: 'unplug' });
        reset();
      }
    };
    server.accept(streamFault ? new FaultyStream(wire, streamFault, reset, failing) : wire, reset);
  };
  if (usb) {
    const usbFunction = new UsbFunction((stream) => accept(stream, () => device.unplug()));
    const device: UsbIpServer = new UsbIpServer(usbFunction, serial);
    const listening = await device.listen('127.0.0.1', 0);
    switchOff = () => listening.close();
    return { port: listening.port };
  }
  const sockets = new Set<Duplex>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    accept(socket, () => socket.resetAndDestroy());
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  switchOff = () =>
    new Promise((resolve) => {
      tcp.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port: (tcp.address() as AddressInfo).port };
}

/** The eNB looks once at a drive. */
async function visit({ folder, serial, drive, fault }: EnbOrder & { readonly kind: 'visit' }) {
  const [enb] = switchOn(folder, serial, fault);
  const events: unknown[] = [];
  const once = new AbortController();
  const watching = watchDrive(enb, drive, (event) => events.push(event), once.signal);
  once.abort();
  await watching;
  return events;
}

async function obey(order: EnbOrder): Promise<unknown> {
  switch (order.kind) {
    case 'power-on':
      return powerOn(order);
    case 'power-off':
      return switchOff();
    case 'visit':
      return visit(order);
  }
}

process.on('message', (order: EnbOrder) => {
  void obey(order).then((value) => say({ kind: 'done', value }));
});
