#!/bin/sh
set -eu
mkdir -p /lab
echo 'do not lose me' >/lab/canary
