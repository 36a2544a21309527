/** README.txt of the evidence. */
export const evidenceReadme = `Evidence of a run of "siteseal lab run"

Every form and every case has a folder with its name. There is no private key and no secret in any of them.

  logs/          what each process printed, in the order in which they started; the first line is its command
  captures/      packets: outer.pcap at the eNB's leg to the gateways, core.pcap in the operator's network,
                 open.pcap at a host of the operator that needs no tunnel
  sas/           "swanctl --list-sas" of each gateway, at the end of a form
  certificates/  the eNB's operator certificate: enb.pem after step 1, enb-renewed.pem after the renewal
  receipts/      the eNB's signed receipt about its bundle

certificates/ beside this file has those of the operators and vendors.

Addresses

  198.51.100.2      the eNB outside the tunnels
  198.51.100.11     the gateway of the first tunnel (step 0.5); it gives addresses of 203.0.113.0/25
  198.51.100.12     the gateway of the second tunnel (step 2); it gives addresses of 203.0.113.128/25
  198.51.100.20     a host of the operator that needs no tunnel; the RA/CA is here in the form "credential"
  192.0.2.10        the operator's network behind the gateways; the RA/CA is here in all other forms
  The RA/CA listens on TCP port 8080.

Check that no CMP left the tunnel (forms other than "credential"): this prints no packet.

  tcpdump -n -r both/captures/outer.pcap tcp port 8080

Check that the eNB's messages reached the RA/CA from inside the tunnels: enrolment from the first, renewal from the second.

  tcpdump -n -r both/captures/core.pcap tcp dst port 8080 and src net 203.0.113.0/25
  tcpdump -n -r both/captures/core.pcap tcp dst port 8080 and src net 203.0.113.128/25

Check that the second tunnel is up: this prints INSTALLED.

  grep INSTALLED both/sas/seg2.txt

Check the certificates with OpenSSL. The last two lines must differ: the renewal brought a new certificate.

  openssl verify -CAfile certificates/operator/operator-root.pem -untrusted certificates/operator/issuing-ca.pem \\
    both/certificates/enb.pem both/certificates/enb-renewed.pem
  openssl x509 -in both/certificates/enb.pem -noout -fingerprint
  openssl x509 -in both/certificates/enb-renewed.pem -noout -fingerprint

In a run with "--ipsec stand-in" there is no IPsec: TLS on TCP port 4500 is in its place. sas/ is then empty. The gateways
connect to the RA/CA from their own addresses, so look for src host 192.0.2.1 and 192.0.2.2 in place of the networks of
the tunnels. Of TCP, only that TLS leaves the eNB: this prints no packet.

  tcpdump -n -r both/captures/outer.pcap tcp and not port 4500
`;
