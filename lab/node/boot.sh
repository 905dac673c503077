#!/bin/bash
# First process of a node's namespaces, still on the host's file system: builds the node's own, moves
# into it and becomes its supervisor. Arguments: the node's name, its folder, the folder for container
# stores, the file system tree, the folders of Kubernetes, of cri-dockerd and, where there is one, of flannel.
set -eu
name=$1 folder=$2 store=$3 tree=$4 kubernetes=$5 cri_dockerd=$6 flannel=$7

# /proc is the host's until it is mounted anew below, so this is the id that the host knows us by.
read -r pid _ < /proc/self/stat
echo "$pid" > "$folder/pid.new" && mv "$folder/pid.new" "$folder/pid"

mount --make-rprivate /
mkdir -p "$folder"/{up,work,root,kubelet,etcd} "$store"/{docker,containerd}
mount -t overlay "node-$name" -o "lowerdir=$tree,upperdir=$folder/up,workdir=$folder/work" "$folder/root"
cd "$folder/root"

mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount --rbind /dev dev
mount -t devpts -o newinstance,mode=620,ptmxmode=666,gid=5 devpts dev/pts
mount -t tmpfs -o size=1g tmpfs dev/shm
mount -t tmpfs -o size=6g,mode=755 tmpfs run
mount -t tmpfs -o size=2g,mode=1777 tmpfs tmp

# Overlay does not stack on overlay: what holds container layers must lie outside of the root above.
mkdir -p var/lib/{docker,containerd,kubelet,etcd} opt/lab/{kubernetes,cri-dockerd,flannel}
mount --bind "$store/docker" var/lib/docker
mount --bind "$store/containerd" var/lib/containerd
mount --bind "$folder/kubelet" var/lib/kubelet
mount --bind "$folder/etcd" var/lib/etcd
mount --bind "$folder/lab" lab
for program in kubernetes cri_dockerd flannel; do
  [ -n "${!program}" ] || continue
  mount --bind "${!program}" "opt/lab/${program/_/-}"
  mount -o remount,bind,ro "opt/lab/${program/_/-}"
done

# Once: a node that starts again has what was changed on it since.
[ -e lab/booted ] || cp -R lab/etc/. etc/
: > lab/booted
rm -f lab/run/*.pid
echo "$name" > /proc/sys/kernel/hostname
echo "$name" > etc/hostname
printf '%s' "transship-lab-$name" | md5sum | cut -c1-32 > etc/machine-id
mkdir -p run/containerd run/docker run/netns run/lock var/log/pods

pivot_root . oldroot
umount -l /oldroot
# Mounts made in a container with bidirectional propagation have to reach the node, as they do under systemd.
mount --make-rshared /

ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0

path=/opt/lab/kubernetes:/opt/lab/cri-dockerd:/opt/lab/flannel:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec env -i PATH=$path HOME=/root LANG=C.UTF-8 TRANSSHIP_LAB_NODE="$name" /bin/bash /lab/supervisor.sh
