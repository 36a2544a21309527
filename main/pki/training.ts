import { oids } from '../asn1/index.ts';
import type { Certificate } from './certificate.ts';

/** Whether the certificate is marked for training (extension A.3). */
export function isTrainingCertificate(certificate: Certificate): boolean {
  return certificate.extensions.has(oids.training);
}
