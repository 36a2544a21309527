/** The result of a benchmark. */
export interface Figures {
  /** 0 where it was not possible; `detail` then says why. */
  readonly perSecond: number;
  /** The rate as a fraction of what the cryptography alone would allow. */
  readonly ofLimit?: number;
  /** The rate as a multiple of the shell script's. */
  readonly timesScript?: number;
  /** The time as a multiple of the bare window's. */
  readonly timesBare?: number;
  /** The packed application's time as a multiple of the bare window's. */
  readonly packedTimesBare?: number;
  readonly detail?: string;
}
