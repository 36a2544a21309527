/** strongSwan as a process: its settings, its control protocol vici, connections for eNBs and gateways, and its faults. */
export {
  canCarryTraffic,
  Charon,
  charonProgram,
  hasNetworkRight,
  tunDevice,
  type CharonOptions,
} from './charon.ts';
export {
  enbConnection,
  identityText,
  segConnection,
  type Credentials,
  type EnbConnection,
  type SegConnection,
} from './connections.ts';
export { faultOfLog, type IkeFaultCode } from './fault-of-log.ts';
export { endConnection, initiate, type Attempt, type InstalledTunnel } from './initiate.ts';
export { charonsOf, isCharonOf } from './left-charons.ts';
export { loadCaCertificates, loadCrls, loadKey } from './load.ts';
export { TunnelRoutes } from './routes.ts';
export { startSeg, type SegOptions } from './seg.ts';
export { settingsText, type Settings } from './settings.ts';
export { whyUnreachable } from './unreachable.ts';
export {
  decodeViciMessage,
  encodeViciMessage,
  listOf,
  sectionOf,
  textOf,
  ViciError,
  type ViciMessage,
  type ViciSection,
} from './vici-message.ts';
export { Vici } from './vici.ts';
