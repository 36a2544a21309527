/*
 * The cases of NIST's Public Key Interoperability Test Suite (PKITS), version 1.0.1, April 2011, as data:
 * numbers, names, files and verdicts are the document's, and the files are in test/data/pkits.
 *
 * Left out as whole sections: 4.8 to 4.12 (certificate policies) and 4.15 (delta CRLs).
 */

/** What some cases need and a strict validator may lack. */
export type PkitsFeature = 'DSA' | 'indirect CRL';

export interface PkitsCase {
  /** The section of the document, such as `4.1.1`. */
  readonly number: string;
  readonly name: string;
  /** A file in `certs`, without `.crt`; so are the intermediates. */
  readonly endEntity: string;
  /**
   * Every certificate but the trust anchor that the path or a CRL may need, from the anchor down.
   * Candidates for path building, not always the path: some only verify a CRL.
   */
  readonly intermediates: readonly string[];
  /** Files in `crls`, without `.crl`, besides the trust anchor's own. */
  readonly crls: readonly string[];
  /** NIST's verdict at {@link at}, where every certificate of the path needs a CRL that covers it. */
  readonly valid: boolean;
  /** The feature without which a valid case cannot be judged; an invalid one must be refused without it as well. */
  readonly leftOut?: PkitsFeature;
}

/** The trust anchor of every case, and the CRL that it issued. */
export const trustAnchor = 'TrustAnchorRootCertificate';
export const trustAnchorCrl = 'TrustAnchorRootCRL';

/** A time for which the verdicts hold; any from 2 January 2011 to 30 December 2030 would do. */
export const at = new Date('2020-01-01T00:00:00Z');

// One line each, so that a case can be read at a glance.
// prettier-ignore
export const cases: readonly PkitsCase[] = [
  // 4.1 Signature verification
  { number: '4.1.1', name: 'Valid Signatures Test1', endEntity: 'ValidCertificatePathTest1EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: true },
  { number: '4.1.2', name: 'Invalid CA Signature Test2', endEntity: 'InvalidCASignatureTest2EE', intermediates: ['BadSignedCACert'], crls: ['BadSignedCACRL'], valid: false },
  { number: '4.1.3', name: 'Invalid EE Signature Test3', endEntity: 'InvalidEESignatureTest3EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: false },
  { number: '4.1.4', name: 'Valid DSA Signatures Test4', endEntity: 'ValidDSASignaturesTest4EE', intermediates: ['DSACACert'], crls: ['DSACACRL'], valid: true, leftOut: 'DSA' },
  { number: '4.1.5', name: 'Valid DSA Parameter Inheritance Test5', endEntity: 'ValidDSAParameterInheritanceTest5EE', intermediates: ['DSACACert', 'DSAParametersInheritedCACert'], crls: ['DSACACRL', 'DSAParametersInheritedCACRL'], valid: true, leftOut: 'DSA' },
  { number: '4.1.6', name: 'Invalid DSA Signature Test6', endEntity: 'InvalidDSASignatureTest6EE', intermediates: ['DSACACert'], crls: ['DSACACRL'], valid: false, leftOut: 'DSA' },
  // 4.2 Validity periods
  { number: '4.2.1', name: 'Invalid CA notBefore Date Test1', endEntity: 'InvalidCAnotBeforeDateTest1EE', intermediates: ['BadnotBeforeDateCACert'], crls: ['BadnotBeforeDateCACRL'], valid: false },
  { number: '4.2.2', name: 'Invalid EE notBefore Date Test2', endEntity: 'InvalidEEnotBeforeDateTest2EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: false },
  { number: '4.2.3', name: 'Valid pre2000 UTC notBefore Date Test3', endEntity: 'Validpre2000UTCnotBeforeDateTest3EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: true },
  { number: '4.2.4', name: 'Valid GeneralizedTime notBefore Date Test4', endEntity: 'ValidGeneralizedTimenotBeforeDateTest4EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: true },
  { number: '4.2.5', name: 'Invalid CA notAfter Date Test5', endEntity: 'InvalidCAnotAfterDateTest5EE', intermediates: ['BadnotAfterDateCACert'], crls: ['BadnotAfterDateCACRL'], valid: false },
  { number: '4.2.6', name: 'Invalid EE notAfter Date Test6', endEntity: 'InvalidEEnotAfterDateTest6EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: false },
  { number: '4.2.7', name: 'Invalid pre2000 UTC EE notAfter Date Test7', endEntity: 'Invalidpre2000UTCEEnotAfterDateTest7EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: false },
  { number: '4.2.8', name: 'Valid GeneralizedTime notAfter Date Test8', endEntity: 'ValidGeneralizedTimenotAfterDateTest8EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: true },
  // 4.3 Verifying name chaining
  { number: '4.3.1', name: 'Invalid Name Chaining EE Test1', endEntity: 'InvalidNameChainingTest1EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: false },
  { number: '4.3.2', name: 'Invalid Name Chaining Order Test2', endEntity: 'InvalidNameChainingOrderTest2EE', intermediates: ['NameOrderingCACert'], crls: ['NameOrderCACRL'], valid: false },
  { number: '4.3.3', name: 'Valid Name Chaining Whitespace Test3', endEntity: 'ValidNameChainingWhitespaceTest3EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: true },
  { number: '4.3.4', name: 'Valid Name Chaining Whitespace Test4', endEntity: 'ValidNameChainingWhitespaceTest4EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: true },
  { number: '4.3.5', name: 'Valid Name Chaining Capitalization Test5', endEntity: 'ValidNameChainingCapitalizationTest5EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: true },
  { number: '4.3.6', name: 'Valid Name Chaining UIDs Test6', endEntity: 'ValidNameUIDsTest6EE', intermediates: ['UIDCACert'], crls: ['UIDCACRL'], valid: true },
  { number: '4.3.7', name: 'Valid RFC3280 Mandatory Attribute Types Test7', endEntity: 'ValidRFC3280MandatoryAttributeTypesTest7EE', intermediates: ['RFC3280MandatoryAttributeTypesCACert'], crls: ['RFC3280MandatoryAttributeTypesCACRL'], valid: true },
  { number: '4.3.8', name: 'Valid RFC3280 Optional Attribute Types Test8', endEntity: 'ValidRFC3280OptionalAttributeTypesTest8EE', intermediates: ['RFC3280OptionalAttributeTypesCACert'], crls: ['RFC3280OptionalAttributeTypesCACRL'], valid: true },
  { number: '4.3.9', name: 'Valid UTF8String Encoded Names Test9', endEntity: 'ValidUTF8StringEncodedNamesTest9EE', intermediates: ['UTF8StringEncodedNamesCACert'], crls: ['UTF8StringEncodedNamesCACRL'], valid: true },
  { number: '4.3.10', name: 'Valid Rollover from PrintableString to UTF8String Test10', endEntity: 'ValidRolloverfromPrintableStringtoUTF8StringTest10EE', intermediates: ['RolloverfromPrintableStringtoUTF8StringCACert'], crls: ['RolloverfromPrintableStringtoUTF8StringCACRL'], valid: true },
  { number: '4.3.11', name: 'Valid UTF8String Case Insensitive Match Test11', endEntity: 'ValidUTF8StringCaseInsensitiveMatchTest11EE', intermediates: ['UTF8StringCaseInsensitiveMatchCACert'], crls: ['UTF8StringCaseInsensitiveMatchCACRL'], valid: true },
  // 4.4 Basic certificate revocation
  { number: '4.4.1', name: 'Missing CRL Test1', endEntity: 'InvalidMissingCRLTest1EE', intermediates: ['NoCRLCACert'], crls: [], valid: false },
  { number: '4.4.2', name: 'Invalid Revoked CA Test2', endEntity: 'InvalidRevokedCATest2EE', intermediates: ['GoodCACert', 'RevokedsubCACert'], crls: ['GoodCACRL', 'RevokedsubCACRL'], valid: false },
  { number: '4.4.3', name: 'Invalid Revoked EE Test3', endEntity: 'InvalidRevokedEETest3EE', intermediates: ['GoodCACert'], crls: ['GoodCACRL'], valid: false },
  { number: '4.4.4', name: 'Invalid Bad CRL Signature Test4', endEntity: 'InvalidBadCRLSignatureTest4EE', intermediates: ['BadCRLSignatureCACert'], crls: ['BadCRLSignatureCACRL'], valid: false },
  { number: '4.4.5', name: 'Invalid Bad CRL Issuer Name Test5', endEntity: 'InvalidBadCRLIssuerNameTest5EE', intermediates: ['BadCRLIssuerNameCACert'], crls: ['BadCRLIssuerNameCACRL'], valid: false },
  { number: '4.4.6', name: 'Invalid Wrong CRL Test6', endEntity: 'InvalidWrongCRLTest6EE', intermediates: ['WrongCRLCACert'], crls: ['WrongCRLCACRL'], valid: false },
  { number: '4.4.7', name: 'Valid Two CRLs Test7', endEntity: 'ValidTwoCRLsTest7EE', intermediates: ['TwoCRLsCACert'], crls: ['TwoCRLsCAGoodCRL', 'TwoCRLsCABadCRL'], valid: true },
  { number: '4.4.8', name: 'Invalid Unknown CRL Entry Extension Test8', endEntity: 'InvalidUnknownCRLEntryExtensionTest8EE', intermediates: ['UnknownCRLEntryExtensionCACert'], crls: ['UnknownCRLEntryExtensionCACRL'], valid: false },
  { number: '4.4.9', name: 'Invalid Unknown CRL Extension Test9', endEntity: 'InvalidUnknownCRLExtensionTest9EE', intermediates: ['UnknownCRLExtensionCACert'], crls: ['UnknownCRLExtensionCACRL'], valid: false },
  { number: '4.4.10', name: 'Invalid Unknown CRL Extension Test10', endEntity: 'InvalidUnknownCRLExtensionTest10EE', intermediates: ['UnknownCRLExtensionCACert'], crls: ['UnknownCRLExtensionCACRL'], valid: false },
  { number: '4.4.11', name: 'Invalid Old CRL nextUpdate Test11', endEntity: 'InvalidOldCRLnextUpdateTest11EE', intermediates: ['OldCRLnextUpdateCACert'], crls: ['OldCRLnextUpdateCACRL'], valid: false },
  { number: '4.4.12', name: 'Invalid pre2000 CRL nextUpdate Test12', endEntity: 'Invalidpre2000CRLnextUpdateTest12EE', intermediates: ['pre2000CRLnextUpdateCACert'], crls: ['pre2000CRLnextUpdateCACRL'], valid: false },
  { number: '4.4.13', name: 'Valid GeneralizedTime CRL nextUpdate Test13', endEntity: 'ValidGeneralizedTimeCRLnextUpdateTest13EE', intermediates: ['GeneralizedTimeCRLnextUpdateCACert'], crls: ['GeneralizedTimeCRLnextUpdateCACRL'], valid: true },
  { number: '4.4.14', name: 'Valid Negative Serial Number Test14', endEntity: 'ValidNegativeSerialNumberTest14EE', intermediates: ['NegativeSerialNumberCACert'], crls: ['NegativeSerialNumberCACRL'], valid: true },
  { number: '4.4.15', name: 'Invalid Negative Serial Number Test15', endEntity: 'InvalidNegativeSerialNumberTest15EE', intermediates: ['NegativeSerialNumberCACert'], crls: ['NegativeSerialNumberCACRL'], valid: false },
  { number: '4.4.16', name: 'Valid Long Serial Number Test16', endEntity: 'ValidLongSerialNumberTest16EE', intermediates: ['LongSerialNumberCACert'], crls: ['LongSerialNumberCACRL'], valid: true },
  { number: '4.4.17', name: 'Valid Long Serial Number Test17', endEntity: 'ValidLongSerialNumberTest17EE', intermediates: ['LongSerialNumberCACert'], crls: ['LongSerialNumberCACRL'], valid: true },
  { number: '4.4.18', name: 'Invalid Long Serial Number Test18', endEntity: 'InvalidLongSerialNumberTest18EE', intermediates: ['LongSerialNumberCACert'], crls: ['LongSerialNumberCACRL'], valid: false },
  { number: '4.4.19', name: 'Valid Separate Certificate and CRL Keys Test19', endEntity: 'ValidSeparateCertificateandCRLKeysTest19EE', intermediates: ['SeparateCertificateandCRLKeysCertificateSigningCACert', 'SeparateCertificateandCRLKeysCRLSigningCert'], crls: ['SeparateCertificateandCRLKeysCRL'], valid: true },
  { number: '4.4.20', name: 'Invalid Separate Certificate and CRL Keys Test20', endEntity: 'InvalidSeparateCertificateandCRLKeysTest20EE', intermediates: ['SeparateCertificateandCRLKeysCertificateSigningCACert', 'SeparateCertificateandCRLKeysCRLSigningCert'], crls: ['SeparateCertificateandCRLKeysCRL'], valid: false },
  { number: '4.4.21', name: 'Invalid Separate Certificate and CRL Keys Test21', endEntity: 'InvalidSeparateCertificateandCRLKeysTest21EE', intermediates: ['SeparateCertificateandCRLKeysCA2CertificateSigningCACert', 'SeparateCertificateandCRLKeysCA2CRLSigningCert'], crls: ['SeparateCertificateandCRLKeysCA2CRL'], valid: false },
  // 4.5 Verifying paths with self-issued certificates
  { number: '4.5.1', name: 'Valid Basic Self-Issued Old With New Test1', endEntity: 'ValidBasicSelfIssuedOldWithNewTest1EE', intermediates: ['BasicSelfIssuedNewKeyCACert', 'BasicSelfIssuedNewKeyOldWithNewCACert'], crls: ['BasicSelfIssuedNewKeyCACRL'], valid: true },
  { number: '4.5.2', name: 'Invalid Basic Self-Issued Old With New Test2', endEntity: 'InvalidBasicSelfIssuedOldWithNewTest2EE', intermediates: ['BasicSelfIssuedNewKeyCACert', 'BasicSelfIssuedNewKeyOldWithNewCACert'], crls: ['BasicSelfIssuedNewKeyCACRL'], valid: false },
  { number: '4.5.3', name: 'Valid Basic Self-Issued New With Old Test3', endEntity: 'ValidBasicSelfIssuedNewWithOldTest3EE', intermediates: ['BasicSelfIssuedOldKeyCACert', 'BasicSelfIssuedOldKeyNewWithOldCACert'], crls: ['BasicSelfIssuedOldKeySelfIssuedCertCRL', 'BasicSelfIssuedOldKeyCACRL'], valid: true },
  { number: '4.5.4', name: 'Valid Basic Self-Issued New With Old Test4', endEntity: 'ValidBasicSelfIssuedNewWithOldTest4EE', intermediates: ['BasicSelfIssuedOldKeyCACert', 'BasicSelfIssuedOldKeyNewWithOldCACert'], crls: ['BasicSelfIssuedOldKeySelfIssuedCertCRL', 'BasicSelfIssuedOldKeyCACRL'], valid: true },
  { number: '4.5.5', name: 'Invalid Basic Self-Issued New With Old Test5', endEntity: 'InvalidBasicSelfIssuedNewWithOldTest5EE', intermediates: ['BasicSelfIssuedOldKeyCACert', 'BasicSelfIssuedOldKeyNewWithOldCACert'], crls: ['BasicSelfIssuedOldKeySelfIssuedCertCRL', 'BasicSelfIssuedOldKeyCACRL'], valid: false },
  { number: '4.5.6', name: 'Valid Basic Self-Issued CRL Signing Key Test6', endEntity: 'ValidBasicSelfIssuedCRLSigningKeyTest6EE', intermediates: ['BasicSelfIssuedCRLSigningKeyCACert', 'BasicSelfIssuedCRLSigningKeyCRLCert'], crls: ['BasicSelfIssuedCRLSigningKeyCRLCertCRL', 'BasicSelfIssuedCRLSigningKeyCACRL'], valid: true },
  { number: '4.5.7', name: 'Invalid Basic Self-Issued CRL Signing Key Test7', endEntity: 'InvalidBasicSelfIssuedCRLSigningKeyTest7EE', intermediates: ['BasicSelfIssuedCRLSigningKeyCACert', 'BasicSelfIssuedCRLSigningKeyCRLCert'], crls: ['BasicSelfIssuedCRLSigningKeyCRLCertCRL', 'BasicSelfIssuedCRLSigningKeyCACRL'], valid: false },
  { number: '4.5.8', name: 'Invalid Basic Self-Issued CRL Signing Key Test8', endEntity: 'InvalidBasicSelfIssuedCRLSigningKeyTest8EE', intermediates: ['BasicSelfIssuedCRLSigningKeyCACert', 'BasicSelfIssuedCRLSigningKeyCRLCert'], crls: ['BasicSelfIssuedCRLSigningKeyCRLCertCRL', 'BasicSelfIssuedCRLSigningKeyCACRL'], valid: false },
  // 4.6 Verifying basic constraints
  { number: '4.6.1', name: 'Invalid Missing basicConstraints Test1', endEntity: 'InvalidMissingbasicConstraintsTest1EE', intermediates: ['MissingbasicConstraintsCACert'], crls: ['MissingbasicConstraintsCACRL'], valid: false },
  { number: '4.6.2', name: 'Invalid cA False Test2', endEntity: 'InvalidcAFalseTest2EE', intermediates: ['basicConstraintsCriticalcAFalseCACert'], crls: ['basicConstraintsCriticalcAFalseCACRL'], valid: false },
  { number: '4.6.3', name: 'Invalid cA False Test3', endEntity: 'InvalidcAFalseTest3EE', intermediates: ['basicConstraintsNotCriticalcAFalseCACert'], crls: ['basicConstraintsNotCriticalcAFalseCACRL'], valid: false },
  { number: '4.6.4', name: 'Valid basicConstraints Not Critical Test4', endEntity: 'ValidbasicConstraintsNotCriticalTest4EE', intermediates: ['basicConstraintsNotCriticalCACert'], crls: ['basicConstraintsNotCriticalCACRL'], valid: true },
  { number: '4.6.5', name: 'Invalid pathLenConstraint Test5', endEntity: 'InvalidpathLenConstraintTest5EE', intermediates: ['pathLenConstraint0CACert', 'pathLenConstraint0subCACert'], crls: ['pathLenConstraint0CACRL', 'pathLenConstraint0subCACRL'], valid: false },
  { number: '4.6.6', name: 'Invalid pathLenConstraint Test6', endEntity: 'InvalidpathLenConstraintTest6EE', intermediates: ['pathLenConstraint0CACert', 'pathLenConstraint0subCACert'], crls: ['pathLenConstraint0CACRL', 'pathLenConstraint0subCACRL'], valid: false },
  { number: '4.6.7', name: 'Valid pathLenConstraint Test7', endEntity: 'ValidpathLenConstraintTest7EE', intermediates: ['pathLenConstraint0CACert'], crls: ['pathLenConstraint0CACRL'], valid: true },
  { number: '4.6.8', name: 'Valid pathLenConstraint Test8', endEntity: 'ValidpathLenConstraintTest8EE', intermediates: ['pathLenConstraint0CACert'], crls: ['pathLenConstraint0CACRL'], valid: true },
  { number: '4.6.9', name: 'Invalid pathLenConstraint Test9', endEntity: 'InvalidpathLenConstraintTest9EE', intermediates: ['pathLenConstraint6CACert', 'pathLenConstraint6subCA0Cert', 'pathLenConstraint6subsubCA00Cert'], crls: ['pathLenConstraint6CACRL', 'pathLenConstraint6subCA0CRL', 'pathLenConstraint6subsubCA00CRL'], valid: false },
  { number: '4.6.10', name: 'Invalid pathLenConstraint Test10', endEntity: 'InvalidpathLenConstraintTest10EE', intermediates: ['pathLenConstraint6CACert', 'pathLenConstraint6subCA0Cert', 'pathLenConstraint6subsubCA00Cert'], crls: ['pathLenConstraint6CACRL', 'pathLenConstraint6subCA0CRL', 'pathLenConstraint6subsubCA00CRL'], valid: false },
  { number: '4.6.11', name: 'Invalid pathLenConstraint Test11', endEntity: 'InvalidpathLenConstraintTest11EE', intermediates: ['pathLenConstraint6CACert', 'pathLenConstraint6subCA1Cert', 'pathLenConstraint6subsubCA11Cert', 'pathLenConstraint6subsubsubCA11XCert'], crls: ['pathLenConstraint6CACRL', 'pathLenConstraint6subCA1CRL', 'pathLenConstraint6subsubCA11CRL', 'pathLenConstraint6subsubsubCA11XCRL'], valid: false },
  { number: '4.6.12', name: 'Invalid pathLenConstraint Test12', endEntity: 'InvalidpathLenConstraintTest12EE', intermediates: ['pathLenConstraint6CACert', 'pathLenConstraint6subCA1Cert', 'pathLenConstraint6subsubCA11Cert', 'pathLenConstraint6subsubsubCA11XCert'], crls: ['pathLenConstraint6CACRL', 'pathLenConstraint6subCA1CRL', 'pathLenConstraint6subsubCA11CRL', 'pathLenConstraint6subsubsubCA11XCRL'], valid: false },
  { number: '4.6.13', name: 'Valid pathLenConstraint Test13', endEntity: 'ValidpathLenConstraintTest13EE', intermediates: ['pathLenConstraint6CACert', 'pathLenConstraint6subCA4Cert', 'pathLenConstraint6subsubCA41Cert', 'pathLenConstraint6subsubsubCA41XCert'], crls: ['pathLenConstraint6CACRL', 'pathLenConstraint6subCA4CRL', 'pathLenConstraint6subsubCA41CRL', 'pathLenConstraint6subsubsubCA41XCRL'], valid: true },
  { number: '4.6.14', name: 'Valid pathLenConstraint Test14', endEntity: 'ValidpathLenConstraintTest14EE', intermediates: ['pathLenConstraint6CACert', 'pathLenConstraint6subCA4Cert', 'pathLenConstraint6subsubCA41Cert', 'pathLenConstraint6subsubsubCA41XCert'], crls: ['pathLenConstraint6CACRL', 'pathLenConstraint6subCA4CRL', 'pathLenConstraint6subsubCA41CRL', 'pathLenConstraint6subsubsubCA41XCRL'], valid: true },
  { number: '4.6.15', name: 'Valid Self-Issued pathLenConstraint Test15', endEntity: 'ValidSelfIssuedpathLenConstraintTest15EE', intermediates: ['pathLenConstraint0CACert', 'pathLenConstraint0SelfIssuedCACert'], crls: ['pathLenConstraint0CACRL'], valid: true },
  { number: '4.6.16', name: 'Invalid Self-Issued pathLenConstraint Test16', endEntity: 'InvalidSelfIssuedpathLenConstraintTest16EE', intermediates: ['pathLenConstraint0CACert', 'pathLenConstraint0SelfIssuedCACert', 'pathLenConstraint0subCA2Cert'], crls: ['pathLenConstraint0CACRL', 'pathLenConstraint0subCA2CRL'], valid: false },
  { number: '4.6.17', name: 'Valid Self-Issued pathLenConstraint Test17', endEntity: 'ValidSelfIssuedpathLenConstraintTest17EE', intermediates: ['pathLenConstraint1CACert', 'pathLenConstraint1SelfIssuedCACert', 'pathLenConstraint1subCACert', 'pathLenConstraint1SelfIssuedsubCACert'], crls: ['pathLenConstraint1CACRL', 'pathLenConstraint1subCACRL'], valid: true },
  // 4.7 Key usage
  { number: '4.7.1', name: 'Invalid keyUsage Critical keyCertSign False Test1', endEntity: 'InvalidkeyUsageCriticalkeyCertSignFalseTest1EE', intermediates: ['keyUsageCriticalkeyCertSignFalseCACert'], crls: ['keyUsageCriticalkeyCertSignFalseCACRL'], valid: false },
  { number: '4.7.2', name: 'Invalid keyUsage Not Critical keyCertSign False Test2', endEntity: 'InvalidkeyUsageNotCriticalkeyCertSignFalseTest2EE', intermediates: ['keyUsageNotCriticalkeyCertSignFalseCACert'], crls: ['keyUsageNotCriticalkeyCertSignFalseCACRL'], valid: false },
  { number: '4.7.3', name: 'Valid keyUsage Not Critical Test3', endEntity: 'ValidkeyUsageNotCriticalTest3EE', intermediates: ['keyUsageNotCriticalCACert'], crls: ['keyUsageNotCriticalCACRL'], valid: true },
  { number: '4.7.4', name: 'Invalid keyUsage Critical cRLSign False Test4', endEntity: 'InvalidkeyUsageCriticalcRLSignFalseTest4EE', intermediates: ['keyUsageCriticalcRLSignFalseCACert'], crls: ['keyUsageCriticalcRLSignFalseCACRL'], valid: false },
  { number: '4.7.5', name: 'Invalid keyUsage Not Critical cRLSign False Test5', endEntity: 'InvalidkeyUsageNotCriticalcRLSignFalseTest5EE', intermediates: ['keyUsageNotCriticalcRLSignFalseCACert'], crls: ['keyUsageNotCriticalcRLSignFalseCACRL'], valid: false },
  // 4.13 Name constraints
  { number: '4.13.1', name: 'Valid DN nameConstraints Test1', endEntity: 'ValidDNnameConstraintsTest1EE', intermediates: ['nameConstraintsDN1CACert'], crls: ['nameConstraintsDN1CACRL'], valid: true },
  { number: '4.13.2', name: 'Invalid DN nameConstraints Test2', endEntity: 'InvalidDNnameConstraintsTest2EE', intermediates: ['nameConstraintsDN1CACert'], crls: ['nameConstraintsDN1CACRL'], valid: false },
  { number: '4.13.3', name: 'Invalid DN nameConstraints Test3', endEntity: 'InvalidDNnameConstraintsTest3EE', intermediates: ['nameConstraintsDN1CACert'], crls: ['nameConstraintsDN1CACRL'], valid: false },
  { number: '4.13.4', name: 'Valid DN nameConstraints Test4', endEntity: 'ValidDNnameConstraintsTest4EE', intermediates: ['nameConstraintsDN1CACert'], crls: ['nameConstraintsDN1CACRL'], valid: true },
  { number: '4.13.5', name: 'Valid DN nameConstraints Test5', endEntity: 'ValidDNnameConstraintsTest5EE', intermediates: ['nameConstraintsDN2CACert'], crls: ['nameConstraintsDN2CACRL'], valid: true },
  { number: '4.13.6', name: 'Valid DN nameConstraints Test6', endEntity: 'ValidDNnameConstraintsTest6EE', intermediates: ['nameConstraintsDN3CACert'], crls: ['nameConstraintsDN3CACRL'], valid: true },
  { number: '4.13.7', name: 'Invalid DN nameConstraints Test7', endEntity: 'InvalidDNnameConstraintsTest7EE', intermediates: ['nameConstraintsDN3CACert'], crls: ['nameConstraintsDN3CACRL'], valid: false },
  { number: '4.13.8', name: 'Invalid DN nameConstraints Test8', endEntity: 'InvalidDNnameConstraintsTest8EE', intermediates: ['nameConstraintsDN4CACert'], crls: ['nameConstraintsDN4CACRL'], valid: false },
  { number: '4.13.9', name: 'Invalid DN nameConstraints Test9', endEntity: 'InvalidDNnameConstraintsTest9EE', intermediates: ['nameConstraintsDN4CACert'], crls: ['nameConstraintsDN4CACRL'], valid: false },
  { number: '4.13.10', name: 'Invalid DN nameConstraints Test10', endEntity: 'InvalidDNnameConstraintsTest10EE', intermediates: ['nameConstraintsDN5CACert'], crls: ['nameConstraintsDN5CACRL'], valid: false },
  { number: '4.13.11', name: 'Valid DN nameConstraints Test11', endEntity: 'ValidDNnameConstraintsTest11EE', intermediates: ['nameConstraintsDN5CACert'], crls: ['nameConstraintsDN5CACRL'], valid: true },
  { number: '4.13.12', name: 'Invalid DN nameConstraints Test12', endEntity: 'InvalidDNnameConstraintsTest12EE', intermediates: ['nameConstraintsDN1CACert', 'nameConstraintsDN1subCA1Cert'], crls: ['nameConstraintsDN1CACRL', 'nameConstraintsDN1subCA1CRL'], valid: false },
  { number: '4.13.13', name: 'Invalid DN nameConstraints Test13', endEntity: 'InvalidDNnameConstraintsTest13EE', intermediates: ['nameConstraintsDN1CACert', 'nameConstraintsDN1subCA2Cert'], crls: ['nameConstraintsDN1CACRL', 'nameConstraintsDN1subCA2CRL'], valid: false },
  { number: '4.13.14', name: 'Valid DN nameConstraints Test14', endEntity: 'ValidDNnameConstraintsTest14EE', intermediates: ['nameConstraintsDN1CACert', 'nameConstraintsDN1subCA2Cert'], crls: ['nameConstraintsDN1CACRL', 'nameConstraintsDN1subCA2CRL'], valid: true },
  { number: '4.13.15', name: 'Invalid DN nameConstraints Test15', endEntity: 'InvalidDNnameConstraintsTest15EE', intermediates: ['nameConstraintsDN3CACert', 'nameConstraintsDN3subCA1Cert'], crls: ['nameConstraintsDN3CACRL', 'nameConstraintsDN3subCA1CRL'], valid: false },
  { number: '4.13.16', name: 'Invalid DN nameConstraints Test16', endEntity: 'InvalidDNnameConstraintsTest16EE', intermediates: ['nameConstraintsDN3CACert', 'nameConstraintsDN3subCA1Cert'], crls: ['nameConstraintsDN3CACRL', 'nameConstraintsDN3subCA1CRL'], valid: false },
  { number: '4.13.17', name: 'Invalid DN nameConstraints Test17', endEntity: 'InvalidDNnameConstraintsTest17EE', intermediates: ['nameConstraintsDN3CACert', 'nameConstraintsDN3subCA2Cert'], crls: ['nameConstraintsDN3CACRL', 'nameConstraintsDN3subCA2CRL'], valid: false },
  { number: '4.13.18', name: 'Valid DN nameConstraints Test18', endEntity: 'ValidDNnameConstraintsTest18EE', intermediates: ['nameConstraintsDN3CACert', 'nameConstraintsDN3subCA2Cert'], crls: ['nameConstraintsDN3CACRL', 'nameConstraintsDN3subCA2CRL'], valid: true },
  { number: '4.13.19', name: 'Valid Self-Issued DN nameConstraints Test19', endEntity: 'ValidDNnameConstraintsTest19EE', intermediates: ['nameConstraintsDN1CACert', 'nameConstraintsDN1SelfIssuedCACert'], crls: ['nameConstraintsDN1CACRL'], valid: true },
  { number: '4.13.20', name: 'Invalid Self-Issued DN nameConstraints Test20', endEntity: 'InvalidDNnameConstraintsTest20EE', intermediates: ['nameConstraintsDN1CACert'], crls: ['nameConstraintsDN1CACRL'], valid: false },
  { number: '4.13.21', name: 'Valid RFC822 nameConstraints Test21', endEntity: 'ValidRFC822nameConstraintsTest21EE', intermediates: ['nameConstraintsRFC822CA1Cert'], crls: ['nameConstraintsRFC822CA1CRL'], valid: true },
  { number: '4.13.22', name: 'Invalid RFC822 nameConstraints Test22', endEntity: 'InvalidRFC822nameConstraintsTest22EE', intermediates: ['nameConstraintsRFC822CA1Cert'], crls: ['nameConstraintsRFC822CA1CRL'], valid: false },
  { number: '4.13.23', name: 'Valid RFC822 nameConstraints Test23', endEntity: 'ValidRFC822nameConstraintsTest23EE', intermediates: ['nameConstraintsRFC822CA2Cert'], crls: ['nameConstraintsRFC822CA2CRL'], valid: true },
  { number: '4.13.24', name: 'Invalid RFC822 nameConstraints Test24', endEntity: 'InvalidRFC822nameConstraintsTest24EE', intermediates: ['nameConstraintsRFC822CA2Cert'], crls: ['nameConstraintsRFC822CA2CRL'], valid: false },
  { number: '4.13.25', name: 'Valid RFC822 nameConstraints Test25', endEntity: 'ValidRFC822nameConstraintsTest25EE', intermediates: ['nameConstraintsRFC822CA3Cert'], crls: ['nameConstraintsRFC822CA3CRL'], valid: true },
  { number: '4.13.26', name: 'Invalid RFC822 nameConstraints Test26', endEntity: 'InvalidRFC822nameConstraintsTest26EE', intermediates: ['nameConstraintsRFC822CA3Cert'], crls: ['nameConstraintsRFC822CA3CRL'], valid: false },
  { number: '4.13.27', name: 'Valid DN and RFC822 nameConstraints Test27', endEntity: 'ValidDNandRFC822nameConstraintsTest27EE', intermediates: ['nameConstraintsDN1CACert', 'nameConstraintsDN1subCA3Cert'], crls: ['nameConstraintsDN1CACRL', 'nameConstraintsDN1subCA3CRL'], valid: true },
  { number: '4.13.28', name: 'Invalid DN and RFC822 nameConstraints Test28', endEntity: 'InvalidDNandRFC822nameConstraintsTest28EE', intermediates: ['nameConstraintsDN1CACert', 'nameConstraintsDN1subCA3Cert'], crls: ['nameConstraintsDN1CACRL', 'nameConstraintsDN1subCA3CRL'], valid: false },
  { number: '4.13.29', name: 'Invalid DN and RFC822 nameConstraints Test29', endEntity: 'InvalidDNandRFC822nameConstraintsTest29EE', intermediates: ['nameConstraintsDN1CACert', 'nameConstraintsDN1subCA3Cert'], crls: ['nameConstraintsDN1CACRL', 'nameConstraintsDN1subCA3CRL'], valid: false },
  { number: '4.13.30', name: 'Valid DNS nameConstraints Test30', endEntity: 'ValidDNSnameConstraintsTest30EE', intermediates: ['nameConstraintsDNS1CACert'], crls: ['nameConstraintsDNS1CACRL'], valid: true },
  { number: '4.13.31', name: 'Invalid DNS nameConstraints Test31', endEntity: 'InvalidDNSnameConstraintsTest31EE', intermediates: ['nameConstraintsDNS1CACert'], crls: ['nameConstraintsDNS1CACRL'], valid: false },
  { number: '4.13.32', name: 'Valid DNS nameConstraints Test32', endEntity: 'ValidDNSnameConstraintsTest32EE', intermediates: ['nameConstraintsDNS2CACert'], crls: ['nameConstraintsDNS2CACRL'], valid: true },
  { number: '4.13.33', name: 'Invalid DNS nameConstraints Test33', endEntity: 'InvalidDNSnameConstraintsTest33EE', intermediates: ['nameConstraintsDNS2CACert'], crls: ['nameConstraintsDNS2CACRL'], valid: false },
  { number: '4.13.34', name: 'Valid URI nameConstraints Test34', endEntity: 'ValidURInameConstraintsTest34EE', intermediates: ['nameConstraintsURI1CACert'], crls: ['nameConstraintsURI1CACRL'], valid: true },
  { number: '4.13.35', name: 'Invalid URI nameConstraints Test35', endEntity: 'InvalidURInameConstraintsTest35EE', intermediates: ['nameConstraintsURI1CACert'], crls: ['nameConstraintsURI1CACRL'], valid: false },
  { number: '4.13.36', name: 'Valid URI nameConstraints Test36', endEntity: 'ValidURInameConstraintsTest36EE', intermediates: ['nameConstraintsURI2CACert'], crls: ['nameConstraintsURI2CACRL'], valid: true },
  { number: '4.13.37', name: 'Invalid URI nameConstraints Test37', endEntity: 'InvalidURInameConstraintsTest37EE', intermediates: ['nameConstraintsURI2CACert'], crls: ['nameConstraintsURI2CACRL'], valid: false },
  { number: '4.13.38', name: 'Invalid DNS nameConstraints Test38', endEntity: 'InvalidDNSnameConstraintsTest38EE', intermediates: ['nameConstraintsDNS1CACert'], crls: ['nameConstraintsDNS1CACRL'], valid: false },
  // 4.14 Distribution points
  { number: '4.14.1', name: 'Valid distributionPoint Test1', endEntity: 'ValiddistributionPointTest1EE', intermediates: ['distributionPoint1CACert'], crls: ['distributionPoint1CACRL'], valid: true },
  { number: '4.14.2', name: 'Invalid distributionPoint Test2', endEntity: 'InvaliddistributionPointTest2EE', intermediates: ['distributionPoint1CACert'], crls: ['distributionPoint1CACRL'], valid: false },
  { number: '4.14.3', name: 'Invalid distributionPoint Test3', endEntity: 'InvaliddistributionPointTest3EE', intermediates: ['distributionPoint1CACert'], crls: ['distributionPoint1CACRL'], valid: false },
  { number: '4.14.4', name: 'Valid distributionPoint Test4', endEntity: 'ValiddistributionPointTest4EE', intermediates: ['distributionPoint1CACert'], crls: ['distributionPoint1CACRL'], valid: true },
  { number: '4.14.5', name: 'Valid distributionPoint Test5', endEntity: 'ValiddistributionPointTest5EE', intermediates: ['distributionPoint2CACert'], crls: ['distributionPoint2CACRL'], valid: true },
  { number: '4.14.6', name: 'Invalid distributionPoint Test6', endEntity: 'InvaliddistributionPointTest6EE', intermediates: ['distributionPoint2CACert'], crls: ['distributionPoint2CACRL'], valid: false },
  { number: '4.14.7', name: 'Valid distributionPoint Test7', endEntity: 'ValiddistributionPointTest7EE', intermediates: ['distributionPoint2CACert'], crls: ['distributionPoint2CACRL'], valid: true },
  { number: '4.14.8', name: 'Invalid distributionPoint Test8', endEntity: 'InvaliddistributionPointTest8EE', intermediates: ['distributionPoint2CACert'], crls: ['distributionPoint2CACRL'], valid: false },
  { number: '4.14.9', name: 'Invalid distributionPoint Test9', endEntity: 'InvaliddistributionPointTest9EE', intermediates: ['distributionPoint2CACert'], crls: ['distributionPoint2CACRL'], valid: false },
  { number: '4.14.10', name: 'Valid No issuingDistributionPoint Test10', endEntity: 'ValidNoissuingDistributionPointTest10EE', intermediates: ['NoissuingDistributionPointCACert'], crls: ['NoissuingDistributionPointCACRL'], valid: true },
  { number: '4.14.11', name: 'Invalid onlyContainsUserCerts CRL Test11', endEntity: 'InvalidonlyContainsUserCertsTest11EE', intermediates: ['onlyContainsUserCertsCACert'], crls: ['onlyContainsUserCertsCACRL'], valid: false },
  { number: '4.14.12', name: 'Invalid onlyContainsCACerts CRL Test12', endEntity: 'InvalidonlyContainsCACertsTest12EE', intermediates: ['onlyContainsCACertsCACert'], crls: ['onlyContainsCACertsCACRL'], valid: false },
  { number: '4.14.13', name: 'Valid onlyContainsCACerts CRL Test13', endEntity: 'ValidonlyContainsCACertsTest13EE', intermediates: ['onlyContainsCACertsCACert'], crls: ['onlyContainsCACertsCACRL'], valid: true },
  { number: '4.14.14', name: 'Invalid onlyContainsAttributeCerts Test14', endEntity: 'InvalidonlyContainsAttributeCertsTest14EE', intermediates: ['onlyContainsAttributeCertsCACert'], crls: ['onlyContainsAttributeCertsCACRL'], valid: false },
  { number: '4.14.15', name: 'Invalid onlySomeReasons Test15', endEntity: 'InvalidonlySomeReasonsTest15EE', intermediates: ['onlySomeReasonsCA1Cert'], crls: ['onlySomeReasonsCA1compromiseCRL', 'onlySomeReasonsCA1otherreasonsCRL'], valid: false },
  { number: '4.14.16', name: 'Invalid onlySomeReasons Test16', endEntity: 'InvalidonlySomeReasonsTest16EE', intermediates: ['onlySomeReasonsCA1Cert'], crls: ['onlySomeReasonsCA1compromiseCRL', 'onlySomeReasonsCA1otherreasonsCRL'], valid: false },
  { number: '4.14.17', name: 'Invalid onlySomeReasons Test17', endEntity: 'InvalidonlySomeReasonsTest17EE', intermediates: ['onlySomeReasonsCA2Cert'], crls: ['onlySomeReasonsCA2CRL1', 'onlySomeReasonsCA2CRL2'], valid: false },
  { number: '4.14.18', name: 'Valid onlySomeReasons Test18', endEntity: 'ValidonlySomeReasonsTest18EE', intermediates: ['onlySomeReasonsCA3Cert'], crls: ['onlySomeReasonsCA3compromiseCRL', 'onlySomeReasonsCA3otherreasonsCRL'], valid: true },
  { number: '4.14.19', name: 'Valid onlySomeReasons Test19', endEntity: 'ValidonlySomeReasonsTest19EE', intermediates: ['onlySomeReasonsCA4Cert'], crls: ['onlySomeReasonsCA4compromiseCRL', 'onlySomeReasonsCA4otherreasonsCRL'], valid: true },
  { number: '4.14.20', name: 'Invalid onlySomeReasons Test20', endEntity: 'InvalidonlySomeReasonsTest20EE', intermediates: ['onlySomeReasonsCA4Cert'], crls: ['onlySomeReasonsCA4compromiseCRL', 'onlySomeReasonsCA4otherreasonsCRL'], valid: false },
  { number: '4.14.21', name: 'Invalid onlySomeReasons Test21', endEntity: 'InvalidonlySomeReasonsTest21EE', intermediates: ['onlySomeReasonsCA4Cert'], crls: ['onlySomeReasonsCA4compromiseCRL', 'onlySomeReasonsCA4otherreasonsCRL'], valid: false },
  { number: '4.14.22', name: 'Valid IDP with indirectCRL Test22', endEntity: 'ValidIDPwithindirectCRLTest22EE', intermediates: ['indirectCRLCA1Cert'], crls: ['indirectCRLCA1CRL'], valid: true, leftOut: 'indirect CRL' },
  { number: '4.14.23', name: 'Invalid IDP with indirectCRL Test23', endEntity: 'InvalidIDPwithindirectCRLTest23EE', intermediates: ['indirectCRLCA1Cert'], crls: ['indirectCRLCA1CRL'], valid: false, leftOut: 'indirect CRL' },
  { number: '4.14.24', name: 'Valid IDP with indirectCRL Test24', endEntity: 'ValidIDPwithindirectCRLTest24EE', intermediates: ['indirectCRLCA2Cert', 'indirectCRLCA1Cert'], crls: ['indirectCRLCA1CRL'], valid: true, leftOut: 'indirect CRL' },
  { number: '4.14.25', name: 'Valid IDP with indirectCRL Test25', endEntity: 'ValidIDPwithindirectCRLTest25EE', intermediates: ['indirectCRLCA2Cert', 'indirectCRLCA1Cert'], crls: ['indirectCRLCA1CRL'], valid: true, leftOut: 'indirect CRL' },
  { number: '4.14.26', name: 'Invalid IDP with indirectCRL Test26', endEntity: 'InvalidIDPwithindirectCRLTest26EE', intermediates: ['indirectCRLCA2Cert', 'indirectCRLCA1Cert'], crls: ['indirectCRLCA1CRL'], valid: false, leftOut: 'indirect CRL' },
  { number: '4.14.27', name: 'Invalid cRLIssuer Test27', endEntity: 'InvalidcRLIssuerTest27EE', intermediates: ['indirectCRLCA2Cert', 'GoodCACert'], crls: ['GoodCACRL'], valid: false, leftOut: 'indirect CRL' },
  { number: '4.14.28', name: 'Valid cRLIssuer Test28', endEntity: 'ValidcRLIssuerTest28EE', intermediates: ['indirectCRLCA3Cert', 'indirectCRLCA3cRLIssuerCert'], crls: ['indirectCRLCA3CRL', 'indirectCRLCA3cRLIssuerCRL'], valid: true, leftOut: 'indirect CRL' },
  { number: '4.14.29', name: 'Valid cRLIssuer Test29', endEntity: 'ValidcRLIssuerTest29EE', intermediates: ['indirectCRLCA3Cert', 'indirectCRLCA3cRLIssuerCert'], crls: ['indirectCRLCA3CRL', 'indirectCRLCA3cRLIssuerCRL'], valid: true, leftOut: 'indirect CRL' },
  { number: '4.14.30', name: 'Valid cRLIssuer Test30', endEntity: 'ValidcRLIssuerTest30EE', intermediates: ['indirectCRLCA4Cert', 'indirectCRLCA4cRLIssuerCert'], crls: ['indirectCRLCA4cRLIssuerCRL'], valid: true, leftOut: 'indirect CRL' },
  { number: '4.14.31', name: 'Invalid cRLIssuer Test31', endEntity: 'InvalidcRLIssuerTest31EE', intermediates: ['indirectCRLCA5Cert', 'indirectCRLCA6Cert'], crls: ['indirectCRLCA5CRL'], valid: false, leftOut: 'indirect CRL' },
  { number: '4.14.32', name: 'Invalid cRLIssuer Test32', endEntity: 'InvalidcRLIssuerTest32EE', intermediates: ['indirectCRLCA5Cert', 'indirectCRLCA6Cert'], crls: ['indirectCRLCA5CRL'], valid: false, leftOut: 'indirect CRL' },
  { number: '4.14.33', name: 'Valid cRLIssuer Test33', endEntity: 'ValidcRLIssuerTest33EE', intermediates: ['indirectCRLCA5Cert', 'indirectCRLCA6Cert'], crls: ['indirectCRLCA5CRL'], valid: true, leftOut: 'indirect CRL' },
  { number: '4.14.34', name: 'Invalid cRLIssuer Test34', endEntity: 'InvalidcRLIssuerTest34EE', intermediates: ['indirectCRLCA5Cert'], crls: ['indirectCRLCA5CRL'], valid: false, leftOut: 'indirect CRL' },
  { number: '4.14.35', name: 'Invalid cRLIssuer Test35', endEntity: 'InvalidcRLIssuerTest35EE', intermediates: ['indirectCRLCA5Cert'], crls: ['indirectCRLCA5CRL'], valid: false, leftOut: 'indirect CRL' },
  // 4.16 Private certificate extensions
  { number: '4.16.1', name: 'Valid Unknown Not Critical Certificate Extension Test1', endEntity: 'ValidUnknownNotCriticalCertificateExtensionTest1EE', intermediates: [], crls: [], valid: true },
  { number: '4.16.2', name: 'Invalid Unknown Critical Certificate Extension Test2', endEntity: 'InvalidUnknownCriticalCertificateExtensionTest2EE', intermediates: [], crls: [], valid: false },
];
