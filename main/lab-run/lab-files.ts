import { join } from 'node:path';
import type { FileName } from './scenes.ts';

/** The names of the gateways. The third has a certificate that has expired. */
export const gatewayNames = {
  seg1: 'seg1.backhaul.example',
  seg2: 'seg2.backhaul.example',
  expired: 'seg3.backhaul.example',
} as const;

/** The RA/CA: its name in certificates, and on the network where it has one. */
export const raName = 'C=FI,O=Lab Operator,CN=Lab RA';
export const raHost = 'ra.pki.example';

/** Where the certificates and keys of a run are. */
export class LabFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get vendor(): string {
    return join(this.folder, 'vendor');
  }
  get otherVendor(): string {
    return join(this.folder, 'other-vendor');
  }
  get operator(): string {
    return join(this.folder, 'operator');
  }
  get otherOperator(): string {
    return join(this.folder, 'other-operator');
  }

  of(name: FileName): string {
    return {
      vendorRoot: join(this.vendor, 'vendor-root.pem'),
      vendorIssuing: join(this.vendor, 'vendor-issuing.pem'),
      vendorCrl: join(this.vendor, 'vendor.crl'),
      otherVendorRoot: join(this.otherVendor, 'vendor-root.pem'),
      operatorRoot: join(this.operator, 'operator-root.pem'),
      issuingCa: join(this.operator, 'issuing-ca.pem'),
    }[name];
  }
}
