import type { ReactNode } from 'react';
import { cls } from '../../components/classes.ts';

/** A button, with the reason beside it why it cannot be pressed yet. */
export function WhyNot({
  reason,
  children,
}: {
  readonly reason: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <div className={cls('row')}>
      {reason !== undefined && <span className={cls('quiet')}>{reason}</span>}
      {children}
    </div>
  );
}
