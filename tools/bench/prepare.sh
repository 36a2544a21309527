#!/usr/bin/env bash
# What `siteseal prepare` does, done with the openssl command alone: what the benchmarks hold it against.
# Runs in the operator's folder and prepares the first ROWS rows of inventory.csv into the folder OUT.
# usage: prepare.sh ROWS OUT HW_TYPE RECIPIENT_OPTION...
set -euo pipefail
rows=$1 out=$2 hw_type=$3
shift 3

# The SHA-256 of standard input in hex.
digest() {
  local hex
  hex=$(openssl dgst -sha256 -r)
  printf '%s' "${hex%% *}"
}

# The items of a list with semicolons between, as a JSON array.
array() {
  printf '["%s"]' "${1//;/\",\"}"
}

gateway() {
  printf '{"role":"%s","address":"%s","identity":"%s","remoteSubnets":["0.0.0.0/0","::/0"]}' "$1" "$2" "$2"
}

root=$(openssl x509 -in operator-root.pem -outform DER | openssl base64 -A)
signer_spki=$(openssl x509 -in configuration.pem -noout -pubkey | openssl pkey -pubin -outform DER | digest)
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
proposals='{"required":true,"proposals":["aes128gcm16-prfsha256-ecp256","aes128-sha256-ecp256"]'
proposals+=',"espProposals":["aes128gcm16","aes128-sha256"]}'

{
  read -r _
  while ((rows-- > 0)) && IFS=, read -r site_id site_name _ serial certificate plmn ra_url ra_name \
    seg_initial seg_traffic outer_ip outer_gateway vlan mtu dns ntp reference secret valid_from valid_until; do
    openssl verify -CAfile vendor-root.pem -untrusted vendor-issuing.pem "$certificate" >verified
    certificate_sha256=$(openssl x509 -in "$certificate" -outform DER | digest)
    read -r id </proc/sys/kernel/random/uuid
    # The last brace is left out, for `sealed` is to follow.
    content='{"format":"siteseal-configuration/1","bundleId":"'$id'","sequence":1,"issuedAt":"'$now'"'
    content+=',"notBefore":"'$valid_from'","notAfter":"'$valid_until'","training":true'
    content+=',"enb":{"hwType":"'$hw_type'","serialNumber":"'$serial'","certificateSha256":"'$certificate_sha256'"}'
    content+=',"site":{"id":"'$site_id'","name":"'$site_name'"}'
    content+=',"operator":{"name":"Lab Operator","plmn":"'$plmn'"},"operatorRootCertificates":["'$root'"]'
    content+=',"enrolment":{"protocol":"cmpv2","url":"'$ra_url'","caName":"'$ra_name'"'
    content+=',"subject":"CN='$serial'","protection":"mac"}'
    content+=',"backhaul":{"address":{"method":"static","ipv4":"'$outer_ip'","gateway":"'$outer_gateway'"}'
    content+=',"vlan":'$vlan',"mtu":'$mtu',"dns":'$(array "$dns")',"ntp":'$(array "$ntp")'}'
    content+=',"securityGateways":['$(gateway initial "$seg_initial")
    for address in ${seg_traffic//;/ }; do content+=,$(gateway traffic "$address"); done
    content+='],"initialIpsec":'$proposals
    # Sorted as RFC 8785 wants it, this would be the digest of the format; its price is the same unsorted.
    outer_sha256=$(printf '%s}' "$content" | digest)
    plaintext='{"format":"siteseal-sealed/1","bundleId":"'$id'","hwType":"'$hw_type'","serialNumber":"'$serial'"'
    plaintext+=',"sequence":1,"signerSpkiSha256":"'$signer_spki'","outerSha256":"'$outer_sha256'"'
    plaintext+=',"credential":{"reference":"'$reference'","secret":"'$secret'"}}'
    sealed=$(printf '%s' "$plaintext" |
      openssl cms -encrypt -binary -aes-256-gcm -outform DER -recip "$certificate" "$@" | openssl base64 -A)
    printf '%s,"sealed":"%s"}' "$content" "$sealed" |
      openssl cms -sign -cades -binary -nodetach -md sha256 -signer configuration.pem \
        -inkey configuration-open.key -certfile vendor-issuing.pem -outform DER -out "$out/$serial.p7m"
  done
} <inventory.csv
