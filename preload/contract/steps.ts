// The steps of a site as data, for the core and the page alike. It imports nothing, so that the page can run it.

/** Step 0: the bundle reaches the eNB. */
export const delivery = {
  /** The progress of its connection, in order. `sending`: the bundle may have reached the eNB. */
  phases: ['selected', 'connected', 'identified', 'sending', 'sent', 'read-back', 'verdict', 'receipt'],
  /**
   * What is proven, whatever happened to the connection. A later state proves more. `sending`: the bundle may have
   * reached the eNB, which has not confirmed it. `sent`: the eNB answered that it accepted the bundle. `verdict`: it
   * also gave back the same bytes. `receipt`: it also signed for them.
   */
  proven: ['selected', 'refused', 'sending', 'sent', 'verdict', 'receipt'],
} as const;

export type DeliveryPhase = (typeof delivery.phases)[number];
export type ProvenDelivery = (typeof delivery.proven)[number];

/** Whether a delivery has progressed at least this far. `refused` counts as the verdict. */
export function hasReached(state: DeliveryPhase | 'refused', least: DeliveryPhase | 'refused'): boolean {
  const place = (one: typeof state) => delivery.phases.indexOf(one === 'refused' ? 'verdict' : one);
  return place(state) >= place(least);
}
