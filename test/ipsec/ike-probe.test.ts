/**
 * The probe against real gateways: strongSwan, and libreswan. Needs root, `ip`, `nft`, `tcpdump`, strongSwan
 * (`charon-systemd`, `strongswan-swanctl`), and for libreswan `apt-get` with a network, `openssl` and `certutil`
 * (`libnss3-tools`). openiked is not here: it needs PF_KEY in the kernel.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, afterEach, describe, it } from 'node:test';
import { readMessage } from '../../main/ike/message.ts';
import { certificatesToPem } from '../../main/pki/index.ts';
import { labOptions } from '../kit/bundle.ts';
import { startCharon, type Charon } from '../kit/charon.ts';
import { documentOf, startSiteseal, type FaultDocument } from '../kit/cli.ts';
import { issue, makeVendor } from '../kit/issue-certificate.ts';
import { startLibreswan, unpackLibreswan } from '../kit/libreswan.ts';
import { capture, drop, makeTwoNetworks, runIn, type Captured } from '../kit/two-networks.ts';

interface Answer {
  readonly answered: boolean;
  readonly offersVendorRoot: boolean | null;
  readonly proposals: readonly string[];
  readonly fault?: FaultDocument;
}

const folder = mkdtempSync(join(tmpdir(), 'siteseal-ike-'));
const networks = makeTwoNetworks('ik');
const { near, far } = networks;
const [vendor, other] = ['Probe', 'Other'].map((name) => makeVendor(name, labOptions));
assert(vendor && other);
const pem = {
  root: certificatesToPem([vendor.root.certificate]),
  issuing: certificatesToPem([vendor.issuing.certificate]),
  other: certificatesToPem([other.root.certificate]),
};
for (const [name, text] of Object.entries(pem)) writeFileSync(join(folder, `${name}.pem`), text);

let charon: Charon | undefined;
afterEach(async () => {
  await charon?.stop();
  charon = undefined;
  runIn(far, 'nft', 'flush', 'ruleset');
});
after(() => {
  networks.remove();
  rmSync(folder, { recursive: true });
});

/** Beside those of the other tests. */
const everyGroup = ['ecp521', 'modp3072', 'modp4096', 'modp8192', 'curve448', 'ecp256bp'];

/** strongSwan as a gateway that trusts these CAs. */
async function startGateway({
  cas = ['root'],
  proposals,
  settings,
}: {
  readonly cas?: readonly (keyof typeof pem)[];
  readonly proposals?: string;
  readonly settings?: string;
} = {}): Promise<Charon> {
  charon = await startCharon({
    folder: join(folder, 'gateway'),
    network: far,
    cas: cas.map((name) => pem[name]),
    proposals,
    settings,
  });
  return charon;
}

interface Probed extends Answer {
  readonly code: number | null;
  /** The datagrams in both directions. */
  readonly seen: readonly Captured[];
}

/** Runs `siteseal ike probe` at the near end. */
async function probe(...more: readonly string[]): Promise<Probed> {
  const stop = await capture(near, join(folder, 'capture.pcap'));
  const trust = ['--vendor-root', 'root.pem', '--untrusted', 'issuing.pem'];
  const ran = await startSiteseal(['ike', 'probe', far.address, ...trust, ...more, '--json'], {
    home: folder,
    shell: `exec ip netns exec ${near.namespace} "$@"`,
  }).done;
  return { ...(documentOf(ran) as Answer), code: ran.code, seen: await stop() };
}

/** What the near end has sent, each different message once: a cookie, or a group, and how often the same bytes. */
function sent({ seen }: Probed): readonly string[] {
  const counts = new Map<string, number>();
  for (const { from, bytes } of seen)
    if (from === near.address) {
      const text = Buffer.from(bytes).toString('hex');
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  return [...counts].map(([text, count]) => {
    const message = readMessage(Buffer.from(text, 'hex'));
    assert(message.ok);
    const { notifies, keyExchange } = message.value;
    return `${notifies.length > 0 ? 'cookie, ' : ''}group ${keyExchange?.group}, ${count}x`;
  });
}

const halfOpen = (gateway: Charon) => /(\d+) half-open/.exec(gateway.swanctl('--stats'))?.[1];

describe('siteseal ike probe, against strongSwan', () => {
  for (const [name, cas, expected] of [
    ['holds the vendor root', ['root', 'other'], true],
    ['holds another root only', ['other'], false],
    ['holds only the intermediate', ['issuing', 'other'], null],
    ['holds no CA', [], null],
  ] as const)
    it(`tells whether the gateway has the vendor root: it ${name}`, async () => {
      const gateway = await startGateway({ cas });
      const probed = await probe();
      const { code, answered, offersVendorRoot, proposals } = probed;
      assert.deepEqual(
        { code, answered, offersVendorRoot, proposals },
        { code: 0, answered: true, offersVendorRoot: expected, proposals: ['aes128gcm16-prfsha256-ecp256'] },
      );
      assert.deepEqual(sent(probed), ['group 19, 1x']);
      assert.equal(halfOpen(gateway), '1');
    });

  it('sends the same bytes once more to a gateway that is silent', async () => {
    await startGateway();
    drop(far, 'udp dport 500');
    const probed = await probe();
    assert.deepEqual([probed.answered, probed.fault?.code, probed.code], [false, 'ike-no-answer', 4]);
    assert.deepEqual(sent(probed), ['group 19, 2x']);
  });

  it('reports at once that nothing listens', async () => {
    const probed = await probe();
    assert.deepEqual([probed.fault?.code, probed.fault?.found], ['ike-unreachable', 'ECONNREFUSED']);
    assert.deepEqual(sent(probed), ['group 19, 1x']);
  });

  it('returns a cookie once', async () => {
    const gateway = await startGateway({ settings: 'cookie_threshold = 1' });
    assert.deepEqual(sent(await probe()), ['group 19, 1x']);
    const probed = await probe();
    assert.deepEqual([probed.offersVendorRoot, probed.code], [true, 0]);
    assert.deepEqual(sent(probed), ['group 19, 1x', 'cookie, group 19, 1x']);
    assert.equal(halfOpen(gateway), '2');
  });

  it('changes to the group that the gateway asks for, once', async () => {
    const gateway = await startGateway({ proposals: 'aes256-sha384-ecp384' });
    const probed = await probe('--proposal', 'aes128-sha256-ecp256', '--proposal', 'aes256-sha384-ecp384');
    assert.deepEqual([probed.proposals, probed.offersVendorRoot], [['aes256-sha384-ecp384'], true]);
    assert.deepEqual(sent(probed), ['group 19, 1x', 'group 20, 1x']);
    assert.equal(halfOpen(gateway), '1');
  });

  it('returns a cookie and changes the group in one probe', async () => {
    await startGateway({ proposals: 'aes256-sha512-modp2048', settings: 'cookie_threshold = 1' });
    await probe('--proposal', 'aes256-sha512-modp2048');
    const probed = await probe('--proposal', 'aes256-sha512-curve25519-modp2048');
    assert.deepEqual(probed.proposals, ['aes256-sha512-modp2048']);
    assert.deepEqual(sent(probed), ['group 31, 1x', 'cookie, group 31, 1x', 'cookie, group 14, 1x']);
  });

  it('reports that no algorithms are common to both', async () => {
    const gateway = await startGateway({ proposals: 'aes256-sha512-modp4096' });
    const probed = await probe();
    assert.deepEqual([probed.answered, probed.fault?.code, probed.code], [true, 'ike-proposal-refused', 4]);
    assert.deepEqual(sent(probed), ['group 19, 1x']);
    assert.equal(halfOpen(gateway), '0');
  });

  for (const group of everyGroup)
    it(`makes a key that the gateway takes: ${group}`, async () => {
      await startGateway({ proposals: `aes256-sha512-${group}` });
      const { proposals, seen } = await probe('--proposal', `aes256-sha512-${group}`);
      assert.deepEqual([proposals, seen.length], [[`aes256-sha512-${group}`], 2]);
    });
});

describe('siteseal ike probe, against libreswan', () => {
  let stop: (() => Promise<void>) | undefined;
  afterEach(async () => {
    await stop?.();
  });

  it('tells whether the gateway has the vendor root', async (test) => {
    const program = join(folder, 'libreswan');
    test.diagnostic(`Downloading libreswan into ${program}`);
    unpackLibreswan(program);
    const contents = {
      ...labOptions,
      subject: 'CN=seg1.operator.example',
      keyUsage: ['digitalSignature'],
    } as const;
    const gateway = issue(contents, 'RSA-2048', vendor.root);
    stop = await startLibreswan({
      program,
      folder: join(folder, 'pluto'),
      network: far,
      ca: vendor.root,
      gateway,
    });
    const probed = await probe();
    assert.deepEqual([probed.offersVendorRoot, probed.proposals], [true, ['aes128gcm16-prfsha256-ecp256']]);
    assert.deepEqual(sent(probed), ['group 19, 1x']);
    const { answer } = await probeStateless({ port: 4500, size: 1280 });
    assert.equal(answer.ok, true);
  });
});

describe('the probe without state, against strongSwan', () => {
  for (const question of [
    { port: 500 },
    { port: 4500 },
    { port: 500, size: 1280 },
    { port: 4500, size: 1500 },
  ])
    it(`is answered and leaves no half-open SA: ${JSON.stringify(question)}`, async () => {
      const gateway = await startGateway();
      const { seen, answer } = await probeStateless(question);
      assert.equal(answer.ok, true);
      assert.deepEqual(
        seen.map(({ from }) => from),
        [near.address, far.address],
      );
      const sizes = question.size === undefined ? [] : [28 + (seen[0]?.bytes.length ?? 0)];
      assert.deepEqual(sizes, sizes.length === 0 ? [] : [question.size]);
      assert.equal(halfOpen(gateway), '0');
    });

  it('shows that large messages do not get through', async () => {
    await startGateway();
    const mtu = (size: number) => runIn(far, 'ip', 'link', 'set', far.link, 'mtu', String(size));
    mtu(1280);
    try {
      const answers = [
        await probeStateless({ port: 500, size: 1280 }),
        await probeStateless({ port: 500, size: 1400 }),
      ];
      assert.deepEqual(
        answers.map(({ answer }) => answer.ok),
        [true, false],
      );
    } finally {
      mtu(1500);
    }
  });
});

/** Runs `probeWithoutState` at the near end. */
async function probeStateless(question: { readonly port: number; readonly size?: number }): Promise<{
  readonly seen: readonly Captured[];
  readonly answer: { readonly ok: boolean };
}> {
  const stop = await capture(near, join(folder, 'capture.pcap'));
  const module = pathToFileURL(join(import.meta.dirname, '../../main/ike/index.ts')).href;
  const program = `
    import { probeWithoutState, systemDatagrams } from '${module}';
    const question = { network: systemDatagrams, host: '${far.address}', ...${JSON.stringify(question)} };
    console.log(JSON.stringify(await probeWithoutState(question)));`;
  const printed = runIn(near, process.execPath, '--input-type=module', '--eval', program);
  return { answer: JSON.parse(printed) as { ok: boolean }, seen: await stop() };
}
