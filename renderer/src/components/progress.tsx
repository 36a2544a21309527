import { cls } from './classes.ts';

/** `moving`: under way, its end unknown. A number is the completed fraction, 0 to 1. */
export type Amount = number | 'moving';

export interface BarProps {
  readonly label: string;
  /** What it is doing, in words. */
  readonly state: string;
  readonly amount: Amount;
  readonly tone?: 'done' | 'bad' | undefined;
}

/** One bar with its name and its state in words. */
export function Bar({ label, state, amount, tone }: BarProps) {
  const isMoving = amount === 'moving';
  return (
    <div>
      <div className={cls('barHead')}>
        <span>{label}</span>
        <span className={cls('quiet')}>{state}</span>
      </div>
      <div
        className={cls('bar')}
        role="progressbar"
        aria-label={label}
        aria-valuetext={state}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(!isMoving && { 'aria-valuenow': Math.round(amount * 100) })}
      >
        <div
          className={cls(
            'barFill',
            isMoving && 'barMoving',
            tone === 'done' && 'barDone',
            tone === 'bad' && 'barBad',
          )}
          {...(!isMoving && { style: { width: `${amount * 100}%` } })}
        />
      </div>
    </div>
  );
}
