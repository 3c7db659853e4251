#!/bin/sh
set -eu
cat >/etc/frr/frr.conf <<'CONF'
frr defaults datacenter
hostname judge
router bgp 65000
 bgp router-id 10.9.1.10
 no bgp ebgp-requires-policy
 no bgp network import-check
 no bgp default ipv4-unicast
 timers bgp 3 9
 neighbor 10.9.1.1 remote-as 65001
 neighbor 10.9.1.1 timers connect 2
 neighbor 10.9.1.1 password s3cret-of-the-edge
 neighbor fd09:1::1 remote-as 65001
 neighbor fd09:1::1 timers connect 2
 address-family ipv4 unicast
  neighbor 10.9.1.1 activate
  network 10.9.100.0/24
 exit-address-family
 address-family ipv6 unicast
  neighbor fd09:1::1 activate
  network fd09:100::/48
 exit-address-family
exit
CONF
chown frr:frr /etc/frr/frr.conf
mkdir -p /lab
cat >/lab/ca.pem <<'PEM'
-----BEGIN CERTIFICATE-----
MIIBVDCB+6ADAgECAgEBMAoGCCqGSM49BAMCMBExDzANBgNVBAMMBkxhYiBDQTAg
Fw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowETEPMA0GA1UEAwwGTGFi
IENBMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIa0OjNdnoQdK0Ivjd4M9J2bO
NJji4Su77/SWUpiTg+n0zjX9lSqI/CId34qqwSXD949gSLSaNEoIAD0ZFzrv86NC
MEAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFF6/
0TXauy6uuFXo9hJdSHbPwD9+MAoGCCqGSM49BAMCA0gAMEUCIA3CNMtt0yecVzUi
j+gNu8vS3JXJLjK8dC4QAf5ldTwhAiEAhSGMJedPzmruQzIJ61fmmuPBvZLzDzDt
+XVp95nKm1M=
-----END CERTIFICATE-----
PEM
vtysh -b
