import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.FileReader;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.cmp.CMPCertificate;
import org.bouncycastle.asn1.cmp.CMPObjectIdentifiers;
import org.bouncycastle.asn1.cmp.CertConfirmContent;
import org.bouncycastle.asn1.cmp.CertOrEncCert;
import org.bouncycastle.asn1.cmp.CertRepMessage;
import org.bouncycastle.asn1.cmp.CertResponse;
import org.bouncycastle.asn1.cmp.CertifiedKeyPair;
import org.bouncycastle.asn1.cmp.ErrorMsgContent;
import org.bouncycastle.asn1.cmp.InfoTypeAndValue;
import org.bouncycastle.asn1.cmp.PBMParameter;
import org.bouncycastle.asn1.cmp.PKIBody;
import org.bouncycastle.asn1.cmp.PKIConfirmContent;
import org.bouncycastle.asn1.cmp.PKIFailureInfo;
import org.bouncycastle.asn1.cmp.PKIFreeText;
import org.bouncycastle.asn1.cmp.PKIHeader;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.cmp.PKIStatusInfo;
import org.bouncycastle.asn1.cmp.PollRepContent;
import org.bouncycastle.asn1.cmp.PollReqContent;
import org.bouncycastle.asn1.cmp.RevDetails;
import org.bouncycastle.asn1.cmp.RevRepContent;
import org.bouncycastle.asn1.cmp.RevRepContentBuilder;
import org.bouncycastle.asn1.cmp.RevReqContent;
import org.bouncycastle.asn1.crmf.CertId;
import org.bouncycastle.asn1.crmf.CertReqMessages;
import org.bouncycastle.asn1.crmf.CertReqMsg;
import org.bouncycastle.asn1.crmf.CertTemplate;
import org.bouncycastle.asn1.crmf.CertTemplateBuilder;
import org.bouncycastle.asn1.crmf.CRMFObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.cmp.CertificateConfirmationContent;
import org.bouncycastle.cert.cmp.CertificateConfirmationContentBuilder;
import org.bouncycastle.cert.cmp.GeneralPKIMessage;
import org.bouncycastle.cert.cmp.ProtectedPKIMessage;
import org.bouncycastle.cert.cmp.ProtectedPKIMessageBuilder;
import org.bouncycastle.cert.crmf.CertificateRequestMessage;
import org.bouncycastle.cert.crmf.Control;
import org.bouncycastle.cert.crmf.PKMACBuilder;
import org.bouncycastle.cert.crmf.jcajce.JcaCertificateRequestMessageBuilder;
import org.bouncycastle.cert.crmf.jcajce.JcePKMACValuesCalculator;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.PBEMacCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcePBMac1CalculatorBuilder;
import org.bouncycastle.pkcs.jcajce.JcePBMac1CalculatorProviderBuilder;

/**
 * Bouncy Castle at the other end of CMP: a client, and a small RA/CA. Run from source, with bcprov, bcpkix and bcutil on
 * the class path. Reads one command a line from standard input, its words between tabs, and answers each with one line:
 * "ok" and a value, or the reason why not.
 *
 *   enrol   URL RECIPIENT PROTECTION ROOT ir|kur SUBJECT KEY implicit|explicit OUT   writes the certificate
 *   revoke  URL RECIPIENT PROTECTION ROOT CERT REASON
 *   respond PROTECTION CA-CERT CA-KEY ROOT issue|wait|reject|error                   an RA/CA; the value is its port
 *
 * RECIPIENT is a certificate of that name. PROTECTION is one word: KIND,REFERENCE,SECRET with the kind pbm, pbmac1
 * or default (PBM as Bouncy Castle has it by default: SHA-1), or sign,ALGORITHM,KEY,CERT... with the chain after the
 * signer's certificate. Certificates are PEM or DER, keys unencrypted PKCS#8 PEM; after the KEY of enrol its public key
 * follows.
 *
 * What Bouncy Castle 1.72 encodes here is DER, as it stands. Its HMACs have NULL parameters, and its PBMAC1 names PBES2
 * where PBKDF2 belongs: Siteseal reads both.
 */
public final class CmpPeer {
  private static final String BC = "BC";
  private static final SecureRandom random = new SecureRandom();

  public static void main(String[] args) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(outcome(line.split("\t")));
    }
    System.exit(0);
  }

  private static String outcome(String[] words) {
    try {
      return ("ok " + run(words)).trim();
    } catch (Exception e) {
      return (e.getClass().getSimpleName() + ": " + e.getMessage()).lines().findFirst().orElse("failed");
    }
  }

  private static String run(String[] w) throws Exception {
    switch (w[0]) {
      case "enrol" -> enrol(new Client(w[1], w[2], w[3], w[4]), w[5], w[6], w[7], w[8].equals("implicit"), w[9]);
      case "revoke" -> revoke(new Client(w[1], w[2], w[3], w[4]), certificate(w[5]), Integer.parseInt(w[6]));
      case "respond" -> {
        return String.valueOf(new Responder(w[1], certificate(w[2]), privateKey(w[3]), w[4], w[5]).port());
      }
      default -> throw new IllegalArgumentException("expected enrol, revoke or respond");
    }
    return "";
  }

  // The client.

  /** ir or kur, and certConf. For a kur the signer's certificate is the old one. */
  private static void enrol(Client client, String type, String subject, String key, boolean implicit, String out)
      throws Exception {
    PrivateKey own = privateKey(key);
    PublicKey publicKey = publicKey(key);
    var builder = new JcaCertificateRequestMessageBuilder(BigInteger.ZERO);
    builder.setPublicKey(publicKey).setSubject(new X500Name(subject));
    builder.setProofOfPossessionSigningKeySigner(
        new JcaContentSignerBuilder(algorithmFor(publicKey)).setProvider(BC).build(own));
    if (type.equals("kur")) builder.addControl(oldCertId(client.protection.certificates.get(0)));
    var request = new CertReqMessages(builder.build().toASN1Structure());
    boolean update = type.equals("kur");
    ProtectedPKIMessage answer =
        client.send(update ? PKIBody.TYPE_KEY_UPDATE_REQ : PKIBody.TYPE_INIT_REQ, request, implicit);
    expect(answer, update ? PKIBody.TYPE_KEY_UPDATE_REP : PKIBody.TYPE_INIT_REP);
    CertResponse response = CertRepMessage.getInstance(answer.getBody().getContent()).getResponse()[0];
    check(response.getStatus());
    if (response.getCertReqId().intValueExact() != 0) throw new Exception("the certReqId is another");
    var issued =
        new X509CertificateHolder(
            response.getCertifiedKeyPair().getCertOrEncCert().getCertificate().getX509v3PKCert());
    X509Certificate certificate = new JcaX509CertificateConverter().setProvider(BC).getCertificate(issued);
    if (!certificate.getPublicKey().equals(publicKey)) throw new Exception("the certificate is for another key");
    path(certificate, answer, client.root);
    boolean granted = Arrays.stream(infos(answer.getHeader()))
        .anyMatch(info -> info.getInfoType().equals(CMPObjectIdentifiers.it_implicitConfirm));
    if (granted != implicit) throw new Exception("implicit confirmation is not as it was asked for");
    if (!implicit) {
      var digests = new JcaDigestCalculatorProviderBuilder().setProvider(BC).build();
      var status = new CertificateConfirmationContentBuilder().addAcceptedCertificate(issued, BigInteger.ZERO);
      expect(
          client.send(PKIBody.TYPE_CERT_CONFIRM, status.build(digests).toASN1Structure(), false),
          PKIBody.TYPE_CONFIRM);
    }
    Files.write(Path.of(out), issued.getEncoded());
  }

  private static void revoke(Client client, X509Certificate certificate, int reason) throws Exception {
    CertTemplate template =
        new CertTemplateBuilder()
            .setIssuer(new JcaX509CertificateHolder(certificate).getIssuer())
            .setSerialNumber(new ASN1Integer(certificate.getSerialNumber()))
            .build();
    var details = new Extensions(new Extension(Extension.reasonCode, false, CRLReason.lookup(reason).getEncoded()));
    var request = new RevReqContent(new RevDetails(template, details));
    ProtectedPKIMessage answer = client.send(PKIBody.TYPE_REVOCATION_REQ, request, false);
    expect(answer, PKIBody.TYPE_REVOCATION_REP);
    check(RevRepContent.getInstance(answer.getBody().getContent()).getStatus()[0]);
  }

  private static Control oldCertId(X509Certificate old) throws Exception {
    var issuer = new GeneralName(new JcaX509CertificateHolder(old).getIssuer());
    var id = new CertId(issuer, old.getSerialNumber());
    return new Control() {
      public ASN1ObjectIdentifier getType() {
        return CRMFObjectIdentifiers.id_regCtrl.branch("5");
      }

      public ASN1Encodable getValue() {
        return id;
      }
    };
  }

  /** One transaction. Every answer must be protected, and be for the message that was sent. */
  private static final class Client {
    final String url;
    final X500Name recipient;
    final Protection protection;
    final X509Certificate root;
    final byte[] id = fresh();
    byte[] last;

    Client(String url, String recipient, String protection, String root) throws Exception {
      this.url = url;
      this.recipient = new JcaX509CertificateHolder(certificate(recipient)).getSubject();
      this.protection = new Protection(protection);
      this.root = certificate(root);
    }

    ProtectedPKIMessage send(int type, ASN1Encodable content, boolean implicit) throws Exception {
      byte[] nonce = fresh();
      var builder = protection.message(recipient).setTransactionID(id).setSenderNonce(nonce).setMessageTime(new Date());
      if (last != null) builder.setRecipNonce(last);
      if (implicit) builder.addGeneralInfo(new InfoTypeAndValue(CMPObjectIdentifiers.it_implicitConfirm, DERNull.INSTANCE));
      ProtectedPKIMessage message = protection.protect(builder.setBody(new PKIBody(type, content)));
      var request =
          HttpRequest.newBuilder(URI.create(url))
              .header("Content-Type", "application/pkixcmp")
              .POST(HttpRequest.BodyPublishers.ofByteArray(message.toASN1Structure().getEncoded()))
              .build();
      var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() != 200) throw new Exception("HTTP " + response.statusCode());
      var answer = new ProtectedPKIMessage(new GeneralPKIMessage(response.body()));
      PKIHeader header = answer.getHeader();
      if (!Arrays.equals(header.getTransactionID().getOctets(), id)) throw new Exception("another transactionID");
      if (!Arrays.equals(header.getRecipNonce().getOctets(), nonce)) throw new Exception("another recipNonce");
      last = header.getSenderNonce().getOctets();
      if (!protection.verify(answer, root)) throw new Exception("the protection does not verify");
      return answer;
    }
  }

  // The RA/CA.

  private static final class Responder {
    final Protection protection;
    final X509CertificateHolder ca;
    final PrivateKey key;
    final X509Certificate root;
    final String behaviour;
    final HttpServer server;
    /** The answer to the request, while the client polls. */
    PKIBody later;
    int polls;
    X509CertificateHolder issued;
    byte[] last;

    Responder(String protection, X509Certificate ca, PrivateKey key, String root, String behaviour) throws Exception {
      this.protection = new Protection(protection);
      this.ca = new JcaX509CertificateHolder(ca);
      this.key = key;
      this.root = certificate(root);
      this.behaviour = behaviour;
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
      server.createContext("/").setHandler(exchange -> {
        byte[] answer;
        int status = 200;
        try {
          answer = answer(exchange.getRequestBody().readAllBytes());
        } catch (Exception e) {
          status = 500;
          answer = String.valueOf(e).getBytes(StandardCharsets.UTF_8);
        }
        exchange.getResponseHeaders().set("Content-Type", status == 200 ? "application/pkixcmp" : "text/plain");
        exchange.sendResponseHeaders(status, answer.length);
        try (var body = exchange.getResponseBody()) {
          body.write(answer);
        }
      });
      server.start();
    }

    int port() {
      return server.getAddress().getPort();
    }

    byte[] answer(byte[] bytes) throws Exception {
      var request = new ProtectedPKIMessage(new GeneralPKIMessage(bytes));
      if (!protection.verify(request, root)) throw new Exception("the protection does not verify");
      PKIHeader header = request.getHeader();
      if (last != null && !Arrays.equals(header.getRecipNonce().getOctets(), last))
        throw new Exception("another recipNonce");
      last = fresh();
      var builder =
          protection
              .message(X500Name.getInstance(header.getSender().getName()))
              .setTransactionID(header.getTransactionID().getOctets())
              .setRecipNonce(header.getSenderNonce().getOctets())
              .setSenderNonce(last)
              .setMessageTime(new Date())
              .setBody(body(request));
      builder.addCMPCertificate(ca);
      return protection.protect(builder).toASN1Structure().getEncoded();
    }

    PKIBody body(ProtectedPKIMessage request) throws Exception {
      PKIBody body = request.getBody();
      switch (body.getType()) {
        case PKIBody.TYPE_INIT_REQ, PKIBody.TYPE_KEY_UPDATE_REQ -> {
          int type = body.getType() + 1;
          var text = new PKIFreeText("Bouncy Castle says no");
          var no = new PKIStatusInfo(PKIStatus.rejection, text, new PKIFailureInfo(PKIFailureInfo.badCertTemplate));
          if (behaviour.equals("error")) return new PKIBody(PKIBody.TYPE_ERROR, new ErrorMsgContent(no));
          if (behaviour.equals("reject")) return answer(type, new CertResponse(new ASN1Integer(0), no));
          PKIBody issued = answer(type, issue(CertReqMessages.getInstance(body.getContent()).toCertReqMsgArray()[0]));
          if (!behaviour.equals("wait")) return issued;
          later = issued;
          return answer(type, new CertResponse(new ASN1Integer(0), new PKIStatusInfo(PKIStatus.waiting)));
        }
        case PKIBody.TYPE_POLL_REQ -> {
          var asked = PollReqContent.getInstance(body.getContent()).getCertReqIdValues();
          if (asked.length != 1 || asked[0].signum() != 0) throw new Exception("polls for another request");
          if (polls++ == 0)
            return new PKIBody(
                PKIBody.TYPE_POLL_REP, new PollRepContent(new ASN1Integer(0), new ASN1Integer(2), new PKIFreeText("Wait")));
          return later;
        }
        case PKIBody.TYPE_CERT_CONFIRM -> {
          var confirmation =
              new CertificateConfirmationContent(
                  CertConfirmContent.getInstance(body.getContent()));
          var digests = new JcaDigestCalculatorProviderBuilder().setProvider(BC).build();
          if (!confirmation.getStatusMessages()[0].isVerified(issued, digests))
            throw new Exception("the certHash is another");
          return new PKIBody(PKIBody.TYPE_CONFIRM, new PKIConfirmContent());
        }
        case PKIBody.TYPE_REVOCATION_REQ -> {
          var revoked = RevReqContent.getInstance(body.getContent()).toRevDetailsArray()[0].getCertDetails();
          if (!revoked.getSerialNumber().hasValue(protection.known.getSerialNumber()))
            throw new Exception("revokes another certificate");
          return new PKIBody(
              PKIBody.TYPE_REVOCATION_REP, new RevRepContentBuilder().add(new PKIStatusInfo(PKIStatus.granted)).build());
        }
        default -> throw new Exception("no answer to a body of type " + body.getType());
      }
    }

    PKIBody answer(int type, CertResponse response) {
      return new PKIBody(type, new CertRepMessage(null, new CertResponse[] {response}));
    }

    CertResponse issue(CertReqMsg message) throws Exception {
      var request = new CertificateRequestMessage(message);
      CertTemplate template = request.getCertTemplate();
      var verifier = new JcaContentVerifierProviderBuilder().setProvider(BC).build(template.getPublicKey());
      if (!request.isValidSigningKeyPOP(verifier)) throw new Exception("no proof of possession");
      long now = System.currentTimeMillis();
      var builder =
          new X509v3CertificateBuilder(
              ca.getSubject(),
              new BigInteger(120, random).setBit(120),
              new Date(now - 60_000),
              new Date(now + 86_400_000),
              template.getSubject(),
              template.getPublicKey());
      var algorithm = algorithmFor(new JcaX509CertificateConverter().setProvider(BC).getCertificate(ca).getPublicKey());
      issued = builder.build(new JcaContentSignerBuilder(algorithm).setProvider(BC).build(key));
      var pair = new CertifiedKeyPair(new CertOrEncCert(new CMPCertificate(issued.toASN1Structure())));
      return new CertResponse(new ASN1Integer(0), new PKIStatusInfo(PKIStatus.granted), pair, null);
    }
  }

  // Protection, of both.

  private static final class Protection {
    final String kind;
    final String reference;
    final char[] secret;
    final String algorithm;
    final PrivateKey key;
    final List<X509Certificate> certificates = new ArrayList<>();
    /** The certificate that signed the last message that verified. */
    X509Certificate known;

    Protection(String word) throws Exception {
      String[] parts = word.split(",");
      kind = parts[0];
      boolean signs = kind.equals("sign");
      reference = signs ? null : parts[1];
      secret = signs ? null : parts[2].toCharArray();
      algorithm = signs ? parts[1] : null;
      key = signs ? privateKey(parts[2]) : null;
      for (int i = 3; signs && i < parts.length; i++) certificates.add(certificate(parts[i]));
    }

    /** A message with what names its sender. */
    ProtectedPKIMessageBuilder message(X500Name recipient) throws Exception {
      var to = new GeneralName(recipient);
      if (!kind.equals("sign")) {
        var from = new GeneralName(new X500Name("CN=" + reference));
        return new ProtectedPKIMessageBuilder(from, to).setSenderKID(reference.getBytes(StandardCharsets.UTF_8));
      }
      var signer = new JcaX509CertificateHolder(certificates.get(0));
      var builder = new ProtectedPKIMessageBuilder(new GeneralName(signer.getSubject()), to);
      builder.setSenderKID(SubjectKeyIdentifier.fromExtensions(signer.getExtensions()).getKeyIdentifier());
      for (X509Certificate certificate : certificates)
        builder.addCMPCertificate(new JcaX509CertificateHolder(certificate));
      return builder;
    }

    ProtectedPKIMessage protect(ProtectedPKIMessageBuilder builder) throws Exception {
      switch (kind) {
        case "pbm" -> {
          byte[] salt = fresh();
          var parameters =
              new PBMParameter(
                  salt,
                  new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256),
                  1000,
                  new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE));
          return builder.build(new PKMACBuilder(pbm()).setParameters(parameters).build(secret));
        }
        case "default" -> {
          return builder.build(new PKMACBuilder(pbm()).build(secret));
        }
        case "pbmac1" -> {
          return builder.build(
              new JcePBMac1CalculatorBuilder("HMACSHA256", 256)
                  .setPrf(new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE))
                  .setProvider(BC)
                  .build(secret));
        }
        default -> {
          return builder.build(new JcaContentSignerBuilder(algorithm).setProvider(BC).build(key));
        }
      }
    }

    /** By the same secret, or by a certificate of the message that leads to the root and has the sender's name. */
    boolean verify(ProtectedPKIMessage message, X509Certificate root) throws Exception {
      var oid = message.getHeader().getProtectionAlg().getAlgorithm();
      boolean isPbm = oid.equals(CMPObjectIdentifiers.passwordBasedMac);
      if (isPbm || oid.equals(PKCSObjectIdentifiers.id_PBMAC1)) {
        PBEMacCalculatorProvider macs =
            isPbm ? new PKMACBuilder(pbm()) : new JcePBMac1CalculatorProviderBuilder().setProvider(BC).build();
        if (secret == null) throw new Exception("a MAC, and no secret");
        return message.verify(macs, secret);
      }
      var signer = new JcaX509CertificateConverter().setProvider(BC).getCertificate(message.getCertificates()[0]);
      var sender = X500Name.getInstance(message.getHeader().getSender().getName());
      if (!sender.equals(new JcaX509CertificateHolder(signer).getSubject()))
        throw new Exception("the sender is not the signer");
      path(signer, message, root);
      known = signer;
      return message.verify(new JcaContentVerifierProviderBuilder().setProvider(BC).build(signer));
    }
  }

  private static JcePKMACValuesCalculator pbm() {
    return new JcePKMACValuesCalculator().setProvider(BC);
  }

  private static void path(X509Certificate target, ProtectedPKIMessage message, X509Certificate root) throws Exception {
    var converter = new JcaX509CertificateConverter().setProvider(BC);
    List<X509Certificate> certificates = new ArrayList<>(List.of(target));
    for (X509CertificateHolder holder : message.getCertificates()) certificates.add(converter.getCertificate(holder));
    var selector = new X509CertSelector();
    selector.setCertificate(target);
    var parameters = new PKIXBuilderParameters(Set.of(new TrustAnchor(root, null)), selector);
    parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(certificates), BC));
    parameters.setRevocationEnabled(false);
    CertPathBuilder.getInstance("PKIX", BC).build(parameters);
  }

  private static InfoTypeAndValue[] infos(PKIHeader header) {
    InfoTypeAndValue[] infos = header.getGeneralInfo();
    return infos == null ? new InfoTypeAndValue[0] : infos;
  }

  private static void expect(ProtectedPKIMessage answer, int type) throws Exception {
    PKIBody body = answer.getBody();
    if (body.getType() == PKIBody.TYPE_ERROR)
      check(ErrorMsgContent.getInstance(body.getContent()).getPKIStatusInfo());
    if (body.getType() != type) throw new Exception("a body of type " + body.getType());
  }

  private static void check(PKIStatusInfo status) throws Exception {
    int value = status.getStatus().intValueExact();
    if (value <= PKIStatus.GRANTED_WITH_MODS) return;
    String text = status.getStatusString() == null ? "" : status.getStatusString().getStringAtUTF8(0).getString();
    String bits = status.getFailInfo() == null ? "" : new PKIFailureInfo(status.getFailInfo()).toString();
    throw new Exception("status " + value + ", " + bits + ", " + text);
  }

  private static String algorithmFor(PublicKey key) {
    return key.getAlgorithm().startsWith("EC") ? "SHA256withECDSA" : "SHA256withRSA";
  }

  private static byte[] fresh() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return bytes;
  }

  private static X509Certificate certificate(String file) throws Exception {
    try (var in = Files.newInputStream(Path.of(file))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509", BC).generateCertificate(in);
    }
  }

  /** The second key of a file. */
  private static PublicKey publicKey(String file) throws Exception {
    try (var parser = new PEMParser(new FileReader(file))) {
      parser.readObject();
      return new JcaPEMKeyConverter().setProvider(BC).getPublicKey((SubjectPublicKeyInfo) parser.readObject());
    }
  }

  private static PrivateKey privateKey(String file) throws Exception {
    try (var parser = new PEMParser(new FileReader(file))) {
      return new JcaPEMKeyConverter().setProvider(BC).getPrivateKey((PrivateKeyInfo) parser.readObject());
    }
  }
}
