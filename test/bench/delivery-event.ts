import type { LogEvent } from '../../main/audit/index.ts';

/** A delivery as a laptop logs it. */
export function deliveryEvent(index: number): LogEvent {
  return {
    action: 'bundle-delivery',
    subject: { site: `S${index % 10_000}`, serialNumber: `AR${1_000_000 + index}`, hwType: '2.25.1' },
    facts: {
      bundleId: '0123456789abcdef0123456789abcdef',
      sequence: 7,
      bundleSha256: '0123456789abcdef'.repeat(4),
      state: 'receipt',
      accepted: true,
    },
  };
}
