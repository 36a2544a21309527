import type { TunnelPhase } from '../bundle/index.ts';
import { fault, type Fault } from '../faults/index.ts';
import { faultOfLog, type IkeFaultCode } from './fault-of-log.ts';
import { listOf, sectionOf, textOf, ViciError, type ViciSection } from './vici-message.ts';
import type { Vici } from './vici.ts';

/** Longer than all retransmissions of IKE_SA_INIT and IKE_AUTH together, in milliseconds. */
const initiateDeadline = 20_000;
const terminateDeadline = 2000;

/** What is up: as strongSwan installed it, which can be less than was asked for. */
export interface InstalledTunnel {
  /** What the peer proved to be. */
  readonly peer: string;
  readonly innerAddresses: readonly string[];
  readonly remoteSubnets: readonly string[];
}

/** How an attempt ended. `reached` is the last phase before the fault. */
export type Attempt =
  | { readonly ok: true; readonly tunnel: InstalledTunnel }
  | { readonly ok: false; readonly fault: Fault<IkeFaultCode>; readonly reached: TunnelPhase | undefined };

/** The line of the log that shows each phase. */
const phases: readonly (readonly [TunnelPhase, RegExp])[] = [
  ['sent', /^sending packet: /],
  ['answered', /^parsed IKE_SA_INIT response /],
  ['authenticated', /^IKE_SA .* established between /],
];

/** Brings a loaded connection up. */
export async function initiate(
  vici: Vici,
  name: string,
  isChildless: boolean,
  onPhase: (phase: TunnelPhase) => void,
  now: () => Date,
): Promise<Attempt> {
  const lines: string[] = [];
  let reached: TunnelPhase | undefined;
  const hear = (message: ViciSection) => {
    const line = (textOf(message, 'msg') ?? '').trim();
    lines.push(line);
    const next = phases.find(([, pattern]) => pattern.test(line))?.[0];
    if (next === undefined || indexOf(next) <= indexOf(reached)) return;
    reached = next;
    onPhase(next);
  };
  const answer = await vici.stream(
    'initiate',
    'control-log',
    { ike: name, child: isChildless ? undefined : name, timeout: String(initiateDeadline), loglevel: '1' },
    hear,
    initiateDeadline + 1000,
  );
  const tunnel = answer.success === 'yes' ? await installedTunnel(vici, name, isChildless) : undefined;
  if (tunnel) return { ok: true, tunnel };
  return { ok: false, reached, fault: faultOfLog(lines, now()) ?? unexplained(answer) };
}

function indexOf(phase: TunnelPhase | undefined): number {
  return phases.findIndex(([candidate]) => candidate === phase);
}

function unexplained(answer: ViciSection): Fault<IkeFaultCode> {
  return fault('ike-no-answer', { found: textOf(answer, 'errmsg') ?? 'IKE' });
}

/** What is installed under this name; undefined if nothing is. */
async function installedTunnel(
  vici: Vici,
  name: string,
  isChildless: boolean,
): Promise<InstalledTunnel | undefined> {
  let tunnel: InstalledTunnel | undefined;
  const hear = (message: ViciSection) => {
    const ike = sectionOf(message, name);
    const peer = textOf(ike, 'remote-id') ?? '';
    if (textOf(ike, 'state') !== 'ESTABLISHED') return;
    if (isChildless) {
      tunnel = { peer, innerAddresses: [], remoteSubnets: [] };
      return;
    }
    const children = sectionOf(ike, 'child-sas') ?? {};
    const installed = Object.keys(children)
      .map((key) => sectionOf(children, key))
      .find((child) => textOf(child, 'state') === 'INSTALLED');
    if (!installed) return;
    tunnel = {
      peer,
      innerAddresses: listOf(ike, 'local-vips'),
      remoteSubnets: listOf(installed, 'remote-ts').map(subnetText),
    };
  };
  await vici.stream('list-sas', 'list-sa', { ike: name }, hear);
  return tunnel;
}

/** strongSwan leaves out the prefix of a single address. */
function subnetText(selector: string): string {
  if (selector.includes('/')) return selector;
  return `${selector}/${selector.includes(':') ? 128 : 32}`;
}

/** Ends what is up or being brought up under this name, and forgets the connection. Does nothing without one. */
export async function endConnection(vici: Vici, name: string): Promise<void> {
  const messages = [
    ['terminate', { ike: name, force: 'yes', timeout: String(terminateDeadline) }],
    ['unload-conn', { name }],
  ] as const;
  for (const [command, message] of messages) {
    try {
      await vici.request(command, message, terminateDeadline + 3000);
    } catch (error) {
      if (!(error instanceof ViciError)) throw error;
    }
  }
}
