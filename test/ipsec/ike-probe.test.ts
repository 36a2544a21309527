import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { readMessage } from '../../main/ike/message.ts';
import { certificatesToPem } from '../../main/pki/index.ts';
import { labOptions } from '../kit/bundle.ts';
import { startCharon, type Charon } from '../kit/charon.ts';
import { documentOf, startSiteseal, type FaultDocument } from '../kit/cli.ts';
import { makeVendor } from '../kit/issue-certificate.ts';
import { capture, makeTwoNetworks, runIn, type Captured } from '../kit/two-networks.ts';

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

const usualProposals = 'aes128gcm16-prfsha256-ecp256,aes128-sha256-ecp256';

/** strongSwan as a gateway that trusts these CAs. */
async function startGateway({
  cas = ['root'],
  proposals = usualProposals,
  settings = '',
}: {
  readonly cas?: readonly (keyof typeof pem)[];
  readonly proposals?: string;
  readonly settings?: string;
} = {}): Promise<Charon> {
  charon = await startCharon({
    folder: join(folder, 'gateway'),
    namespace: far.namespace,
    settings,
    files: Object.fromEntries(cas.map((name) => [`x509ca/${name}.pem`, pem[name]])),
    connections: `connections {
  enbs {
    version = 2
    local_addrs = ${far.address}
    proposals = ${proposals}
    local {
      auth = pubkey
      id = seg1.operator.example
    }
    remote {
      auth = pubkey
    }
    children {
      oam {
        local_ts = 10.20.0.0/24
      }
    }
  }
}
`,
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
});
