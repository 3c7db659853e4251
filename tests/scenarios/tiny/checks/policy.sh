#!/bin/sh
# The input chain's policy, as the kernel has it.
if /usr/sbin/nft list chain inet filter input 2>/dev/null | grep -q 'policy drop'; then
    echo 'the input chain drops by default'
    exit 0
fi
echo 'no input chain that drops by default'
exit 1
