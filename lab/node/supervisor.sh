#!/bin/bash
# Process 1 of a node: reaps orphans (bash does, on every child's end), starts each service of
# /lab/services and starts it again when it ends, at once at first and at most every five seconds.
# A file /lab/run/NAME.stopped keeps a service down. Only the service itself is ever signalled, so the
# containers that a runtime started outlive it.
keep() {
  local name=$1 delay=0.3 begun code
  while :; do
    if [ -e "/lab/run/$name.stopped" ]; then
      sleep 0.2
      continue
    fi
    begun=$SECONDS
    bash "/lab/services/$name" >> "/lab/log/$name.log" 2>&1 < /dev/null &
    echo $! > "/lab/run/$name.pid"
    wait $!
    code=$?
    echo "supervisor: $name ended with code $code" >> "/lab/log/$name.log"
    rm -f "/lab/run/$name.pid"
    # Asked to end (0, or 143 for SIGTERM) is a restart; only what fails again and again is slowed down.
    [ $code = 0 ] || [ $code = 143 ] || [ $((SECONDS - begun)) -ge 10 ] && delay=0.3
    sleep $delay
    case $delay in 0.3) delay=1 ;; 1) delay=2 ;; *) delay=5 ;; esac
  done
}

mkdir -p /lab/run /lab/log
for service in /lab/services/*; do
  keep "${service##*/}" &
done
while :; do
  wait
  sleep 1
done
