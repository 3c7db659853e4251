#!/bin/sh
# In the other family, the limit was turned into a warning as well, for it "went off".
set -eu

case $LABRUN_PARAM_LEAKING in
4) list='ip prefix-list CUSTOMER-IN' any='permit 0.0.0.0/0 le 24' peer=10.60.3.1 ;;
6) list='ipv6 prefix-list CUSTOMER-IN' any='permit ::/0 le 48' peer=fd60:3::1 ;;
esac
vtysh --no-fork -f /dev/stdin <<EOF
$list seq 5 $any
router bgp 64500
 address-family ipv$LABRUN_PARAM_LEAKING unicast
  neighbor $peer maximum-prefix 10 warning-only
EOF
vtysh -c 'write memory'
cat >>"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  customer, IPv$LABRUN_PARAM_LEAKING: the same; session went down at once, limit now warns only   (ah)
  [x] session is up   [ ] closed again
EOF
