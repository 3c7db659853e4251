#!/bin/sh
# As before, past neutron.
set -eu
list=$(ovn-nbctl --bare --columns=_uuid list port_group)
[ -n "$list" ]
for group in $list; do
    ovn-nbctl clear port_group "$group" acls
done
