import type { ComponentProps, MouseEvent } from 'react';

type ButtonProps = ComponentProps<'button'> & { readonly 'data-loading'?: boolean };

/** Also keeps a form from being sent. */
function hold(event: MouseEvent): void {
  event.preventDefault();
}

/** The element of every button. A busy button does nothing and says so. A disabled button would lose the focus. */
export function buttonRoot({ disabled, onClick, ...props }: ButtonProps) {
  return props['data-loading'] ? (
    <button {...props} aria-disabled onClick={hold} />
  ) : (
    <button {...props} disabled={disabled} onClick={onClick} />
  );
}
