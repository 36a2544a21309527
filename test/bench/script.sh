#!/usr/bin/env bash
# Does the work of `siteseal prepare` with the openssl command alone, as the benchmarks' comparison. It does less: it
# checks no cell and no key, leaves out the digests that bind the sealed part to its bundle, and flushes nothing to
# disk. Runs in the operator's folder, and prepares the first ROWS rows of inventory.csv into the folder OUT.
# usage: script.sh ROWS OUT HW_TYPE RECIPIENT_OPTION...
set -euo pipefail
rows=$1 out=$2 hw_type=$3
shift 3

# The items of a semicolon-separated list, as a JSON array.
array() {
  printf -v REPLY '["%s"]' "${1//;/\",\"}"
}

gateway() {
  local form='{"role":"%s","address":"%s","identity":"%s","remoteSubnets":["0.0.0.0/0","::/0"]}'
  printf -v REPLY "$form" "$1" "$2" "$2"
}

root=$(openssl x509 -in operator-root.pem -outform DER | openssl base64 -A)
TZ=UTC0 printf -v now '%(%Y-%m-%dT%H:%M:%SZ)T' -1
proposals='{"required":true,"proposals":["aes128gcm16-prfsha256-ecp256","aes128-sha256-ecp256"]'
proposals+=',"espProposals":["aes128gcm16","aes128-sha256"]}'

{
  read -r _
  while ((rows-- > 0)) && IFS=, read -r site_id site_name _ serial certificate plmn ra_url ra_name \
    seg_initial seg_traffic outer_ip outer_gateway vlan mtu dns ntp reference secret valid_from valid_until; do
    openssl verify -CAfile vendor-root.pem -untrusted vendor-issuing.pem "$certificate" >verified

    read -r id </proc/sys/kernel/random/uuid
    plaintext='{"format":"siteseal-sealed/1","bundleId":"'$id'","hwType":"'$hw_type'","serialNumber":"'$serial'"'
    plaintext+=',"sequence":1,"credential":{"reference":"'$reference'","secret":"'$secret'"}}'
    sealed=$(openssl cms -encrypt -binary -aes-256-gcm -outform DER -recip "$certificate" "$@" <<<"$plaintext" |
      openssl base64 -A)

    content='{"format":"siteseal-configuration/1","bundleId":"'$id'","sequence":1,"issuedAt":"'$now'"'
    content+=',"notBefore":"'$valid_from'","notAfter":"'$valid_until'","training":true'
    content+=',"enb":{"hwType":"'$hw_type'","serialNumber":"'$serial'"}'
    content+=',"site":{"id":"'$site_id'","name":"'$site_name'"}'
    content+=',"operator":{"name":"Lab Operator","plmn":"'$plmn'"},"operatorRootCertificates":["'$root'"]'
    content+=',"enrolment":{"protocol":"cmpv2","url":"'$ra_url'","caName":"'$ra_name'"'
    content+=',"subject":"CN='$serial'","protection":"mac","renewAt":70}'
    content+=',"backhaul":{"address":{"method":"static","ipv4":"'$outer_ip'","gateway":"'$outer_gateway'"}'
    array "$dns" && content+=',"vlan":'$vlan',"mtu":'$mtu',"dns":'$REPLY
    array "$ntp" && content+=',"ntp":'$REPLY'}'
    gateway initial "$seg_initial" && content+=',"securityGateways":['$REPLY
    for address in ${seg_traffic//;/ }; do gateway traffic "$address" && content+=,$REPLY; done
    content+='],"initialIpsec":'$proposals',"sealed":"'$sealed'"}'
    openssl cms -sign -cades -binary -nodetach -md sha256 -signer configuration.pem -inkey configuration-open.key \
      -certfile vendor-issuing.pem -outform DER -out "$out/$serial.p7m" <<<"$content"
  done
} <inventory.csv
