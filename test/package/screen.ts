// What a user sees and presses, on an invisible display inside a Debian.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { crc32, deflateSync } from 'node:zlib';
import { endWithThisProcess } from '../kit/desktop.ts';
import { type Debian, must } from '../kit/debian.ts';

const folder = '/tmp/.X-screen';

/** How long something may take to show, in milliseconds. */
const patience = 60_000;

/** A picture of the screen: each pixel's colour is 0xRRGGBB. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
}

export class Screen {
  /** For DISPLAY. */
  readonly name: string;
  readonly #debian: Debian;
  readonly #server: ChildProcess;

  private constructor(name: string, debian: Debian, server: ChildProcess) {
    this.name = name;
    this.#debian = debian;
    this.#server = server;
  }

  static async open(debian: Debian): Promise<Screen> {
    mkdirSync(debian.path(folder), { recursive: true });
    const args = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-fbdir', folder, '-nolisten', 'tcp'];
    const [file, ...rest] = insideItsTmp(debian, 'Xvfb', args);
    const server = spawn(file, rest, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    endWithThisProcess(server);
    const [number] = (await once(server.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer];
    return new Screen(`:${number.toString('latin1').trim()}`, debian, server);
  }

  close(): void {
    this.#server.kill();
  }

  /** What is on the screen now. */
  look(): Picture {
    return readXwd(readFileSync(this.#debian.path(folder, 'Xvfb_screen0')));
  }

  /** Waits until what is on the screen is so. */
  async see(what: string, isSo: (picture: Picture) => boolean): Promise<Picture> {
    const end = performance.now() + patience;
    for (;;) {
      const picture = this.look();
      if (isSo(picture)) return picture;
      assert.ok(performance.now() < end, `not seen in ${patience / 1_000} s: ${what}`);
      await pause(100);
    }
  }

  /** Waits until nothing has changed for a moment. */
  async settle(): Promise<Picture> {
    let last = this.look();
    let still = 0;
    return this.see('a screen at rest', (picture) => {
      still = difference(last, picture) === 0 ? still + 1 : 0;
      last = picture;
      return still === 10;
    });
  }

  /** Presses keys. Without a window manager, they go to the window under the pointer, which is in the middle. */
  async press(...keys: readonly string[]): Promise<void> {
    const args = [`DISPLAY=${this.name}`, 'xdotool', 'key', ...keys];
    const [file, ...rest] = insideItsTmp(this.#debian, 'env', args);
    await must(file, rest);
  }
}

/** A command of this machine that sees the Debian's /tmp as its own, because the display's sockets are there. */
function insideItsTmp(debian: Debian, file: string, args: readonly string[]): [string, ...string[]] {
  const script = 'mount --bind "$1" /tmp && shift && exec "$@"';
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', debian.path('tmp'), file, ...args];
}

/** The part of the pixels that differ, from 0 to 1. */
export function difference(one: Picture, other: Picture): number {
  const differing = one.pixels.filter((pixel, index) => pixel !== other.pixels[index]);
  return differing.length / one.pixels.length;
}

/** How many colours there are, and the part of the pixels that have the most frequent one. */
export function colours({ pixels }: Picture): { readonly count: number; readonly largestPart: number } {
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  return { count: counts.size, largestPart: Math.max(...counts.values()) / pixels.length };
}

/** Reads a picture in the format of X (XWDFile.h), as Xvfb keeps it: 32 bits per pixel, in the order of this machine. */
function readXwd(bytes: Buffer): Picture {
  const field = (index: number): number => bytes.readUInt32BE(index * 4);
  const [headerSize, width, height, lineSize, colourCount] = [0, 4, 5, 12, 19].map(field) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const start = headerSize + colourCount * 12;
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      pixels[y * width + x] = bytes.readUInt32LE(start + y * lineSize + x * 4) & 0xffffff;
    }
  }
  return { width, height, pixels };
}

/** Writes a picture as PNG (RFC 2083). */
export function png({ width, height, pixels }: Picture): Buffer {
  const lines = Buffer.alloc(height * (1 + width * 3));
  for (const [index, pixel] of pixels.entries()) {
    const line = Math.floor(index / width);
    lines.writeUIntBE(pixel, line * (1 + width * 3) + 1 + (index % width) * 3, 3);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, red, green and blue
  const chunk = (type: string, content: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(content.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
