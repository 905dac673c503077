#!/bin/sh
# Lab only, found before Debian's CRIU on the PATH: see rlimit.c for what the library is for.
LD_PRELOAD=/usr/local/lib/transship-lab/rlimit.so exec /usr/sbin/criu "$@"
