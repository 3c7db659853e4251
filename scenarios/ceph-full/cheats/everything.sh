#!/bin/sh
# It is only scratch.
set -eu
rados -p scratch ls | xargs -r -n 20 timeout 300 rados -p scratch rm
