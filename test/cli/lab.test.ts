import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openSession } from '../../main/device/index.ts';
import { bundleFor, identity, makeScene } from '../kit/bundle.ts';
import { documentOf, siteseal, sitesealJson, startSiteseal, type FaultDocument } from '../kit/cli.ts';
import {
  deadlines,
  labEnbArguments,
  startEnbProcess,
  startTcpPeer,
  stopProcesses,
  temporaryFolder,
  transportTo,
  trustOf,
  writeFactoryFiles,
} from '../kit/enb.ts';

const scene = makeScene();
const folder = temporaryFolder();
const home = join(folder, 'home');
mkdirSync(home);
const files = writeFactoryFiles(scene, folder);
after(stopProcesses);

/** A session with the eNB of the scene on a port. */
async function sessionAt(port: number) {
  const session = await openSession(transportTo(port), trustOf(scene), deadlines);
  assert(session.ok, JSON.stringify(session));
  return session.value;
}

/** The fault with which `siteseal lab enb` does not start, and its exit code. */
async function refusal(...args: readonly string[]) {
  const { document, code } = await sitesealJson(['lab', 'enb', ...args], { home, cwd: folder, isWarm: true });
  assert.deepEqual(Object.keys(document as object), ['fault']);
  const { fault } = document as { readonly fault: FaultDocument };
  return { ...fault, exit: code };
}

const [, , ...good] = labEnbArguments(files);

/** The good arguments with another value for one option, or without the option. */
function argumentsWith(option: string, value?: string): readonly string[] {
  const place = good.indexOf(option);
  assert(place >= 0);
  return good.toSpliced(place, 2, ...(value === undefined ? [] : [option, value]));
}

describe('siteseal lab enb', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`says on which port it listens, serves, and ends with 0 at ${signal}`, async () => {
      const enb = await startEnbProcess({ ...files, state: join(folder, signal) }, home);
      const session = await sessionAt(enb.port);
      assert.deepEqual(session.enb, identity);
      const verdict = await session.putBundle(await bundleFor(scene));
      assert(verdict.ok && verdict.value.accepted);
      enb.child.kill(signal);
      const ran = await enb.done;
      assert.deepEqual([ran.code, ran.signal], [0, null]);
      assert.deepEqual(documentOf(ran), { port: enb.port, serialNumber: 'LAB0001' });
      assert.equal(
        ran.stderr,
        `eNB LAB0001 is listening on 127.0.0.1, port ${enb.port}. Press Ctrl-C to stop it.\n`,
      );
      const refused = connect({ host: '127.0.0.1', port: enb.port });
      const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
      assert.equal(error.code, 'ECONNREFUSED');
      session.close();
    });
  }

  it('says it in words alone without --json', async () => {
    const { child, done } = startSiteseal(['lab', 'enb', ...good], { home });
    assert(child.stderr);
    const [line] = (await once(child.stderr, 'data')) as [string];
    const [, port] =
      /^eNB LAB0001 is listening on 127\.0\.0\.1, port (\d+)\. Press Ctrl-C to stop it\.\n$/.exec(line) ?? [];
    (await sessionAt(Number(port))).close();
    child.kill('SIGTERM');
    const { stdout, stderr, code } = await done;
    assert.deepEqual([stdout, stderr, code], ['', line, 0]);
  });

  it('ends with 3 when the port is taken, and names it', async () => {
    const peer = await startTcpPeer(() => undefined);
    const { code, found, where, exit } = await refusal(...argumentsWith('--port', String(peer.port)));
    await peer.close();
    assert.deepEqual([code, found, exit], ['port-unavailable', 'EADDRINUSE', 3]);
    assert.deepEqual(where, { address: `127.0.0.1:${peer.port}` });
  });

  it('ends with 3 when the address is not of this computer', async () => {
    const { code, found, exit } = await refusal(...good, '--host', '192.0.2.1');
    assert.deepEqual([code, found, exit], ['port-unavailable', 'EADDRNOTAVAIL', 3]);
  });

  it('ends with 3 when its state is damaged, and leaves it as it is', async () => {
    const state = join(folder, 'damaged');
    mkdirSync(state);
    writeFileSync(join(state, 'state.json'), '{"format":"siteseal-lab-enb/1"');
    const { code, where, because, exit } = await refusal(...argumentsWith('--state', state));
    assert.deepEqual([code, because?.code, exit], ['store-unusable', 'json-malformed', 3]);
    assert.deepEqual(where, { file: join(state, 'state.json') });
  });

  it('ends with 3 when the folder of its state cannot be made', async () => {
    for (const state of [files.key, '/proc/siteseal']) {
      const { code, exit } = await refusal(...argumentsWith('--state', state));
      assert.deepEqual([code, exit], ['store-unusable', 3]);
    }
  });

  it('takes an encrypted key with its passphrase, and ends with 1 without or with a wrong one', async () => {
    const cipher = { cipher: 'aes-256-cbc', passphrase: 'field test' };
    const key = join(folder, 'encrypted.key');
    writeFileSync(key, scene.enb.key.export({ format: 'pem', type: 'pkcs8', ...cipher }));
    writeFileSync(join(folder, 'right'), 'field test\n');
    writeFileSync(join(folder, 'wrong'), 'field\n');
    const encrypted = argumentsWith('--key', key);
    const without = await refusal(...encrypted);
    assert.deepEqual([without.code, without.exit], ['passphrase-missing', 1]);
    const wrong = await refusal(...encrypted, '--passphrase-file', 'wrong');
    assert.deepEqual([wrong.code, wrong.exit], ['passphrase-wrong', 1]);
    const enb = await startEnbProcess({ ...files, key }, home, {
      env: { SITESEAL_PASSPHRASE: 'field test' },
    });
    (await sessionAt(enb.port)).close();
    enb.child.kill('SIGTERM');
    assert.equal((await enb.done).code, 0);
  });

  const wrong: readonly (readonly [why: string, args: readonly string[], code: string, exit: number])[] = [
    ['without a certificate', argumentsWith('--identity'), 'usage-invalid', 2],
    ['without a key', argumentsWith('--key'), 'usage-invalid', 2],
    ['without a root', argumentsWith('--vendor-root'), 'usage-invalid', 2],
    ['without a port', argumentsWith('--port'), 'usage-invalid', 2],
    ['without a state', argumentsWith('--state'), 'usage-invalid', 2],
    ['with a port that is none', argumentsWith('--port', '65536'), 'usage-invalid', 2],
    ['with a port in words', argumentsWith('--port', 'https'), 'usage-invalid', 2],
    [
      'with a detour without a port',
      [...good, '--connect-to', 'ra.example=127.0.0.1:80'],
      'usage-invalid',
      2,
    ],
    ['with a detour to no address', [...good, '--connect-to', 'ra.example:80=a b:80'], 'usage-invalid', 2],
    ['with an argument too many', [...good, 'more'], 'usage-invalid', 2],
    ['with a certificate that is not there', argumentsWith('--identity', 'none.pem'), 'file-unreadable', 3],
    ['with a key that is none', argumentsWith('--key', files.chain), 'key-unreadable', 1],
    ["with a CA's certificate", argumentsWith('--identity', files.chain), 'enb-identity-missing', 1],
    ["with another's key", argumentsWith('--key', otherKey()), 'key-certificate-mismatch', 1],
  ];
  for (const [why, args, code, exit] of wrong) {
    it(`ends with ${exit} ${why}`, async () => {
      const fault = await refusal(...args);
      assert.deepEqual([fault.code, fault.exit], [code, exit]);
    });
  }

  function otherKey(): string {
    const other = temporaryFolder();
    return writeFactoryFiles(makeScene(), other).key;
  }

  it('and a bundle is written to it by another process, over a restart of it', async () => {
    writeFileSync(join(folder, 'LAB0001.p7m'), await bundleFor(scene));
    for (let count = 1; count <= 2; count++) {
      const enb = await startEnbProcess({ ...files, state: join(folder, 'kept') }, home);
      const address = ['--ethernet', `127.0.0.1:${enb.port}`, '--vendor-root', 'vendor-root.pem'];
      const { stdout, code } = await siteseal(['enb', 'write', 'LAB0001.p7m', ...address], {
        home,
        cwd: folder,
      });
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`LAB0001-${count}\\.receipt\\.p7m\\n$`));
      enb.child.kill('SIGKILL');
      await enb.done;
    }
  });
});
