/** The plan of deliveries and faults, drawn from the seed before anything starts. */
import { acceptanceCodes } from '../../main/bundle/index.ts';
import { delivery } from '../../preload/contract/steps.ts';
import { Chance } from './random.ts';

export type Way = 'ethernet' | 'usb' | 'drive';
export const ways: readonly Way[] = ['ethernet', 'usb', 'drive'];

/** The steps of a delivery by drive, at which a fault can occur. */
export type DriveStep = 'write' | 'verify' | 'visit' | 'collect';

/**
 * One planned fault: its kind, under which it is counted, and where exactly it occurs: a number of bytes or of file
 * operations, milliseconds, a state, a place.
 */
export interface PlannedFault {
  readonly kind: string;
  readonly at: string;
  /** On a drive: at which step. */
  readonly step?: DriveStep;
}

export interface PlannedDelivery {
  readonly id: string;
  readonly way: Way;
  readonly serial: string;
  readonly sequence: number;
  /** A different bundle from that of the previous delivery, with the same sequence number. */
  readonly isRival: boolean;
  /** One for each attempt, or on a drive for each time that its step is reached. */
  readonly faults: readonly PlannedFault[];
  /** The installer leaves when the faults are over, without another attempt. */
  readonly isAbandoned: boolean;
}

type Draw = (chance: Chance) => string;

/** More bytes than any delivery takes, in both directions together. Some of the places are after its end. */
const conversation = 19_000;
const octets: Draw = (chance) => String(chance.below(conversation));
const milliseconds: Draw = (chance) => String(chance.below(150));
const states: Draw = (chance) => chance.pick(delivery.phases);
const codes: Draw = (chance) => chance.pick(acceptanceCodes);
const none: Draw = () => '';
/** The number of a file operation while a drive is written or read. */
const operation: Draw = (chance) => String(1 + chance.below(12));
const enbPlaces: Draw = (chance) =>
  chance.pick(['bundle-before', 'bundle-after', 'receipt-before', 'receipt-after']);
const toolReceiptPlaces: Draw = (chance) => chance.pick(['before-file', 'after-file']);

interface Kind {
  readonly kind: string;
  readonly at: Draw;
  readonly step?: DriveStep;
}

/** The deliveries of a connection take these in order, so that each gets its turn. */
const streamKinds: readonly Kind[] = [
  { kind: 'forgets', at: none },
  { kind: 'kill-tool-at-state', at: states },
  { kind: 'drop-after', at: octets },
  { kind: 'kill-enb-at-octet', at: octets },
  { kind: 'stall', at: octets },
  { kind: 'kill-enb', at: enbPlaces },
  { kind: 'garbage', at: octets },
  { kind: 'unplug', at: octets },
  { kind: 'kill-tool-at-receipt', at: toolReceiptPlaces },
  { kind: 'wrong-identity', at: none },
  { kind: 'reset-usb', at: octets },
  { kind: 'refuse', at: codes },
  { kind: 'kill-tool-at-time', at: milliseconds },
  { kind: 'slow', at: octets },
  { kind: 'no-clock', at: none },
];

const driveKinds: readonly Kind[] = [
  { kind: 'lying-drive', at: none, step: 'verify' },
  { kind: 'eject-fails', at: none, step: 'verify' },
  { kind: 'kill-tool-at-operation', at: operation, step: 'write' },
  { kind: 'pulled-out', at: operation, step: 'write' },
  { kind: 'kill-tool-at-state', at: (chance) => chance.pick(['writing', 'written']), step: 'write' },
  { kind: 'drive-full', at: operation, step: 'write' },
  {
    kind: 'kill-tool-at-state',
    at: (chance) => chance.pick(['unmounted', 'mounted', 'verified']),
    step: 'verify',
  },
  { kind: 'kill-enb', at: enbPlaces, step: 'visit' },
  { kind: 'receipt-cut', at: (chance) => String(chance.below(1500)), step: 'visit' },
  { kind: 'read-only', at: none, step: 'write' },
  { kind: 'kill-tool-at-receipt', at: toolReceiptPlaces, step: 'collect' },
  { kind: 'drive-lost', at: none, step: 'visit' },
  { kind: 'drive-error', at: operation, step: 'write' },
  { kind: 'pulled-out', at: operation, step: 'verify' },
  { kind: 'refuse', at: codes, step: 'visit' },
  { kind: 'kill-tool-at-operation', at: operation, step: 'collect' },
  { kind: 'no-clock', at: none, step: 'visit' },
];

/** The plan of a seed. An eNB gets its deliveries one after the other, over any connection. */
export function planDeliveries(seed: number, count: number): readonly PlannedDelivery[] {
  const turns = { stream: 0, drive: 0 };
  const enbs = Math.max(1, Math.ceil(count / 4));
  return Array.from({ length: count }, (_, index) => {
    const id = `D${String(index + 1).padStart(4, '0')}`;
    const chance = new Chance(seed, id);
    const way = ways[index % ways.length] ?? 'ethernet';
    const [kinds, turn] = way === 'drive' ? [driveKinds, turns.drive++] : [streamKinds, turns.stream++];
    const first = kinds[turn % kinds.length];
    const others = Array.from({ length: chance.below(3) }, () => chance.pick(kinds));
    const round = Math.floor(index / enbs);
    const isRival = round > 0 && chance.happens(10);
    return {
      id,
      way,
      serial: `LAB${1000 + (index % enbs)}`,
      sequence: (round + 1) * 10,
      isRival,
      faults: [...(first ? [first] : []), ...others].map(({ kind, at, step }) => ({
        kind,
        at: at(chance),
        ...(step && { step }),
      })),
      isAbandoned: chance.happens(12),
    };
  });
}
