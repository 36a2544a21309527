import {
  withSession,
  type Deadlines,
  type EnbSession,
  type EnbTrust,
  type FoundEnb,
  type IdentityDocument,
  type UsbDevice,
} from '../device/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { exactly, nameToText, type EnbIdentity } from '../pki/index.ts';
import {
  deliver,
  fetchReceipt,
  keepReceipt,
  type DeliveryReport,
  type DeliverySurroundings,
} from '../site/index.ts';
import {
  maximumBundleFile,
  prepare,
  unlockVendor,
  type PrepareReport,
  type PrepareRequest,
  type PrepareSurroundings,
} from '../office/index.ts';
import { CoreDrives } from './core-drives.ts';
import { transportFor, type EnbWay } from './enb-way.ts';
import { receiptKeeping } from './receipt-keeping.ts';
import { Stores } from './stores.ts';
import type { Surroundings } from './surroundings.ts';
import { readTrust, type TrustFiles } from './trust-files.ts';

/** What an eNB has proven of itself, and what it says. */
export interface IdentifiedEnb {
  readonly enb: EnbIdentity;
  readonly certificate: { readonly subject: string; readonly sha256: string };
  readonly identity: IdentityDocument;
}

/** Milliseconds in which an eNB on the network answers, when it was asked several times. */
const discoveryTime = 3_000;

/** What the descriptors of a USB device say. */
export type UsbDescription = Omit<UsbDevice, 'open'>;

/** Where an eNB is and by what it is believed. */
export interface EnbAddress extends EnbWay {
  readonly trust: TrustFiles;
  readonly deadlines?: Deadlines;
}

/** What a run asks of whoever has started it, and how it is watched and stopped. */
export type PrepareAsk = Pick<PrepareSurroundings, 'onProgress' | 'signal'> & {
  /** UTF-8, undefined when there is none to be had; wiped after use. */
  readonly passphraseFor: (vendor: string, keyFile: string) => Promise<Result<Uint8Array | undefined>>;
};

/** The application without a window: what the shells offer to people, by direct call. */
export class Core {
  /** What is done with removable drives. */
  readonly drives: CoreDrives;
  readonly #surroundings: Surroundings;
  readonly #stores: Stores;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#stores = new Stores(surroundings);
    this.drives = new CoreDrives(surroundings, this.#stores);
  }

  /** Makes bundles from an inventory. */
  prepare(request: PrepareRequest, ask: PrepareAsk): Promise<Result<PrepareReport>> {
    return prepare(request, {
      ...ask,
      ...this.#stores.surroundings(),
      unlock: async (vendor) => {
        const passphrase = await ask.passphraseFor(vendor.name, vendor.keyFile);
        if (!passphrase.ok) return passphrase;
        try {
          return await unlockVendor(vendor, passphrase.value, exactly(this.#surroundings.now()));
        } finally {
          passphrase.value?.fill(0);
        }
      },
    });
  }

  /** Connects to an eNB and says who it is. */
  identifyEnb(address: EnbAddress): Promise<Result<IdentifiedEnb>> {
    return this.#withSession(address, ({ enb, certificate: { subject, sha256 }, identity }) =>
      ok({ enb, identity, certificate: { subject: nameToText(subject), sha256 } }),
    );
  }

  /** Delivers a bundle file to an eNB; the receipt is saved in `out`, or in the data folder. */
  async writeBundle(
    file: string,
    address: EnbAddress,
    out: string | undefined,
    onState: DeliverySurroundings['onState'],
  ): Promise<Result<DeliveryReport>> {
    const bundle = readFile(file, maximumBundleFile);
    if (!bundle.ok) return bundle;
    const way = this.#wayTo(address);
    if (!way.ok) return way;
    const request = { bundle: bundle.value, ...way.value };
    return ok(await deliver(request, { ...receiptKeeping(this.#stores, out), onState }));
  }

  /** Fetches a receipt from an eNB about the last bundle that it was given. */
  fetchReceipt(address: EnbAddress, out: string | undefined): Promise<Result<{ readonly receipt: string }>> {
    const keeping = receiptKeeping(this.#stores, out);
    return this.#withSession(address, async (session, trust) => {
      const verified = await fetchReceipt(session, { trust }, keeping);
      const receipt = verified.ok ? keepReceipt(verified.value) : verified;
      return receipt.ok ? ok({ receipt: receipt.value.file }) : receipt;
    });
  }

  /**
   * The eNBs that answer on the network within some seconds. Nothing is opened, and nothing that they say is proven.
   * Refuses with `network-missing` where this computer has no link but with itself.
   */
  async discoverEthernet(): Promise<Result<readonly FoundEnb[], 'network-missing'>> {
    const { discovery, links, pause } = this.#surroundings;
    if (links().every(({ isInternal }) => isInternal)) return refuse('network-missing');
    const stop = discovery.watch(() => undefined);
    try {
      await pause(discoveryTime);
      return ok(discovery.list());
    } finally {
      stop();
    }
  }

  /** The eNBs that are plugged in by USB. Nothing is opened, and nothing that they say is proven. */
  async listUsb(): Promise<Result<readonly UsbDescription[]>> {
    const devices = await this.#surroundings.usb.list();
    if (!devices.ok) return devices;
    return ok(
      devices.value.map(({ port, vendorId, productId, product, serialNumber }) => ({
        port,
        vendorId,
        productId,
        product,
        serialNumber,
      })),
    );
  }

  /** Closes the stores. */
  close(): void {
    this.#stores.close();
  }

  /** Does something with an eNB that has proven who it is. */
  async #withSession<Value>(
    address: EnbAddress,
    work: (session: EnbSession, trust: EnbTrust) => Result<Value> | Promise<Result<Value>>,
  ): Promise<Result<Value>> {
    const way = this.#wayTo(address);
    if (!way.ok) return way;
    const { transport, trust, deadlines } = way.value;
    return withSession(transport, trust, deadlines, (session) => work(session, trust));
  }

  #wayTo(address: EnbAddress) {
    const trust = readTrust(address.trust);
    if (!trust.ok) return trust;
    const transport = transportFor(address, this.#surroundings);
    if (!transport.ok) return transport;
    const clock = exactly(this.#surroundings.now());
    return ok({
      transport: transport.value,
      trust: { ...trust.value, clock },
      ...(address.deadlines && { deadlines: address.deadlines }),
    });
  }
}
