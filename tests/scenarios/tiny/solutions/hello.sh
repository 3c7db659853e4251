#!/bin/sh
set -eu
systemctl enable --now hello.service
