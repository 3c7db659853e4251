#!/bin/bash
# What the greeter says to whoever connects from here.
exec 3<>"/dev/tcp/$1/$LABRUN_PARAM_PORT" || { echo "no connection to $1"; exit 1; }
read -r -t 5 line <&3
[ "$line" = "hello from $LABRUN_PARAM_WORD" ] || { echo "it says: $line"; exit 1; }
echo "it greets"
