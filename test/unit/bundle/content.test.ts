import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { configurationSchema, outerSha256, type Configuration } from '../../../main/bundle/index.ts';
import {
  answers,
  bundleFor,
  causeOf,
  configurationFor,
  goodAnswers,
  judge,
  makeScene,
  prevented,
  signContent,
} from '../../kit/bundle.ts';

const scene = makeScene();
const { signing } = scene;
/** A configuration that needs no sealed part, so that its content alone is judged. */
const good = configurationFor(scene, {
  enrolment: { ...configurationFor(scene).enrolment, protection: 'vendor-certificate' },
});
const text = JSON.stringify(good);

const judgeText = async (content: string | Uint8Array) => judge(await signContent(content, signing), scene);

/** The same object with the member at a dotted path set, or left out where the value is undefined. */
function withMember(path: string, value: unknown): string {
  const copy = structuredClone(good) as unknown as Record<string, unknown>;
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce<Record<string, unknown>>(
    (object, name) => object[name] as Record<string, unknown>,
    copy,
  );
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return JSON.stringify(copy);
}

it('a configuration as the tests make it is good', async () => {
  assert.deepEqual(answers(await judgeText(text)), goodAnswers);
});

describe('content is refused as malformed', () => {
  const cases: Readonly<Record<string, readonly [cause: string, string | Uint8Array]>> = {
    'when it is empty': ['json-syntax', ''],
    'when it is an array': ['json-format', `[${text}]`],
    'when it is a string': ['json-format', '"siteseal-configuration/1"'],
    'when it is null': ['json-format', 'null'],
    'when it has a byte order mark': ['json-syntax', `\ufeff${text}`],
    'when it is UTF-16': ['json-utf8', Buffer.from(`\ufeff${text}`, 'utf16le')],
    'when it is Latin-1': ['json-utf8', Buffer.from(text.replace('Mill', 'Mühle'), 'latin1')],
    'when something follows it': ['json-syntax', `${text}{}`],
    'when it is cut short': ['json-syntax', text.slice(0, -1)],
    'when it has a trailing comma': ['json-syntax', text.replace(/}$/, ',}')],
    'when it has a comment': ['json-syntax', text.replace('{', '{/* */')],
    'when it has a lone surrogate': ['json-surrogate', text.replace('Mill', '\\ud800')],
    'when format is not first': [
      'json-format',
      text.replace(/^{"format":"[^"]*",/, '{').replace(/}$/, ',"format":"siteseal-configuration/1"}'),
    ],
    'when format is missing': ['json-format', withMember('format', undefined)],
    'when format is another': ['json-format', withMember('format', 'siteseal-configuration/2')],
    'when format is no text': ['json-format', withMember('format', 1)],
    'when a name is there twice': [
      'json-duplicate-name',
      text.replace('"sequence":7', '"sequence":7,"sequence":8'),
    ],
    'when a name is there twice, once escaped': [
      'json-duplicate-name',
      text.replace('"sequence":7', '"sequence":7,"sequ\\u0065nce":8'),
    ],
    'when a name is there twice in an object inside': [
      'json-duplicate-name',
      text.replace('"plmn"', '"plmn":"00101","plmn"'),
    ],
    'when it has an unknown member': ['json-unknown-member', withMember('comment', '')],
    'when it has a member by the name of __proto__': [
      'json-unknown-member',
      text.replace('"sequence"', '"__proto__":{},"sequence"'),
    ],
    'when an object inside has an unknown member': [
      'json-unknown-member',
      withMember('enrolment.secret', 'x'),
    ],
    'when an address has the members of another method': [
      'json-unknown-member',
      withMember('backhaul.address', { method: 'dhcp', gateway: '198.51.100.1' }),
    ],
    'when an optional member is null': ['json-type', withMember('backhaul.vlan', null)],
    'when sealed is null': ['json-type', withMember('sealed', null)],
    'when a required member is null': ['json-type', withMember('site', null)],
    'when a number is text': ['json-type', withMember('sequence', '7')],
    'when a number has a fraction': ['json-type', withMember('sequence', 7.5)],
    'when the sequence is 0': ['json-type', withMember('sequence', 0)],
    'when the sequence is negative': ['json-type', withMember('sequence', -1)],
    'when the sequence is 2^53': ['json-number', text.replace('"sequence":7', '"sequence":9007199254740992')],
    'when a number is not finite': ['json-number', text.replace('"sequence":7', '"sequence":1e999')],
    'when a boolean is text': ['json-type', withMember('training', 'false')],
    'when a boolean is a number': ['json-type', withMember('training', 0)],
    'when the UUID has capitals': ['json-uuid', withMember('bundleId', good.bundleId.replace(/^./, 'A'))],
    'when the UUID has braces': ['json-uuid', withMember('bundleId', `{${good.bundleId}}`)],
    'when a digest has capitals': ['json-digest', withMember('enb.certificateSha256', 'AB'.repeat(32))],
    'when a digest is short': ['json-digest', withMember('enb.certificateSha256', 'ab'.repeat(20))],
    'when an OID is not in digits': ['json-oid', withMember('enb.hwType', 'enterprises.1')],
    'when an OID has a leading zero': ['json-oid', withMember('enb.hwType', '1.3.06.1')],
    'when a serial number has a slash': ['serial-number', withMember('enb.serialNumber', '../LAB0001')],
    'when a serial number is too long': ['serial-number', withMember('enb.serialNumber', 'L'.repeat(65))],
    'when a serial number begins with a dot': ['serial-number', withMember('enb.serialNumber', '.LAB0001')],
    'when a serial number ends with a line feed': [
      'serial-number',
      withMember('enb.serialNumber', 'LAB0001\n'),
    ],
    'when a time has an offset': ['json-time', withMember('notBefore', '2026-11-01T00:00:00+00:00')],
    'when a time has fractions of a second': ['json-time', withMember('notBefore', '2026-11-01T00:00:00.0Z')],
    'when a time is in small letters': ['json-time', withMember('notBefore', '2026-11-01t00:00:00z')],
    'when a time is not in the calendar': ['json-time', withMember('notBefore', '2026-02-29T00:00:00Z')],
    'when a time has a leap second': ['json-time', withMember('notBefore', '2026-06-30T23:59:60Z')],
    'when a time is at hour 24': ['json-time', withMember('notBefore', '2026-11-01T24:00:00Z')],
    'when base64 lacks its padding': ['json-base64', withMember('operatorRootCertificates', ['AAA'])],
    'when there is no operator root': ['json-type', withMember('operatorRootCertificates', [])],
    'when there are seventeen operator roots': [
      'json-type',
      withMember('operatorRootCertificates', Array<string>(17).fill('AAAA')),
    ],
    'when the protocol is another': ['json-type', withMember('enrolment.protocol', 'est')],
    'when the protection is another': ['json-type', withMember('enrolment.protection', 'none')],
    'when the address has another method': ['json-type', withMember('backhaul.address', { method: 'slaac' })],
    'when a static address has no gateway': [
      'json-type',
      withMember('backhaul.address', { method: 'static', ipv4: '198.51.100.12/24' }),
    ],
    'when a gateway has another role': ['json-type', withMember('securityGateways.0.role', 'backup')],
    'when a gateway has no subnets': ['json-type', withMember('securityGateways.0.remoteSubnets', [])],
    'when there are no proposals': ['json-type', withMember('initialIpsec.proposals', [])],
    'when text is empty': ['json-empty', withMember('site.name', '')],
    'when text is long': ['json-long', withMember('site.name', 'x'.repeat(1025))],
    'when it is nested deeply': ['json-depth', text.replace('"Mill 1"', '['.repeat(100_000))],
  };
  for (const [name, [cause, content]] of Object.entries(cases)) {
    it(name, async () => {
      const acceptance = await judgeText(content);
      assert.deepEqual(answers(acceptance), {
        ...goodAnswers,
        ...prevented('enb-out-of-scope', 'bundle-malformed'),
        'bundle-malformed': 'false',
      });
      assert.equal(causeOf(acceptance, 'bundle-malformed'), cause);
      assert.equal(acceptance.accepted, false);
      assert.equal(acceptance.configuration, undefined);
    });
  }

  const required = Object.keys(good).filter((name) => name !== 'format');
  for (const member of required) {
    it(`when ${member} is missing`, async () => {
      const acceptance = await judgeText(withMember(member, undefined));
      assert.equal(causeOf(acceptance, 'bundle-malformed'), 'json-type');
    });
  }

  it('and its refusal names the member', async () => {
    const { checks } = await judgeText(withMember('securityGateways.1.address', 1));
    assert(checks[0]?.ok === false);
    assert.deepEqual(checks[0].detail.because, {
      code: 'json-malformed',
      rule: 'json-type',
      where: { field: 'securityGateways.1.address' },
    });
  });
});

describe('content may be written in any way that JSON has', () => {
  const { format, ...others } = good;
  const cases: Readonly<Record<string, string>> = {
    'with white space': JSON.stringify(good, null, '\t'),
    'with white space around it': `\r\n ${text}\n`,
    'with its members in another order, format first': JSON.stringify({
      format,
      ...Object.fromEntries(Object.entries(others).reverse()),
    }),
    'with escapes': text.replace('Mill', '\\u004dill').replaceAll('/', '\\/'),
    'without its optional members': JSON.stringify({
      ...good,
      enb: { hwType: good.enb.hwType, serialNumber: good.enb.serialNumber },
      backhaul: { address: { method: 'dhcp' }, mtu: 1400, dns: [], ntp: [] },
    } satisfies Configuration),
  };
  for (const [name, content] of Object.entries(cases)) {
    it(name, async () => assert.deepEqual(answers(await judgeText(content)), goodAnswers));
  }
});

describe('the size of a bundle', () => {
  /** Pads with white space. Repeats until the ECDSA signature, which has 70 to 72 bytes, has a length that fits. */
  async function bundleOf(octets: number): Promise<Uint8Array> {
    for (let spaces = octets - text.length; ;) {
      const bundle = await signContent(`${text}${' '.repeat(spaces)}`, signing);
      if (bundle.length === octets) return bundle;
      spaces += octets - bundle.length;
    }
  }

  it('may be 1 MiB', async () => {
    assert.deepEqual(answers(judge(await bundleOf(1024 * 1024), scene)), goodAnswers);
  });

  it('may not be a byte more', async () => {
    const acceptance = judge(await bundleOf(1024 * 1024 + 1), scene);
    assert.equal(causeOf(acceptance, 'bundle-malformed'), 'bundle-size');
  });
});

describe('a bundle cut short', () => {
  it('is refused as malformed at every 50th byte', async () => {
    const bundle = await bundleFor(scene);
    for (let length = 0; length < bundle.length; length += 50) {
      const acceptance = judge(bundle.subarray(0, length), scene);
      assert.deepEqual(answers(acceptance), {
        ...prevented('bundle-malformed', 'bundle-malformed'),
        'bundle-malformed': 'false',
      });
    }
  });
});

describe('the digest that binds a sealed part', () => {
  it('is that of the RFC 8785 form without sealed', () => {
    const small = configurationSchema.parse(JSON.parse(text));
    const sorted = (value: unknown): unknown =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([name, one]) => [name, sorted(one)]),
          )
        : Array.isArray(value)
          ? value.map(sorted)
          : value;
    const canonical = JSON.stringify(sorted(small));
    assert.equal(outerSha256({ ...small, sealed: 'AAAA' }), sha256(canonical));
    assert.equal(outerSha256(small), sha256(canonical));
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
