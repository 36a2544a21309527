import { der, oids } from '../../main/asn1/index.ts';
import { Bundle, type Configuration } from '../../main/bundle/index.ts';
import {
  configurationFor,
  credential,
  openConfiguration,
  sealedBundle,
  signText,
  type Case,
} from './case.ts';
import { resigned, signedByOpenssl } from './form-cases.ts';
import { opensslSeal } from './openssl.ts';
import { opensslForm, plaintextFor, signSealed } from './sealed-cases.ts';
import { limitedCa } from './signer-cases.ts';
import { ascending, changed, childrenOf, parseTree, writeTree } from './tree.ts';
import { configurationKey, pssConfigurationKey, type World } from './world.ts';

/** Every member for tunnels. */
function tunnels(world: World): Partial<Configuration> {
  const { enrolment, backhaul, securityGateways, initialIpsec } = openConfiguration(world);
  const [first, ...others] = securityGateways;
  if (!first) throw new Error('There is no initial gateway');
  const second = { ...first, address: '2001:db8::21', identity: 'C=FI,O=Lab Operator,CN=SEG 2' };
  const own = { proposals: ['aes256gcm16-prfsha384-ecp384'], espProposals: ['aes256gcm16'] };
  const inner = { method: 'static' as const, addresses: ['192.0.2.112', '2001:db8:2::112'] };
  return {
    enrolment: { ...enrolment, dns: ['192.0.2.53', '2001:db8:2::53'] },
    backhaul: { ...backhaul, ikeIdentity: 'LAB0001.enb.example' },
    securityGateways: [
      { ...first, inner: { method: 'assigned' } },
      second,
      ...others.map((gateway) => ({ ...gateway, ...own, inner })),
    ],
    initialIpsec: { ...initialIpsec, identity: 'fqdn' },
  };
}

/** Bundles that an eNB must accept: each of the forms that the format allows. */
export async function* acceptedCases(world: World): AsyncGenerator<Case> {
  const { issuing, root } = world.vendor;
  const configuration = configurationFor(world);
  const good = await sealedBundle(world, configuration);
  const accepted = (name: string, shows: string, bundle: Uint8Array, more: Partial<Case> = {}): Case => ({
    name,
    shows,
    bundle,
    fails: [],
    ...more,
  });
  const open = JSON.stringify(openConfiguration(world));
  const asEnb = (serialNumber: string) => ({
    context: { enb: { certificate: `keys/${serialNumber}.crt` }, enbKey: `keys/${serialNumber}.key` },
  });

  yield accepted('ecdh-p-256', 'a credential sealed to an EC key on P-256', good);
  yield accepted(
    'rsa-oaep',
    'a credential sealed to an RSA key',
    await sealedBundle(world, configurationFor(world, {}, 'LAB0002')),
    asEnb('LAB0002'),
  );
  yield accepted(
    'ecdh-p-384',
    'a credential sealed to an EC key on P-384',
    await sealedBundle(world, configurationFor(world, {}, 'LAB0003')),
    asEnb('LAB0003'),
  );
  yield accepted(
    'no-sealed-part',
    'protection by vendor certificate, nothing sealed',
    await signText(world, open),
  );
  const { renewAt: _, ...earlier } = openConfiguration(world).enrolment;
  yield accepted(
    'no-renew-at',
    'no renewAt, as in bundles of an earlier version: it means 70',
    await signText(world, JSON.stringify(openConfiguration(world, { enrolment: earlier }))),
  );
  yield accepted(
    'tunnels',
    'everything that a bundle can say about its tunnels: two initial gateways, proposals and inner addresses of one, ' +
      'the identity of step 0.5 and that of step 2, DNS servers in the tunnel',
    await signText(world, JSON.stringify(openConfiguration(world, tunnels(world)))),
  );
  yield accepted(
    'secrets',
    'protection by vendor certificate, and a sealed part with other secrets',
    await signSealed(
      world,
      openConfiguration(world),
      opensslSeal(
        plaintextFor(world, openConfiguration(world), { credential: undefined, secrets: { NTP: 'a key' } }),
        world.enbs.LAB0001.certificate,
        'aes-256-gcm',
        opensslForm.ec,
      ),
    ),
  );
  yield accepted(
    'signed-with-p-384',
    'signed with ECDSA on P-384 and SHA-384',
    await signText(world, open, { signer: configurationKey(issuing, {}, 'P-384') }),
  );
  const rsa = configurationKey(issuing, {}, 'RSA-3072');
  yield accepted(
    'signed-with-rsa',
    'signed with RSA and PKCS#1 v1.5',
    await signText(world, open, { signer: rsa }),
  );
  yield accepted(
    'signed-with-rsa-pss-key',
    'signed with RSASSA-PSS by a key for nothing else',
    await signText(world, open, { signer: pssConfigurationKey(issuing) }),
  );
  yield accepted(
    'signed-with-rsa-pss-by-openssl',
    'signed with RSASSA-PSS by OpenSSL',
    signedByOpenssl(
      world,
      ['-cades', '-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:32'],
      rsa,
    ),
  );
  yield accepted(
    'signature-algorithm-with-digest',
    'sha256WithRSAEncryption in the place of rsaEncryption',
    changed(await signText(world, open, { signer: rsa }), (tree) => {
      const algorithm = der.sequence(der.oid(oids.sha256WithRsa), der.null);
      childrenOf(tree, 1, 0, -1, 0)[4] = parseTree(algorithm);
    }),
  );
  yield accepted(
    'signed-by-openssl',
    'openssl cms -sign -cades, with signed attributes that nobody asked for',
    signedByOpenssl(world, ['-cades']),
  );
  yield accepted(
    'signer-by-key-identifier',
    'the signer named by its key identifier (openssl cms -sign -keyid)',
    signedByOpenssl(world, ['-cades', '-keyid']),
  );
  yield accepted(
    'unknown-signed-attribute',
    'a signed attribute that nobody knows',
    resigned(good, world.configuration, (attributes) => {
      const unknown = der.sequence(der.oid('1.3.6.1.4.1.32473.7.98'), der.setOf([der.utf8String('hello')]));
      attributes.splice(0, attributes.length, ...ascending([...attributes.map(writeTree), unknown]));
    }),
  );
  yield accepted(
    'spaces',
    'white space between the tokens of the JSON',
    await signText(world, spaced(world)),
  );
  const limited = limitedCa(root, 'LAB0001', 'LAB0999');
  yield accepted(
    'authorisation-within-ca',
    "the issuing CA has an authorisation that contains the signer's",
    await signText(world, open, {
      signer: configurationKey(limited, { authorisation: limitedScope }),
      intermediates: [limited.certificate],
    }),
  );
  for (const [kind, serial] of [
    ['ec', 'LAB0001'],
    ['rsa', 'LAB0002'],
  ] as const) {
    const own = configurationFor(world, {}, serial);
    const sealed = opensslSeal(
      plaintextFor(world, own),
      world.enbs[serial].certificate,
      'aes-256-gcm',
      opensslForm[kind],
    );
    yield accepted(
      `sealed-by-openssl-${kind}`,
      `a credential that OpenSSL sealed to an ${kind.toUpperCase()} key`,
      await signSealed(world, own, sealed),
      asEnb(serial),
    );
  }
  yield* circumstances(good, configuration);
  const { enb: ownEnb } = configuration;
  yield accepted(
    'octets-in-the-credential',
    'a secret with quotes, control characters and letters beyond ASCII, as its UTF-8 octets',
    await signSealed(
      world,
      configuration,
      opensslSeal(
        plaintextFor(world, configuration, {
          credential: { ...credential, secret: ' "\\\u0001\u00e9\u2028 ' },
        }),
        world.enbs.LAB0001.certificate,
        'aes-256-gcm',
        opensslForm.ec,
      ),
    ),
  );
  yield accepted(
    'by-serial-number',
    'without certificateSha256: the eNB by its serial number and hardware type',
    await sealedBundle(world, {
      ...configuration,
      enb: { hwType: ownEnb.hwType, serialNumber: ownEnb.serialNumber },
    }),
  );
}

const limitedScope = {
  epoch: 0,
  devices: [
    { hwType: '1.3.6.1.4.1.32473.7.1', serials: [{ kind: 'exact', serial: Buffer.from('LAB0001') }] },
  ],
} as const;

function spaced(world: World): string {
  return `\n${JSON.stringify(openConfiguration(world), undefined, '\t')}\r\n `;
}

/** One good bundle, judged by eNBs and tools that know less or more. */
function* circumstances(bundle: Uint8Array, { notBefore }: Configuration): Generator<Case> {
  const accepted = (name: string, shows: string, context: Case['context'], at?: Date): Case => ({
    name,
    shows,
    bundle,
    fails: [],
    ...(context && { context }),
    ...(at && { at }),
  });
  yield accepted('first-second', 'judged in its first second', {}, new Date(notBefore));
  yield accepted('same-again', 'the bundle that the eNB has already', {
    lastSequence: 7,
    storedContentSha256: new Bundle(bundle).contentSha256 ?? '',
  });
  yield accepted(
    'equal-sequence-unknown',
    'the sequence number that the eNB has; which bundle is not known',
    {
      lastSequence: 7,
    },
  );
  yield accepted(
    'no-clock',
    'an eNB without a clock that has seen no later time than the day before',
    { clock: 'lower-bound' },
    new Date('2026-10-31T00:00:00Z'),
  );
  yield accepted('no-key', 'judged without the key of the eNB', { enbKey: undefined });
  yield accepted('serial-number-only', 'judged for a serial number', {
    enb: { serialNumber: 'LAB0001' },
    enbKey: undefined,
  });
  yield accepted('nothing-known', 'judged with the vendor root alone', {
    enb: undefined,
    enbKey: undefined,
    lastSequence: undefined,
  });
}
