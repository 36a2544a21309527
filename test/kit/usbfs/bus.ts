/** The USB bus of `usbfs.c`, to be used below `on-empty-bus.sh`, and eNBs that are plugged into it. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../enb.ts';

const source = join(import.meta.dirname, 'usbfs.c');

/**
 * The bus. Every call is done when it returns. It blocks this thread, so that nothing that the test does on the bus
 * happens before or after the moment that the test means.
 */
export class UsbfsBus {
  readonly #daemon: ChildProcess;
  readonly #commands: number;
  readonly #answers: number;
  readonly #ports = new Set<string>();

  constructor() {
    assert(
      process.env['SITESEAL_EMPTY_BUS'],
      'not below on-empty-bus.sh: this would be the bus of the machine',
    );
    const folder = temporaryFolder();
    const [program, commands, answers] = ['usbfs', 'commands', 'answers'].map((name) => join(folder, name));
    const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'fuse3'], { encoding: 'utf8' });
    execFileSync('gcc', ['-O1', source, '-o', program!, ...flags.trim().split(/\s+/)]);
    execFileSync('mkfifo', [commands!, answers!]);
    const line = 'exec "$0" /dev/bus/usb <"$1" >"$2"';
    const stdio = ['ignore', 'ignore', 'inherit'] as const;
    this.#daemon = spawn('sh', ['-c', line, program!, commands!, answers!], { stdio: [...stdio] });
    this.#commands = openSync(commands!, 'w');
    this.#answers = openSync(answers!, 'r');
    assert.equal(this.#answer(), 'ok');
  }

  /** Plugs in the device that USB/IP offers at a TCP port. */
  attach(port: string, tcpPort: number): void {
    this.#do(`attach ${port} ${tcpPort}`);
    this.#ports.add(port);
  }

  detach(port: string): void {
    this.#do(`detach ${port}`);
    this.#ports.delete(port);
  }

  /** Pulls out every device. */
  empty(): void {
    // A device without power is no longer there.
    for (const port of this.#ports) assert.match(this.#ask(`detach ${port}`), /^(ok|failed no device)$/);
    this.#ports.clear();
  }

  /** Forbids opening the device from now on. */
  deny(port: string): void {
    this.#do(`deny ${port}`);
  }

  /** Lets a driver of the kernel claim the interface. */
  bind(port: string, driver: string): void {
    symlinkSync(`../../drivers/${driver}`, `/sys/bus/usb/devices/${port}:1.0/driver`);
  }

  async close(): Promise<void> {
    closeSync(this.#commands);
    if (this.#daemon.exitCode === null) await once(this.#daemon, 'exit');
    closeSync(this.#answers);
  }

  #do(command: string): void {
    assert.equal(this.#ask(command), 'ok', command);
  }

  #ask(command: string): string {
    writeSync(this.#commands, `${command}\n`);
    return this.#answer();
  }

  #answer(): string {
    const bytes = Buffer.alloc(256);
    return bytes.toString('latin1', 0, readSync(this.#answers, bytes)).trimEnd();
  }
}
