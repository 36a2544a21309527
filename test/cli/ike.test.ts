import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { keyIdOf, Responder, type ResponderOptions } from '../../main/ike/index.ts';
import { siteseal, sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { LabOffice, makeFolder } from '../kit/operator.ts';

const office = new LabOffice();
const { root, issuing } = office.vendor;
const where = { home: makeFolder(office, 'home'), cwd: office.folder, isWarm: true };
const trust = ['--vendor-root', 'vendor-root.pem', '--untrusted', 'vendor-issuing.pem'];
const proposals = ['aes128gcm16-prfsha256-ecp256', 'aes128-sha256-ecp256'];

const socket = createSocket('udp4');
socket.bind(0, '127.0.0.1');
await once(socket, 'listening');
after(() => socket.close());
let received = 0;
let responder = new Responder({ proposals });
socket.on('message', (bytes, { address, port }) => {
  received += 1;
  const answer = responder.answer(bytes, 500, address);
  if (answer) socket.send(answer, port, address);
});
const place = ['127.0.0.1', '--port', String(socket.address().port)];

interface Answer {
  readonly answered: boolean;
  readonly offersVendorRoot: boolean | null;
  readonly proposals: readonly string[];
  readonly fault?: FaultDocument;
}

async function probe(options: Partial<ResponderOptions>, ...more: readonly string[]) {
  responder = new Responder({ proposals, ...options });
  received = 0;
  const { document, code } = await sitesealJson(['ike', 'probe', ...place, ...more], where);
  const { fault, ...rest } = document as Answer;
  return { ...rest, code, received, fault: fault?.code };
}

describe('siteseal ike probe', () => {
  for (const [name, keyIds, offersVendorRoot] of [
    ['the root', [keyIdOf(root.certificate)], true],
    ['only the intermediate', [keyIdOf(issuing.certificate)], null],
    ['another CA', ['ab'.repeat(20)], false],
    ['no CA', undefined, null],
  ] as const)
    it(`tells that the gateway lists ${name}, with one datagram`, async () => {
      assert.deepEqual(await probe({ keyIds }, ...trust), {
        answered: true,
        offersVendorRoot,
        proposals: [proposals[0]],
        code: 0,
        received: 1,
        fault: undefined,
      });
    });

  it('says in words what the list means, and that it is no promise', async () => {
    responder = new Responder({ proposals, keyIds: [keyIdOf(root.certificate)] });
    const { stdout } = await siteseal(['ike', 'probe', ...place, ...trust], where);
    assert.match(
      stdout,
      /^127\.0\.0\.1 answers IKEv2 after \d+ ms\.\nIt chose aes128gcm16-prfsha256-ecp256\.\n/,
    );
    assert.match(stdout, /holds the vendor root; may still not accept it here/);
    const { stdout: unasked } = await siteseal(['ike', 'probe', ...place], where);
    assert.match(unasked, /Add --vendor-root/);
  });

  it('offers the algorithms that are given instead', async () => {
    const answer = await probe(
      { proposals: ['aes256-sha384-modp2048'] },
      '--proposal',
      'aes256-sha384-modp2048',
    );
    assert.deepEqual([answer.proposals, answer.code], [['aes256-sha384-modp2048'], 0]);
  });

  it('ends with the fault of a gateway that refuses the algorithms', async () => {
    assert.deepEqual(await probe({ proposals: ['aes256-sha384-modp2048'] }, ...trust), {
      answered: true,
      offersVendorRoot: null,
      proposals: [],
      code: 4,
      received: 1,
      fault: 'ike-proposal-refused',
    });
  });

  it('ends with the fault of a gateway that does not answer, after two datagrams', async () => {
    const { answered, code, received: count, fault } = await probe({ isSilent: true });
    assert.deepEqual([answered, code, count, fault], [false, 4, 2, 'ike-no-answer']);
  });

  for (const [name, args, code, fault] of [
    ['a name that leads nowhere', ['gateway.invalid'], 4, 'ike-name-unresolved'],
    ['a host that is none', ['seg 1'], 2, 'usage-invalid'],
    ['algorithms that nobody knows', ['127.0.0.1', '--proposal', 'rot13-ecp256'], 2, 'usage-invalid'],
    ['a root that is no CA', ['127.0.0.1', '--vendor-root', 'LAB0001.pem'], 1, 'not-a-ca'],
    ['a file that is not there', ['127.0.0.1', '--vendor-root', 'nothing.pem'], 3, 'file-unreadable'],
  ] as const)
    it(`refuses ${name}, and asks nobody`, async () => {
      received = 0;
      office.enb('LAB0001');
      const { document, code: ended } = await sitesealJson(['ike', 'probe', ...args], where);
      assert.deepEqual([(document as Answer).fault?.code, ended, received], [fault, code, 0]);
      assert.equal((document as Answer).answered, false);
    });
});
