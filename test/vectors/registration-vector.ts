import { join } from 'node:path';
import type { RegistrationContent } from '../../main/bundle/index.ts';
import { vectorsFolder } from './vector.ts';

export const registrationFolder = join(vectorsFolder, 'registration');

/** What the published registration says. */
export const registrationContent: RegistrationContent = {
  format: 'siteseal-registration/1',
  registrationId: '0c8a1c53-52f0-4f3a-8f2c-7d0f5c2f9b51',
  issuedAt: '2026-11-15T12:00:00Z',
  training: true,
  raName: 'C=FI,O=Lab Operator,CN=Lab RA',
  credentials: [
    {
      reference: '5f1c9a7be0d24836a1c7f4e2d9b08365',
      secret: '3a7d5e0c9b1f4826d0e8c7a5b3f1928374650a1b2c3d4e5f60718293a4b5c6d7',
      hwType: '1.3.6.1.4.1.32473.7.1',
      serialNumber: 'LAB0001',
      subject: 'CN=LAB0001',
      subjectAltNames: ['dns:lab0001.example'],
    },
    {
      reference: 'ref-ü',
      secret: 'a secret with "quotes", \\ and ü',
      hwType: '1.3.6.1.4.1.32473.7.1',
      serialNumber: 'LAB0002',
      subject: 'C=FI,O=Lab Operator,CN=LAB0002',
    },
  ],
};
