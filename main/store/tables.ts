/** Rows as the rest of the program sees them. */

/** A sequence number, and the vendor's epoch in which it counts. */
export interface EpochSequence {
  readonly epoch: number;
  readonly sequence: number;
}

/** An eNB, with the highest epoch and sequence number that was given out or that a receipt reports. */
export interface EnbRow {
  readonly hwType: string;
  readonly serialNumber: string;
  /** The vendor's name in the operator profile. */
  readonly vendor: string;
  readonly last: EpochSequence;
  /** DER. */
  readonly certificate?: Uint8Array;
}

/** A receipt as it came. */
export interface ReceiptRow {
  /** SHA-256 of the bytes, lower-case hex. */
  readonly sha256: string;
  readonly hwType: string;
  readonly serialNumber: string;
  readonly receiptNumber: number;
  readonly bundleSha256: string;
  /** RFC 3339. */
  readonly receivedAt: string;
  /** DER. */
  readonly bytes: Uint8Array;
}

/** The process that holds a lease; its number means something only until the computer restarts. */
export interface LeaseHolder {
  readonly process: number;
  readonly bootId: string;
}
