/*
 * Sees what the pods of the workload send, and from which node it comes: the address of a pod is the same on every
 * node, but the frame carries the hardware address of the node that has sent it.
 *
 *   witness INTERFACE PORT
 *
 * Writes one record of 48 bytes for each datagram, each segment of TCP that carries data, a FIN, a RST or a SYN, and
 * ten times a second one of kind 3, whose tick is the number of frames that were missed since it began: a witness that has
 * missed something has not seen that nothing happened. Times are those of the kernel, in nanoseconds since 1970.
 * Ends with its standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DATAGRAM = 1, SEGMENT = 2, MISSED = 3, BATCH = 256, FRAME = 256, MARK = 0x4b434954 };

struct __attribute__((packed)) sighting {
  uint64_t time;
  uint32_t address;
  uint16_t port;
  uint8_t kind;
  uint8_t flags;
  uint8_t hardware[6];
  uint16_t length;
  uint32_t sequence;
  uint32_t lane;
  uint64_t secret;
  uint64_t tick;
};

struct __attribute__((packed)) told {
  uint32_t mark;
  uint32_t lane;
  uint64_t secret;
  uint64_t tick;
};

static uint64_t missed;

static int fail(const char *what) {
  perror(what);
  exit(1);
}

static int watch(const char *interface, uint16_t port) {
  int seen = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_IP));
  if (seen < 0)
    fail("socket");
  /* IPv4; UDP or TCP; no fragment; to this port. */
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, 4),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, 16),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, FRAME),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog filter = {.len = sizeof code / sizeof *code, .filter = code};
  int one = 1, room = 32 << 20;
  struct sockaddr_ll where = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)};
  where.sll_ifindex = (int)if_nametoindex(interface);
  if (where.sll_ifindex == 0)
    fail(interface);
  if (setsockopt(seen, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0)
    fail("filter");
  if (setsockopt(seen, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    setsockopt(seen, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (setsockopt(seen, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one) != 0)
    fail("timestamps");
  if (bind(seen, (struct sockaddr *)&where, sizeof where) != 0)
    fail("bind");
  return seen;
}

/* So that the kernel does not tell the senders of datagrams that nobody is there. */
static void be_there(uint16_t port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  int ear = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 1;
  setsockopt(ear, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (ear < 0 || bind(ear, (struct sockaddr *)&here, sizeof here) != 0)
    fail("bind");
}

static uint64_t time_of(struct msghdr *message) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec t;
      memcpy(&t, CMSG_DATA(c), sizeof t);
      return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
    }
  return 0;
}

static void tell(const struct sighting *sighting) {
  if (fwrite(sighting, sizeof *sighting, 1, stdout) != 1)
    exit(1);
}

static void look_at(const uint8_t *frame, size_t size, uint64_t time) {
  const struct iphdr *ip = (const struct iphdr *)(frame + ETH_HLEN);
  size_t at = ETH_HLEN + ip->ihl * 4u;
  struct sighting sighting = {.time = time, .address = ip->saddr};
  memcpy(sighting.hardware, frame + ETH_ALEN, ETH_ALEN);
  if (ip->protocol == IPPROTO_UDP) {
    const struct udphdr *udp = (const struct udphdr *)(frame + at);
    struct told told;
    at += sizeof *udp;
    if (size < at + sizeof told)
      return;
    memcpy(&told, frame + at, sizeof told);
    if (told.mark != MARK)
      return;
    sighting.kind = DATAGRAM;
    sighting.port = ntohs(udp->source);
    sighting.lane = told.lane;
    sighting.secret = told.secret;
    sighting.tick = told.tick;
  } else {
    const struct tcphdr *tcp = (const struct tcphdr *)(frame + at);
    if (size < at + sizeof *tcp)
      return;
    sighting.kind = SEGMENT;
    sighting.port = ntohs(tcp->source);
    sighting.flags = (uint8_t)(tcp->fin | tcp->syn << 1 | tcp->rst << 2);
    sighting.sequence = ntohl(tcp->seq);
    sighting.length = (uint16_t)(ntohs(ip->tot_len) - ip->ihl * 4u - tcp->doff * 4u);
    if (sighting.length == 0 && sighting.flags == 0)
      return;
  }
  tell(&sighting);
}

static void count_missed(int seen) {
  struct tpacket_stats stats;
  socklen_t size = sizeof stats;
  if (getsockopt(seen, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
    missed += stats.tp_drops;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  struct sighting sighting = {.kind = MISSED, .tick = missed};
  sighting.time = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
  tell(&sighting);
}

static uint8_t frames[BATCH][FRAME];
static uint8_t controls[BATCH][64];
static struct sockaddr_ll senders[BATCH];
static struct mmsghdr messages[BATCH];
static struct iovec places[BATCH];

static int read_batch(int seen) {
  for (int i = 0; i < BATCH; i++) {
    places[i] = (struct iovec){frames[i], FRAME};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &senders[i],
                                          .msg_namelen = sizeof senders[i],
                                          .msg_iov = &places[i],
                                          .msg_iovlen = 1,
                                          .msg_control = controls[i],
                                          .msg_controllen = sizeof controls[i]};
  }
  int got = recvmmsg(seen, messages, BATCH, MSG_DONTWAIT, 0);
  if (got < 0 && errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
    fail("recvmmsg");
  for (int i = 0; i < got; i++)
    if (senders[i].sll_pkttype != PACKET_OUTGOING)
      look_at(frames[i], messages[i].msg_len, time_of(&messages[i].msg_hdr));
  return got;
}

int main(int count, char **arguments) {
  if (count != 3) {
    fputs("usage: witness INTERFACE PORT\n", stderr);
    return 2;
  }
  uint16_t port = (uint16_t)atoi(arguments[2]);
  int seen = watch(arguments[1], port);
  be_there(port);
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  /* Looks a hundred times a second instead of waking for each of thousands of frames. */
  for (int round = 0;; round++) {
    while (read_batch(seen) == BATCH) {
    }
    if (round % 10 == 0)
      count_missed(seen);
    if (fflush(stdout) != 0)
      return 1;
    if (poll(&input, 1, 10) > 0) {
      char byte;
      if (read(STDIN_FILENO, &byte, 1) <= 0)
        return 0;
    }
  }
}
