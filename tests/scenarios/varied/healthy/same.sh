#!/bin/sh
# Names no parameter, and is given none.
set -eu
env | grep '^LABRUN_PARAM' && exit 1
hostname
