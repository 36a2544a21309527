import { cls } from './classes.ts';

/** A serial number, code or address, whose characters are compared one by one. */
export function Mono({ children }: { readonly children: string }) {
  return <span className={cls('mono')}>{children}</span>;
}

/** A serial number to be read at arm's length. */
export function Serial({ children }: { readonly children: string }) {
  return <span className={cls('serial')}>{children}</span>;
}

/** A digest in hexadecimal, in groups of four, to be compared in full. */
export function Digest({ value }: { readonly value: string }) {
  const groups = value.replaceAll(/[^0-9a-z]/gi, '').match(/.{1,4}/g) ?? [];
  return (
    <span className={cls('digest')}>
      {groups.map((group, place) => (
        <span key={place}>{group} </span>
      ))}
    </span>
  );
}
