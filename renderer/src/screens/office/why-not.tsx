import type { ReactNode } from 'react';
import { cls } from '../../components/classes.ts';

/** A button, and beside it the reason why it is disabled. */
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
