#!/bin/sh
# A router of ours: iBGP with the core in a star, and at the edges eBGP with a transit. What goes
# out is said by policies, which are written as terms in /etc/policy and rendered to route-maps.
set -eu

case $LABRUN_NODE in
e1) id=1 inner=11 outer=1 transit_as=64496 ;;
e2) id=2 inner=12 outer=2 transit_as=64497 ;;
core) id=10 inner='' outer='' transit_as='' ;;
esac

mkdir -p /etc/policy

# policy NAME SET: the terms of an export policy, SET being what site-local gets.
policy() {
    cat >"/etc/policy/$1.terms" <<EOF
# term            action  match       set
global            permit  GLOBAL      -
site-local        permit  SITE-LOCAL  $2
EOF
    [ "$LABRUN_NODE" != core ] || cat >>"/etc/policy/$1.terms" <<'EOF'
infrastructure    permit  INFRA       -
transit           permit  TRANSIT     -
EOF
    cat >>"/etc/policy/$1.terms" <<'EOF'
reject-the-rest   deny    -           -
EOF
}

if [ "$LABRUN_NODE" = core ]; then
    for edge in E1 E2; do
        policy "TO-$edge-4" -
        policy "TO-$edge-6" -
    done
else
    policy TO-TRANSIT-4 'as-path prepend 64500 64500'
    policy TO-TRANSIT-6 'as-path prepend 64500 64500'
fi

# The services' addresses.
[ "$LABRUN_NODE" != core ] || {
    cat >/etc/systemd/network/05-lo.network <<'EOF'
[Match]
Name=lo

[Network]
Address=192.0.2.1/32
Address=198.51.100.1/32
Address=2001:db8:2::1/128
Address=2001:db8:5::1/128
EOF
    networkctl reload
}

cat >/usr/local/sbin/render-policy <<'EOF'
#!/bin/sh
# /etc/frr/frr.conf from /etc/policy/base.conf and the terms of each policy, numbered in the order
# in which they stand there. Runs at every start of FRR; by hand, follow it with
# `systemctl reload frr`.
set -eu

new=$(mktemp /etc/frr/.frr.conf.XXXXXX)
{
    cat /etc/policy/base.conf
    for file in /etc/policy/*.terms; do
        name=${file##*/}
        name=${name%.terms}
        number=10
        grep -v '^#' "$file" | while read -r term action match set; do
            [ -n "$term" ] || continue
            echo "route-map $name $action $number"
            echo " description $term"
            [ "$match" = - ] || echo " match community $match"
            [ "$set" = - ] || echo " set $set"
            echo exit
            number=$((number + 10))
        done
    done
} >"$new"
chown frr:frr "$new"
chmod 640 "$new"
mv "$new" /etc/frr/frr.conf
EOF
chmod 755 /usr/local/sbin/render-policy
mkdir -p /etc/systemd/system/frr.service.d
cat >/etc/systemd/system/frr.service.d/policy.conf <<'EOF'
[Service]
ExecStartPre=/usr/local/sbin/render-policy
EOF
systemctl daemon-reload

peer() { # ADDRESS AS
    cat <<EOF
 neighbor $1 remote-as $2
 neighbor $1 timers connect 2
EOF
}

inner_family() { # VERSION PEER...
    echo " address-family ipv$1 unicast"
    version=$1
    shift
    for peer; do
        address=${peer%=*}
        echo "  neighbor $address activate"
        if [ "$LABRUN_NODE" = core ]; then
            echo "  neighbor $address route-reflector-client"
            echo "  neighbor $address next-hop-self force"
            echo "  neighbor $address route-map TO-${peer#*=}-$version out"
        else
            echo "  neighbor $address next-hop-self"
        fi
    done
}

{
    cat <<EOF
frr defaults traditional
hostname $LABRUN_NODE
log syslog informational
service integrated-vtysh-config
bgp community-list standard GLOBAL permit 64500:10
bgp community-list standard SITE-LOCAL permit 64500:20
bgp community-list standard INFRA permit 64500:30
bgp community-list standard TRANSIT permit 64500:40
EOF
    if [ "$LABRUN_NODE" = core ]; then
        cat <<'EOF'
ip prefix-list LINKS seq 10 permit 10.50.0.0/16 ge 24 le 24
ipv6 prefix-list LINKS seq 10 permit fd50::/16 ge 64 le 64
route-map ORIGIN-GLOBAL permit 10
 set community 64500:10
exit
route-map ORIGIN-SITE-LOCAL permit 10
 set community 64500:20
exit
route-map ORIGIN-LINKS-4 permit 10
 match ip address prefix-list LINKS
 set community 64500:30
exit
route-map ORIGIN-LINKS-6 permit 10
 match ipv6 address prefix-list LINKS
 set community 64500:30
exit
EOF
    else
        cat <<EOF
ip prefix-list TRANSIT-IN seq 10 permit 198.18.$outer.0/24
ipv6 prefix-list TRANSIT-IN seq 10 permit 2001:db8:$([ "$outer" = 1 ] && echo a || echo b)::/48
route-map FROM-TRANSIT permit 10
 set community 64500:40
exit
EOF
    fi
    cat <<EOF
router bgp 64500
 bgp router-id 10.50.255.$id
 bgp log-neighbor-changes
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
 timers bgp 3 9
EOF
    if [ "$LABRUN_NODE" = core ]; then
        for address in 10.50.11.1 fd50:11::1 10.50.12.1 fd50:12::1; do
            peer "$address" 64500
        done
        inner_family 4 10.50.11.1=E1 10.50.12.1=E2
        cat <<'EOF'
  network 192.0.2.0/24 route-map ORIGIN-GLOBAL
  network 198.51.100.0/24 route-map ORIGIN-SITE-LOCAL
  redistribute connected route-map ORIGIN-LINKS-4
 exit-address-family
EOF
        inner_family 6 fd50:11::1=E1 fd50:12::1=E2
        cat <<'EOF'
  network 2001:db8:2::/48 route-map ORIGIN-GLOBAL
  network 2001:db8:5::/48 route-map ORIGIN-SITE-LOCAL
  redistribute connected route-map ORIGIN-LINKS-6
 exit-address-family
EOF
    else
        for address in "10.50.$inner.2" "fd50:$inner::2"; do
            peer "$address" 64500
        done
        for address in "10.50.$outer.1" "fd50:$outer::1"; do
            peer "$address" "$transit_as"
        done
        for version in 4 6; do
            [ "$version" = 4 ] && core=10.50.$inner.2 transit=10.50.$outer.1 ||
                core=fd50:$inner::2 transit=fd50:$outer::1
            inner_family "$version" "$core"
            cat <<EOF
  neighbor $transit activate
  neighbor $transit prefix-list TRANSIT-IN in
  neighbor $transit route-map FROM-TRANSIT in
  neighbor $transit route-map TO-TRANSIT-$version out
 exit-address-family
EOF
        done
    fi
    echo exit
} >/etc/policy/base.conf
render-policy
systemctl restart frr.service
