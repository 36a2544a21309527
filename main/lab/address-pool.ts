/** Addresses that are taken from a pool until they are given back. */
export interface Lease {
  readonly addresses: string[];
  release(): void;
}

/** The inner addresses that a gateway assigns. */
export class AddressPool {
  readonly #first: number;
  readonly #size: number;
  /** Who has an address, and how often: an older and a newer tunnel of one eNB can have the same one. */
  readonly #taken = new Map<number, { readonly holder: string; readonly times: number }>();

  /** @param subnet IPv4, `address/prefix`. Its first two and its last address are never assigned. */
  constructor(subnet: string) {
    const [address = '', prefix = '32'] = subnet.split('/');
    const bits = 32 - Number(prefix);
    const number = toNumber(address);
    this.#size = 2 ** bits;
    this.#first = number - (number % this.#size);
  }

  /** The wanted addresses, or else a free one; undefined if that is not possible. */
  take(holder: string, wanted?: readonly string[]): Lease | undefined {
    const numbers = wanted ? wanted.map(toNumber) : [this.#free()];
    const isPossible = numbers.every((number) => {
      const place = number - this.#first;
      const taken = this.#taken.get(number);
      return place >= 2 && place < this.#size - 1 && (!taken || taken.holder === holder);
    });
    if (!isPossible) return undefined;
    for (const number of numbers)
      this.#taken.set(number, { holder, times: (this.#taken.get(number)?.times ?? 0) + 1 });
    let isReleased = false;
    return {
      addresses: numbers.map(toText),
      release: () => {
        if (!isReleased) for (const number of numbers) this.#release(number);
        isReleased = true;
      },
    };
  }

  /** The first free address; outside the pool if none is free. */
  #free(): number {
    let number = this.#first + 2;
    while (this.#taken.has(number)) number++;
    return number;
  }

  #release(number: number): void {
    const { holder = '', times = 1 } = this.#taken.get(number) ?? {};
    if (times > 1) this.#taken.set(number, { holder, times: times - 1 });
    else this.#taken.delete(number);
  }
}

/** An IPv4 address as a number; NaN for anything else. */
function toNumber(address: string): number {
  const parts = address.split('.');
  return parts.length === 4 ? parts.reduce((number, part) => number * 256 + Number(part), 0) : NaN;
}

function toText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
