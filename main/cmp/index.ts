/** CMPv2 (RFC 9810). */
export type * from './ports.ts';
