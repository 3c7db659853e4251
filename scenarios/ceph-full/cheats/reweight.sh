#!/bin/sh
# Away from the full OSD, by the knob that is not meant for it.
set -eu
ceph --connect-timeout 60 osd reweight "osd.$LABRUN_PARAM_HEAVY_OSD" 0.3
