#!/bin/sh
# The keys to whom they belong.
set -eu
chown -R keystone:keystone /etc/keystone/fernet-keys
