#!/bin/sh
# Tools are there; their daemons run only where a scenario wants them.
set -eu

# Clocks of a lab stand at the stage's instant: nothing may pull at them unasked.
systemctl disable chrony.service
# Asks for a virtio port by its own rule; on the first boot that rule may come too late.
systemctl enable qemu-guest-agent.service 2>/dev/null || true
install -d /root
printf '%s\n' '. /usr/share/bash-completion/bash_completion' >>/root/.bashrc
printf '%s\n' 'set mouse=' 'syntax on' >/root/.vimrc
