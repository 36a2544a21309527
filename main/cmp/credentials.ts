import type { Signer } from '../keys/index.ts';
import type { Name } from '../pki/index.ts';
import { nameOfReference } from './header.ts';
import { freshSalt, type Mac } from './mac.ts';
import type { Protector } from './protection.ts';

/** What a client proves itself with. */
export type Credentials =
  | {
      readonly kind: 'mac';
      readonly reference: Uint8Array;
      /** The caller wipes it. */
      readonly secret: Uint8Array;
      readonly algorithm?: 'pbm' | 'pbmac1';
      /** How often the secret is hashed. */
      readonly iterations?: number;
    }
  | { readonly kind: 'signature'; readonly signer: Signer };

const defaultIterations = 10_000;

/** What protects the messages of a holder of these credentials. */
export function protectorOf(credentials: Credentials): Protector {
  if (credentials.kind === 'signature') return credentials;
  const { reference, secret, algorithm = 'pbm', iterations = defaultIterations } = credentials;
  return { kind: 'mac', reference, secret, mac: () => freshMac(algorithm, iterations) };
}

/** The parameters of a MAC, with a new salt. */
function freshMac(algorithm: 'pbm' | 'pbmac1', iterations: number): Mac {
  const salt = freshSalt();
  return algorithm === 'pbm'
    ? { kind: 'pbm', salt, owf: 'sha256', iterations, mac: 'sha256' }
    : { kind: 'pbmac1', salt, iterations, keyLength: 32, prf: 'sha256', mac: 'sha256' };
}

/** The name that these credentials prove. */
export function senderOf(credentials: Credentials): Name {
  return credentials.kind === 'signature'
    ? credentials.signer.certificate.subject
    : nameOfReference(credentials.reference);
}
