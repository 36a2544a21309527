/** What a benchmark found. */
export interface Figures {
  /** 0 where it was not possible; `detail` then says why. */
  readonly perSecond: number;
  /** The rate as a part of what the cryptography alone would allow. */
  readonly ofLimit?: number;
  /** How many times the rate of the shell script it is. */
  readonly timesScript?: number;
  /** How many times as long as the bare window it takes. */
  readonly timesBare?: number;
  readonly detail?: string;
}
