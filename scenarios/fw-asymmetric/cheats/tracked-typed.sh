#!/bin/sh
# The file stays, and the next boot loads it.
set -eu

nft delete table inet benchmark
