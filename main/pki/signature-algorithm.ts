import { constants, verify } from 'node:crypto';
import { der, oids, tags, type DerReader } from '../asn1/index.ts';
import { keyObject, type PublicKey } from './public-key.ts';

/** The digests above the floor, under their names in node:crypto. */
export type Hash = 'sha256' | 'sha384' | 'sha512';

/** A signature algorithm. MD5 and SHA-1 are below the floor. */
export type SignatureAlgorithm =
  | { readonly kind: 'rsa-pkcs1'; readonly hash: Hash }
  | { readonly kind: 'rsa-pss'; readonly hash: Hash; readonly saltLength: number }
  | { readonly kind: 'ecdsa'; readonly hash: Hash }
  /** Known, but below the floor. */
  | { readonly kind: 'weak'; readonly name: string }
  | { readonly kind: 'unsupported'; readonly name: string };

export const hashOids: Readonly<Record<Hash, string>> = {
  sha256: oids.sha256,
  sha384: oids.sha384,
  sha512: oids.sha512,
};
export const hashesByOid: ReadonlyMap<string, Hash> = new Map(
  Object.entries(hashOids).map(([hash, oid]) => [oid, hash as Hash]),
);

const plainAlgorithms: Readonly<Record<string, SignatureAlgorithm>> = {
  [oids.sha256WithRsa]: { kind: 'rsa-pkcs1', hash: 'sha256' },
  [oids.sha384WithRsa]: { kind: 'rsa-pkcs1', hash: 'sha384' },
  [oids.sha512WithRsa]: { kind: 'rsa-pkcs1', hash: 'sha512' },
  [oids.ecdsaWithSha256]: { kind: 'ecdsa', hash: 'sha256' },
  [oids.ecdsaWithSha384]: { kind: 'ecdsa', hash: 'sha384' },
  [oids.ecdsaWithSha512]: { kind: 'ecdsa', hash: 'sha512' },
  [oids.md2WithRsa]: { kind: 'weak', name: 'MD2 with RSA' },
  [oids.md5WithRsa]: { kind: 'weak', name: 'MD5 with RSA' },
  [oids.sha1WithRsa]: { kind: 'weak', name: 'SHA-1 with RSA' },
  [oids.sha224WithRsa]: { kind: 'weak', name: 'SHA-224 with RSA' },
  [oids.ecdsaWithSha1]: { kind: 'weak', name: 'ECDSA with SHA-1' },
  [oids.ecdsaWithSha224]: { kind: 'weak', name: 'ECDSA with SHA-224' },
  [oids.dsaWithSha1]: { kind: 'weak', name: 'DSA with SHA-1' },
};

/**
 * Reads the AlgorithmIdentifier of a signature. Its parameters must follow the algorithm's RFC: absent for ECDSA (RFC
 * 5758), NULL or absent for RSA with PKCS#1 v1.5 (RFC 4055 section 5), complete for PSS. In a CMS SignerInfo,
 * `rsaEncryption` means PKCS#1 v1.5 with the `digest` named elsewhere (RFC 5754 section 3.2).
 */
export function readSignatureAlgorithm(reader: DerReader, digest?: Hash): SignatureAlgorithm {
  return reader.sequence((inner) => {
    const oid = inner.oid();
    if (oid === oids.rsassaPss) return readPssParameters(inner);
    const implied = oid === oids.rsaEncryption && digest;
    const algorithm = implied ? ({ kind: 'rsa-pkcs1', hash: digest } as const) : plainAlgorithms[oid];
    if (!algorithm) {
      inner.rest((parameters) => parameters.element());
      return { kind: 'unsupported', name: oid };
    }
    if (algorithm.kind !== 'ecdsa') inner.optional(tags.null, (parameters) => parameters.null());
    else if (!inner.done) inner.fail('ecdsa-parameters');
    return algorithm;
  });
}

/** RSASSA-PSS-params (RFC 4055 section 3.1). Missing parameters default to SHA-1. */
function readPssParameters(reader: DerReader): SignatureAlgorithm {
  return reader.sequence((inner) => {
    const hash = inner.optional(0xa0, () => inner.explicit(0, readHash));
    const mgfHash = inner.optional(0xa1, () =>
      inner.explicit(1, (mgf) =>
        mgf.sequence((identifier) => (identifier.oid() === oids.mgf1 ? readHash(identifier) : undefined)),
      ),
    );
    const saltLength = inner.optional(0xa2, () => inner.explicit(2, (salt) => salt.smallInteger())) ?? 20;
    const trailer = inner.optional(0xa3, () => inner.explicit(3, (field) => field.smallInteger())) ?? 1;
    if (trailer !== 1) return { kind: 'unsupported', name: 'RSASSA-PSS with another trailer' };
    if (hash === undefined || mgfHash === undefined) return { kind: 'weak', name: 'RSASSA-PSS with SHA-1' };
    return hash === mgfHash
      ? { kind: 'rsa-pss', hash, saltLength }
      : { kind: 'unsupported', name: 'RSASSA-PSS with two different digests' };
  });
}

/** Reads the AlgorithmIdentifier of a digest, with NULL parameters or none (RFC 5754 section 2). */
export function readHash(reader: DerReader): Hash | undefined {
  return reader.sequence((inner) => {
    const oid = inner.oid();
    inner.optional(tags.null, (parameters) => parameters.null());
    return hashesByOid.get(oid);
  });
}

/** The AlgorithmIdentifier of a digest, without parameters (RFC 5754 section 2). */
export function writeHash(hash: Hash): Uint8Array {
  return der.sequence(der.oid(hashOids[hash]));
}

/** The algorithms that Siteseal signs with. */
export type SigningAlgorithm = Extract<SignatureAlgorithm, { kind: 'ecdsa' | 'rsa-pkcs1' | 'rsa-pss' }>;

const algorithmOids = {
  ecdsa: { sha256: oids.ecdsaWithSha256, sha384: oids.ecdsaWithSha384, sha512: oids.ecdsaWithSha512 },
  'rsa-pkcs1': { sha256: oids.sha256WithRsa, sha384: oids.sha384WithRsa, sha512: oids.sha512WithRsa },
} as const;

/** The AlgorithmIdentifier of a signature (RFC 5758, RFC 4055). */
export function writeSignatureAlgorithm(algorithm: SigningAlgorithm): Uint8Array {
  const { kind, hash } = algorithm;
  if (kind === 'ecdsa') return der.sequence(der.oid(algorithmOids[kind][hash]));
  if (kind === 'rsa-pkcs1') return der.sequence(der.oid(algorithmOids[kind][hash]), der.null);
  const digest = writeHash(hash);
  return der.sequence(
    der.oid(oids.rsassaPss),
    der.sequence(
      der.explicit(0, digest),
      der.explicit(1, der.sequence(der.oid(oids.mgf1), digest)),
      der.explicit(2, der.integer(algorithm.saltLength)),
    ),
  );
}

/** Whether the signature verifies. Also false if the key does not suit the algorithm. */
export function verifySignature(
  algorithm: SignatureAlgorithm,
  key: PublicKey,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    switch (algorithm.kind) {
      case 'ecdsa':
        return key.kind === 'ec' && verify(algorithm.hash, data, keyObject(key), signature);
      case 'rsa-pkcs1':
        return key.kind === 'rsa' && !key.pssOnly && verify(algorithm.hash, data, keyObject(key), signature);
      case 'rsa-pss':
        return (
          key.kind === 'rsa' &&
          verify(
            algorithm.hash,
            data,
            {
              key: keyObject(key),
              padding: constants.RSA_PKCS1_PSS_PADDING,
              saltLength: algorithm.saltLength,
            },
            signature,
          )
        );
      case 'weak':
      case 'unsupported':
        return false;
    }
  } catch {
    return false; // OpenSSL rejects the key or the signature's encoding.
  }
}
