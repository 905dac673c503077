# What a move could have left on a node, one finding a line: a word for its kind, then the finding itself.
# Argument: the number of the lane whose program is looked at.
for entry in $(cd /run/transship 2>/dev/null && find images replies journal departed held kept restored criu -mindepth 1 -maxdepth 1 2>/dev/null); do
  echo "state $entry"
done
ip -4 route show table 1077 2>/dev/null | sed 's/^/route /'
ip -4 neigh show nud permanent | grep -v 'dev lo' | sed 's/^/neighbour /'
for setting in mcast_solicit unres_qlen_bytes; do
  usual=$(cat /proc/sys/net/ipv4/neigh/eth0/$setting) # of the node's own card, which no move touches
  grep -Hvx "$usual" /proc/sys/net/ipv4/neigh/*/$setting | sed 's/^/setting /'
done
ip -o link show type veth | grep -v '[<,]UP[,>]' | sed 's/^[0-9]*: \([^:]*\).*/link \1/'
nft list tables 2>/dev/null | grep -E 'transship_|transship\.(held|away)\.' | sed 's/^/filter /'
for pid in $(pgrep -f "^/ticker [0-9.]+ [0-9]+ $1 "); do
  nsenter -t "$pid" -n sh -c '
    nft list tables 2>/dev/null | sed "s/^/lock /"
    grep -Hvx 0 /proc/sys/net/ipv4/conf/*/arp_ignore | sed "s/^/arp /"'
done
exit 0 # a pod that ends meanwhile has left nothing
