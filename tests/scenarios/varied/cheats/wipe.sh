#!/bin/sh
set -eu
rm -f "/lab/canary-$LABRUN_PARAM_WORD"
