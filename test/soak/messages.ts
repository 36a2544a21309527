/** The messages between the soak and its processes: one line of JSON each, written synchronously. */
import { writeSync } from 'node:fs';
import type { CarriedState } from '../../preload/contract/steps.ts';
import type { DeliveryPhase, ProvenDelivery } from '../../preload/contract/steps.ts';
import type { Deadlines } from '../../main/device/index.ts';
import type { Ailments } from './stick.ts';

/** Where the tool is killed, or a file operation on the drive fails. */
export interface ToolFault {
  readonly killAtState?: string;
  /** Before or after the receipt's file exists. */
  readonly killAtReceipt?: string;
  /** What happens at which file operation on the drive, counted from 1. */
  readonly operation?: {
    readonly number: number;
    readonly effect: 'kill' | 'pull' | 'ENOSPC' | 'EROFS' | 'EIO';
  };
}

interface ToolCommon {
  readonly vendorRoot: string;
  readonly fault: ToolFault;
}

interface DriveCommon extends ToolCommon {
  /** The folder of the stick's model. */
  readonly stick: string;
  readonly ailments: Ailments;
}

export type ToolOrder =
  | (ToolCommon & {
      readonly kind: 'deliver';
      readonly bundle: string;
      readonly ethernet?: string;
      /** The serial number of the device, or true for the only one. */
      readonly usb?: string | true;
      /** The eNB's port for USB/IP, where the computer's own bus is not used. */
      readonly usbIp?: number;
      readonly deadlines: Deadlines;
    })
  | (DriveCommon & { readonly kind: 'write'; readonly bundle: string })
  | (DriveCommon & { readonly kind: 'verify' })
  | (DriveCommon & { readonly kind: 'collect' })
  | { readonly kind: 'claim'; readonly bundleSha256: string };

/** What the tool claims about a bundle, from its store. */
export interface Claim {
  readonly delivery: ProvenDelivery | 'none';
  readonly carried: CarriedState | 'none';
}

/** How the eNB is switched on, and what is wrong with it. */
export type EnbOrder =
  | {
      readonly kind: 'power-on';
      readonly serial: string;
      readonly folder: string;
      readonly usb: boolean;
      readonly fault?: { readonly kind: string; readonly at: string };
    }
  | { readonly kind: 'power-off' }
  | {
      readonly kind: 'visit';
      readonly serial: string;
      readonly folder: string;
      /** The folder where the drive is mounted. */
      readonly drive: string;
      readonly fault?: { readonly kind: string; readonly at: string };
    };

/** `done` answers the order; the others report what happens meanwhile. */
export type Line =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'state'; readonly state: DeliveryPhase | CarriedState }
  | { readonly kind: 'fired' }
  | { readonly kind: 'unplug' };

/** Writes a line before anything else happens: the process may be killed right after. */
export function say(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

/** Ends this process like a power loss: no handler runs, and nothing more is written. */
export function killSelf(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}
