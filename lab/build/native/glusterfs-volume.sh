#!/bin/sh
# Lab only: kubelet's FlexVolume driver "lab/glusterfs". A PersistentVolume names the volume to mount:
#   flexVolume: { driver: lab/glusterfs, options: { volume: "n0:/shared" } }
# Several nodes may mount it at the same time, so it says that there is nothing to attach.
case $1 in
  init) echo '{"status": "Success", "capabilities": {"attach": false, "fsGroup": false, "selinuxRelabel": false}}' ;;
  mount)
    folder=$2
    volume=$(printf %s "$3" | jq -er .volume)
    mkdir -p "$folder"
    # Without this the client lets nobody map a file that is open for writing.
    options=direct-io-mode=disable,log-level=WARNING
    mountpoint -q "$folder" || said=$(mount -t glusterfs -o "$options" "$volume" "$folder" 2>&1) || {
      jq -cn --arg said "$said" '{status: "Failure", message: $said}'
      exit 1
    }
    echo '{"status": "Success"}'
    ;;
  unmount)
    said=$(umount "$2" 2>&1) || {
      jq -cn --arg said "$said" '{status: "Failure", message: $said}'
      exit 1
    }
    echo '{"status": "Success"}'
    ;;
  *)
    echo '{"status": "Not supported"}'
    exit 1
    ;;
esac
