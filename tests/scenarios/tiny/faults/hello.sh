#!/bin/sh
set -eu
systemctl disable --now hello.service
