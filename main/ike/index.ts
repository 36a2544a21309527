/**
 * IKEv2 (RFC 7296) as far as anybody may go without credentials: IKE_SA_INIT. The probe asks a security gateway whether
 * it answers, what it chooses, and which CAs it trusts. The responder plays the gateway.
 */
export { systemDatagrams, type DatagramChannel, type DatagramNetwork } from './datagrams.ts';
export {
  probeGateway,
  probeWithoutState,
  type GatewayQuestion,
  type IkeFaultCode,
  type ProbeAnswer,
  type StatelessQuestion,
} from './probe.ts';
export { ProbeLimit } from './probe-limit.ts';
export { Responder, type ResponderOptions } from './responder.ts';
