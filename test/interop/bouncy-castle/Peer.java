import java.io.FileReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.IssuerSerial;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSAuthEnvelopedData;
import org.bouncycastle.cms.CMSAuthEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.RecipientInformation;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKeyAgreeEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientId;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyTransAuthEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientId;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OutputAEADEncryptor;
import org.bouncycastle.operator.jcajce.JcaAlgorithmParametersConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.util.Selector;
import org.bouncycastle.util.Store;

/**
 * Bouncy Castle at the other end of the CMS formats: an implementation that shares no code with
 * this project or with OpenSSL. Run from source, with bcprov, bcpkix and bcutil on the class path:
 *
 *   java -cp ... Peer.java sign   CERT KEY IN OUT [CERT...]   SignedData with its content
 *   java -cp ... Peer.java verify ROOT IN OUT                 signature and path; writes the content
 *   java -cp ... Peer.java seal   CERT IN OUT                 AuthEnvelopedData, AES-256-GCM
 *   java -cp ... Peer.java open   CERT KEY IN OUT             decrypts it
 *   java -cp ... Peer.java batch  FILE                        one of these a line, its words between tabs
 *
 * Certificates are PEM or DER, keys unencrypted PKCS#8 PEM. Exit status 0, or 1 with the reason in
 * one line on standard error; OUT is written only on success. A batch, which spares starts of Java,
 * ends with 0 and writes a line for each of its own: ok, or the reason.
 */
public final class Peer {
  private static final String BC = "BC";

  public static void main(String[] args) {
    Security.addProvider(new BouncyCastleProvider());
    try {
      if (args.length == 2 && args[0].equals("batch")) batch(args[1]);
      else run(args);
    } catch (Exception e) {
      System.err.println(reason(e));
      System.exit(1);
    }
  }

  private static void batch(String file) throws Exception {
    for (String line : Files.readAllLines(Path.of(file))) {
      String outcome = "ok";
      try {
        run(line.split("\t"));
      } catch (Exception e) {
        outcome = reason(e);
      }
      System.out.println(outcome);
    }
  }

  private static void run(String[] args) throws Exception {
    switch (args.length == 0 ? "" : args[0]) {
      case "sign" -> sign(args[1], args[2], args[3], args[4], Arrays.copyOfRange(args, 5, args.length));
      case "verify" -> verify(args[1], args[2], args[3]);
      case "seal" -> seal(args[1], args[2], args[3]);
      case "open" -> open(args[1], args[2], args[3], args[4]);
      default -> throw new IllegalArgumentException("expected sign, verify, seal, open or batch");
    }
  }

  private static String reason(Exception e) {
    if (e instanceof ArrayIndexOutOfBoundsException) return "an argument is missing";
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("failed");
  }

  /**
   * ECDSA or RSA PKCS#1 v1.5 with SHA-256; signed attributes contentType, messageDigest, signingTime,
   * signingCertificateV2, and Bouncy Castle's own cmsAlgorithmProtection (RFC 6211), which it always adds.
   */
  private static void sign(String cert, String key, String in, String out, String[] extra) throws Exception {
    X509Certificate signer = certificate(cert);
    List<X509Certificate> certificates = new ArrayList<>(List.of(signer));
    for (String file : extra) certificates.add(certificate(file));

    String algorithm = signer.getPublicKey() instanceof ECPublicKey ? "SHA256withECDSA" : "SHA256withRSA";
    var generator = new CMSSignedDataGenerator();
    generator.addSignerInfoGenerator(
        new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().setProvider(BC).build())
            .setSignedAttributeGenerator(new DefaultSignedAttributeTableGenerator(signingCertificateV2(signer)))
            .build(new JcaContentSignerBuilder(algorithm).setProvider(BC).build(privateKey(key)), signer));
    generator.addCertificates(new JcaCertStore(certificates));
    writeDer(out, generator.generate(new CMSProcessableByteArray(read(in)), true).toASN1Structure());
  }

  /** Revocation is not looked at: a bundle need not carry a CRL of every CA. */
  private static void verify(String root, String in, String out) throws Exception {
    var data = new CMSSignedData(read(in));
    if (data.getSignedContent() == null) throw new Exception("the content is not attached");
    Collection<SignerInformation> signers = data.getSignerInfos().getSigners();
    if (signers.isEmpty()) throw new Exception("nobody signed");

    List<X509Certificate> certificates = new ArrayList<>();
    for (X509CertificateHolder holder : matches(data.getCertificates(), null)) certificates.add(convert(holder));
    for (SignerInformation signer : signers) {
      var found = matches(data.getCertificates(), signer.getSID());
      if (found.isEmpty()) throw new Exception("the signer's certificate is not in the message");
      X509Certificate certificate = convert(found.iterator().next());
      if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider(BC).build(certificate)))
        throw new Exception("the signature does not match");
      checkSigningCertificate(signer, certificate);

      var target = new X509CertSelector();
      target.setCertificate(certificate);
      var parameters = new PKIXBuilderParameters(Set.of(new TrustAnchor(certificate(root), null)), target);
      parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(certificates), BC));
      parameters.setRevocationEnabled(false);
      CertPathBuilder.getInstance("PKIX", BC).build(parameters);
    }
    Files.write(Path.of(out), (byte[]) data.getSignedContent().getContent());
  }

  /** To the one recipient, by ephemeral-static ECDH or by RSA-OAEP; both with SHA-256 throughout. */
  private static void seal(String cert, String in, String out) throws Exception {
    X509Certificate recipient = certificate(cert);
    var generator = new CMSAuthEnvelopedDataGenerator();
    if (recipient.getPublicKey() instanceof ECPublicKey key) {
      KeyPairGenerator ephemeral = KeyPairGenerator.getInstance("EC", BC);
      ephemeral.initialize(key.getParams());
      KeyPair pair = ephemeral.generateKeyPair();
      generator.addRecipientInfoGenerator(
          new JceKeyAgreeRecipientInfoGenerator(
                  CMSAlgorithm.ECDH_SHA256KDF, pair.getPrivate(), pair.getPublic(), CMSAlgorithm.AES256_WRAP)
              .addRecipient(recipient)
              .setProvider(BC));
    } else {
      var oaep = new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
      var algorithm =
          new JcaAlgorithmParametersConverter().getAlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP, oaep);
      generator.addRecipientInfoGenerator(
          new JceKeyTransRecipientInfoGenerator(recipient, algorithm).setProvider(BC));
    }
    var encryptor =
        (OutputAEADEncryptor) new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_GCM).setProvider(BC).build();
    writeDer(out, generator.generate(new CMSProcessableByteArray(read(in)), encryptor).toASN1Structure());
  }

  /**
   * The tag is checked before anything is written: getContent reads to the end and throws. Bouncy Castle has
   * no key agreement recipient of its own for AuthEnvelopedData; without authAttrs the EnvelopedData one serves.
   */
  private static void open(String cert, String key, String in, String out) throws Exception {
    X509Certificate own = certificate(cert);
    boolean agreement = own.getPublicKey() instanceof ECPublicKey;
    RecipientInformation recipient =
        new CMSAuthEnvelopedData(read(in))
            .getRecipientInfos()
            .get(agreement ? new JceKeyAgreeRecipientId(own) : new JceKeyTransRecipientId(own));
    if (recipient == null) throw new Exception("not for this recipient");
    byte[] content =
        recipient.getContent(
            agreement
                ? new JceKeyAgreeEnvelopedRecipient(privateKey(key)).setProvider(BC)
                : new JceKeyTransAuthEnvelopedRecipient(privateKey(key)).setProvider(BC));
    Files.write(Path.of(out), content);
  }

  /** RFC 5035: the SHA-256 of the certificate, the hash algorithm left to its default, with issuer and serial. */
  private static AttributeTable signingCertificateV2(X509Certificate certificate) throws Exception {
    var holder = new JcaX509CertificateHolder(certificate);
    var id =
        new ESSCertIDv2(
            MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()),
            new IssuerSerial(holder.getIssuer(), holder.getSerialNumber()));
    var attribute =
        new Attribute(
            PKCSObjectIdentifiers.id_aa_signingCertificateV2,
            new DERSet(new SigningCertificateV2(new ESSCertIDv2[] {id})));
    return new AttributeTable(attribute);
  }

  /** Bouncy Castle leaves this to the caller. */
  private static void checkSigningCertificate(SignerInformation signer, X509Certificate certificate) throws Exception {
    AttributeTable signed = signer.getSignedAttributes();
    Attribute attribute = signed == null ? null : signed.get(PKCSObjectIdentifiers.id_aa_signingCertificateV2);
    if (attribute == null) throw new Exception("no signingCertificateV2");
    ESSCertIDv2 id = SigningCertificateV2.getInstance(attribute.getAttributeValues()[0]).getCerts()[0];
    MessageDigest hash = MessageDigest.getInstance(id.getHashAlgorithm().getAlgorithm().getId(), BC);
    if (!MessageDigest.isEqual(hash.digest(certificate.getEncoded()), id.getCertHash()))
      throw new Exception("signingCertificateV2 names another certificate");
  }

  /** Bouncy Castle generates BER: its indefinite lengths and cut octet strings become DER only here. */
  private static void writeDer(String file, ContentInfo message) throws Exception {
    Files.write(Path.of(file), message.getEncoded(ASN1Encoding.DER));
  }

  private static byte[] read(String file) throws Exception {
    return Files.readAllBytes(Path.of(file));
  }

  private static X509Certificate certificate(String file) throws Exception {
    try (var in = Files.newInputStream(Path.of(file))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509", BC).generateCertificate(in);
    }
  }

  private static PrivateKey privateKey(String file) throws Exception {
    try (var parser = new PEMParser(new FileReader(file))) {
      return new JcaPEMKeyConverter().setProvider(BC).getPrivateKey((PrivateKeyInfo) parser.readObject());
    }
  }

  private static X509Certificate convert(X509CertificateHolder holder) throws Exception {
    return new JcaX509CertificateConverter().setProvider(BC).getCertificate(holder);
  }

  /** The library's stores and selectors are of raw types. */
  @SuppressWarnings("unchecked")
  private static Collection<X509CertificateHolder> matches(Store<X509CertificateHolder> store, Selector<?> selector) {
    return store.getMatches((Selector<X509CertificateHolder>) selector);
  }
}
