#!/bin/sh
# The OSD that was taken out gets its share of the data back.
set -eu

ceph --connect-timeout 60 osd in "osd.$LABRUN_PARAM_INSPECTED_OSD"
