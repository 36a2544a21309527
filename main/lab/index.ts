/** The lab: the reference eNB, an RA/CA, and vendor and operator CAs, for training, the demonstration and tests. */
export {
  makeConfigurationKey,
  makeEnb,
  makeOperatorRoot,
  makeVendor,
  type LabVendor,
} from './certificate-authorities.ts';
export {
  labHardwareType,
  makeOperatorFolder,
  makeVendorFolder,
  type OperatorFolder,
  type VendorFolder,
} from './authority-folders.ts';
export { makeOfficeKeyFiles, officeFiles } from './lab-office.ts';
export { issue, type KeyPair } from './issue-certificate.ts';
export {
  labCertificates,
  type CertificateContents,
  type KeyKind,
  type LabOptions,
} from './lab-certificates.ts';
export { CommissioningServer } from './commissioning-server.ts';
export { lookAtDrive, watchDrive, type DriveEvent } from './drive-watch.ts';
export {
  failureForms,
  FaultyStream,
  parseFailure,
  type Failure,
  type StreamFault,
} from './fault-injection.ts';
export { listen, type Listening } from './listen.ts';
export { standInPort } from './stand-in-dialler.ts';
export { standInIpsec, type StandInOptions } from './stand-in-ipsec.ts';
export { StandInSeg, type Behind, type StandInEvent, type StandInSegOptions } from './stand-in-seg.ts';
export { startStrongswanIpsec, type StrongswanIpsecOptions } from './strongswan-ipsec.ts';
export { LabIssuer } from './ra-ca/issuer.ts';
export { SqliteJournal } from './ra-ca/journal.ts';
export { openCaMaterial, rootFile, type CaMaterial, type GivenCa } from './ra-ca/ca-material.ts';
export { RaCa, type RaCaOptions } from './ra-ca/ra-ca.ts';
export { RaCaServer, type CmpAuthority, type ServerLimits } from './ra-ca/ra-ca-server.ts';
export {
  encodeRegistrations,
  readRegistrations,
  Registrations,
  registrationsOf,
  type RegistrationsDocument,
  registrationsFormat,
  type NewRegistration,
} from './ra-ca/registrations.ts';
export { cmpEnroller } from './cmp-enroller.ts';
export type { PathSurroundings } from './enb-path.ts';
export type { Enroller, EnrolmentOrder } from './enb-enrolment.ts';
export {
  ipsecKinds,
  type GatewayRole,
  type Ipsec,
  type IpsecKind,
  type Tunnel,
  type TunnelGateway,
  type TunnelOrder,
  type TunnelPhase,
} from './ipsec.ts';
export { ReferenceEnb, type ReferenceEnbOptions } from './reference-enb.ts';
export { UsbFunction, type UsbSetup } from './usb-function.ts';
export { UsbIpServer } from './usb-ip.ts';
export { UsbIpBus } from './usb-ip-bus.ts';
export { serveDns } from './dns-server.ts';
