#!/bin/sh
set -eu
rm -f /lab/canary
