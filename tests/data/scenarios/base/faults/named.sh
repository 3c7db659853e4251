#!/bin/sh
set -eu
for name in WORD OTHER; do
    eval "echo \$LABRUN_PARAM_$name"
done
echo "$LABRUN_PARAM_WORD $LABRUN_PARAM_WORDS ${LABRUN_PARAM_word:-}"
