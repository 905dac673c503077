#!/usr/bin/perl
# Takes the TCP sockets of processes out of repair mode (TCP_REPAIR, for which CRIU has it made).
#
#   end-repair.pl PID...
#
# Says how many were in it. CRIU leaves it at its own end, but not when it has to end at once: when a process that it
# holds is killed (criu/parasite-syscall.c, sigchld_handler), or when it is killed itself. A socket in repair mode sends
# nothing, fails to write with EINVAL, and vanishes without a FIN when it is closed: its peer waits for ever.
use strict;
use warnings;
use POSIX ();

# The same on every architecture (Linux, scripts/syscall.tbl).
my ($pidfd_open, $pidfd_getfd) = (434, 438);
my ($tcp, $tcp_repair) = (6, 19);    # linux/in.h, linux/tcp.h

my $ended = 0;
for my $pid (@ARGV) {
  my $process = syscall $pidfd_open, $pid + 0, 0;
  next if $process < 0;    # it has ended
  for my $link (glob "/proc/$pid/fd/*") {
    next unless (readlink $link // '') =~ /^socket:/;
    my ($number) = $link =~ /(\d+)$/;
    my $descriptor = syscall $pidfd_getfd, $process, $number + 0, 0;
    next if $descriptor < 0;
    open my $socket, '+<&=', $descriptor or die "fdopen: $!\n";
    my $state = getsockopt $socket, $tcp, $tcp_repair;    # of others than TCP sockets there is none
    if (defined $state && unpack('i', $state)) {
      setsockopt $socket, $tcp, $tcp_repair, pack 'i', 0 or die "setsockopt of process $pid: $!\n";
      $ended++;
    }
    close $socket;
  }
  POSIX::close($process);
}
print "$ended\n";
