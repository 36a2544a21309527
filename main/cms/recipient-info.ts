import { constants, createPublicKey, diffieHellman, privateDecrypt, type KeyObject } from 'node:crypto';
import { contextTag, der, oids, tags, toText, type DerReader } from '../asn1/index.ts';
import { curveOids, opensslCurves, readHash, readName, type Curve } from '../pki/index.ts';
import { agreementScheme, deriveWrappingKey, wrapKeyOctets, type AgreementScheme } from './key-agreement.ts';
import { keyWrap } from './key-wrap.ts';

const allCurves = Object.keys(curveOids) as Curve[];

/** Whom a message is encrypted to, and how: by RSA key transport, or by ECDH key agreement. */
export type RecipientInfo = {
  readonly issuerKey: string;
  readonly serialNumber: string;
  readonly encryptedKey: Uint8Array;
} & (
  | { readonly kind: 'transport'; readonly padding: TransportPadding }
  | {
      readonly kind: 'agreement';
      readonly ephemeralPoint: Uint8Array;
      readonly curve: Curve | undefined;
      readonly scheme: AgreementScheme;
    }
);

type TransportPadding = 'pkcs1' | 'oaep-sha1' | 'oaep-sha256';

const paddings = {
  pkcs1: { padding: constants.RSA_PKCS1_PADDING },
  'oaep-sha1': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
  'oaep-sha256': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
} as const;

/**
 * The content key, which the caller wipes. Undefined or an exception if this key does not unwrap it, or, with PKCS#1
 * padding, even a random key of any length. The caller must not let anyone tell these apart.
 */
export function unwrapContentKey(info: RecipientInfo, privateKey: KeyObject): Buffer | undefined {
  if (info.kind === 'transport')
    return privateDecrypt({ key: privateKey, ...paddings[info.padding] }, info.encryptedKey);
  const own = privateKey.asymmetricKeyDetails?.namedCurve;
  const curve = allCurves.find((name) => opensslCurves[name] === own);
  if (!curve || (info.curve !== undefined && info.curve !== curve)) return undefined;
  const algorithm = der.sequence(der.oid(oids.ecPublicKey), der.oid(curveOids[curve]));
  const spki = Buffer.from(der.sequence(algorithm, der.bitString(info.ephemeralPoint)));
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const wrappingKey = deriveWrappingKey(diffieHellman({ privateKey, publicKey }), info.scheme);
  return keyWrap.unwrap(wrappingKey, info.encryptedKey);
}

/**
 * Reads a RecipientInfo (RFC 5652 section 6.2) with issuer and serial number: RSA with PKCS#1 version 1.5 or OAEP (RFC
 * 3560), or ECDH ephemeral-static with AES key wrap and without ukm (RFC 5753). These are the forms that OpenSSL
 * writes. A caller that takes fewer algorithms checks the result.
 */
export function readRecipientInfo(reader: DerReader): RecipientInfo {
  if (reader.nextTag === contextTag(1)) return reader.constructed(contextTag(1), readKeyAgreeRecipientInfo);
  return reader.sequence((inner) => {
    if (inner.smallInteger() !== 0) inner.fail('cms-version');
    const recipient = readIssuerAndSerialNumber(inner);
    const padding = inner.sequence(readTransportPadding);
    return { kind: 'transport', ...recipient, padding, encryptedKey: inner.octetString() };
  });
}

function readIssuerAndSerialNumber(reader: DerReader) {
  return reader.sequence((inner) => ({
    issuerKey: readName(inner).key,
    serialNumber: toText(inner.integerOctets(), 'hex'),
  }));
}

function readTransportPadding(reader: DerReader): TransportPadding {
  const algorithm = reader.oid();
  if (algorithm === oids.rsaEncryption) {
    reader.null();
    return 'pkcs1';
  }
  if (algorithm !== oids.rsaesOaep) reader.fail('cms-algorithm');
  return reader.sequence(readOaepParameters);
}

/** RSAES-OAEP-params (RFC 4055 section 4.1): one digest for both, and no label. The default is SHA-1. */
function readOaepParameters(reader: DerReader): TransportPadding {
  const readDigest = (inner: DerReader) => readHash(inner) ?? inner.fail('cms-algorithm');
  const hash = reader.optional(contextTag(0), () => reader.explicit(0, readDigest)) ?? 'sha1';
  const mgfHash =
    reader.optional(contextTag(1), () =>
      reader.explicit(1, (mgf) =>
        mgf.sequence((identifier) => {
          if (identifier.oid() !== oids.mgf1) identifier.fail('cms-algorithm');
          return readDigest(identifier);
        }),
      ),
    ) ?? 'sha1';
  if (hash !== mgfHash || (hash !== 'sha1' && hash !== 'sha256')) return reader.fail('cms-algorithm');
  reader.optional(contextTag(2), () =>
    reader.explicit(2, (source) =>
      source.sequence((identifier) => {
        if (identifier.oid() !== oids.pSpecified || identifier.octetString().length > 0)
          source.fail('cms-algorithm');
      }),
    ),
  );
  return `oaep-${hash}`;
}

function readKeyAgreeRecipientInfo(reader: DerReader): RecipientInfo {
  if (reader.smallInteger() !== 3) reader.fail('cms-version');
  const originator = reader.explicit(0, (inner) => inner.constructed(contextTag(1), readOriginatorKey));
  const scheme = reader.sequence(readAgreementScheme);
  const recipients = reader.sequenceOf((item) =>
    item.sequence((inner) => ({ ...readIssuerAndSerialNumber(inner), encryptedKey: inner.octetString() })),
  );
  const [recipient] = recipients;
  if (!recipient || recipients.length > 1) return reader.fail('cms-one-recipient');
  return { kind: 'agreement', ...originator, scheme, ...recipient };
}

const agreementHashes: ReadonlyMap<string, AgreementScheme['hash']> = new Map([
  [oids.dhSinglePassStdDhSha1Kdf, 'sha1'],
  [oids.dhSinglePassStdDhSha256Kdf, 'sha256'],
]);

function readAgreementScheme(reader: DerReader): AgreementScheme {
  const hash = agreementHashes.get(reader.oid()) ?? reader.fail('cms-algorithm');
  const wrap = reader.sequence((algorithm) => algorithm.oid());
  return wrapKeyOctets.has(wrap) ? agreementScheme(hash, wrap) : reader.fail('cms-algorithm');
}

/** OriginatorPublicKey. Its parameters are absent, NULL, or name the recipient's curve (RFC 5753 section 3.1.1). */
function readOriginatorKey(reader: DerReader) {
  const curveOid = reader.sequence((algorithm) => {
    if (algorithm.oid() !== oids.ecPublicKey) algorithm.fail('cms-algorithm');
    if (algorithm.nextTag === tags.null) algorithm.null();
    return algorithm.optional(tags.oid, () => algorithm.oid());
  });
  const curve = allCurves.find((name) => curveOids[name] === curveOid);
  if (curveOid !== undefined && !curve) reader.fail('cms-algorithm');
  const ephemeralPoint = reader.bitStringOctets();
  if (ephemeralPoint[0] !== 4) reader.fail('der-key'); // Points are always uncompressed here (RFC 5480 section 2.2).
  return { curve, ephemeralPoint };
}
