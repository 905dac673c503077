#!/usr/bin/perl
# Makes pairs of connected unix sockets, and hands their ends to the CRIUs that restore the containers between which the
# connections go. Node.js sets no options of such a socket and takes no descriptor from another process; Perl is in every
# Debian, and so in the agent's image.
#
#   ends.pl hold
#   ends.pl take PID FD=AS... -- COMMAND...
#
# `hold` is told by lines on its input what to make. Ends are numbered from 0; those of a pair are 2n and 2n+1.
#
#   pair TYPE                 SOCK_STREAM or SOCK_SEQPACKET, as a number
#   queue END HEX             bytes that END has not read yet, one packet
#   buffers END SEND RECEIVE  as getsockopt tells them
#   number END NAME VALUE     an option of SOL_SOCKET, by its number
#   time END NAME SEC USEC    likewise
#   shut END HOW              as shutdown(2) takes it
#   nonblock END
#   made                      answered by "holds FD FD...", in the order of the ends
#
# It keeps them until its input ends. `take` becomes COMMAND, which has descriptors of the holder PID as AS.
use strict;
use warnings;
use Fcntl;
use POSIX ();
use Socket;

# The same on every architecture (Linux, scripts/syscall.tbl).
my ($pidfd_open, $pidfd_getfd) = (434, 438);
# asm-generic/socket.h
my ($send_buffer, $receive_buffer) = (32, 33);

sub take {
  my $holder = shift;
  my $process = syscall $pidfd_open, $holder + 0, 0;
  die "pidfd_open $holder: $!\n" if $process < 0;
  while (@_ && (my $word = shift) ne '--') {
    my ($from, $to) = split /=/, $word;
    my $descriptor = syscall $pidfd_getfd, $process, $from + 0, 0;
    die "pidfd_getfd $holder, $from: $!\n" if $descriptor < 0;
    POSIX::dup2($descriptor, $to) or die "dup2 $to: $!\n";    # which is not closed by exec
    POSIX::close($descriptor);
  }
  exec { $_[0] } @_ or die "exec $_[0]: $!\n";
}

my @ends;

sub set {
  my ($end, $name, $value) = @_;
  setsockopt $ends[$end], SOL_SOCKET, $name, $value or die "setsockopt $name: $!\n";
}

sub blocking {
  my ($end, $is_blocking) = @_;
  my $flags = fcntl $ends[$end], F_GETFL, 0 or die "fcntl: $!\n";
  $flags = $is_blocking ? $flags & ~O_NONBLOCK : $flags | O_NONBLOCK;
  fcntl $ends[$end], F_SETFL, $flags or die "fcntl: $!\n";
}

my %words = (
  pair => sub {
    my ($type) = @_;
    socketpair my $one, my $other, AF_UNIX, $type, 0 or die "socketpair: $!\n";
    push @ends, $one, $other;
  },
  # What does not fit at once never will: nobody reads.
  queue => sub {
    my ($end, $hex) = @_;
    my $writer = $end ^ 1;
    set($writer, $send_buffer, pack 'i', 0x3fffffff);
    blocking($writer, 0);
    my $bytes = pack 'H*', $hex;
    my $written = syswrite $ends[$writer], $bytes;
    die "write: $!\n" unless defined $written;
    die "only $written of ${\length $bytes} bytes could be written\n" if $written != length $bytes;
    blocking($writer, 1);
  },
  buffers => sub {
    my ($end, $send, $receive) = @_;
    set($end, $send_buffer, pack 'i', $send / 2);    # the kernel doubles it
    set($end, $receive_buffer, pack 'i', $receive / 2);
  },
  number => sub { my ($end, $name, $value) = @_; set($end, $name, pack 'i', $value) },
  time => sub { my ($end, $name, $sec, $usec) = @_; set($end, $name, pack 'l!l!', $sec, $usec) },
  shut => sub { my ($end, $how) = @_; shutdown $ends[$end], $how or die "shutdown: $!\n" },
  nonblock => sub { my ($end) = @_; blocking($end, 0) },
  made => sub { print join(' ', 'holds', map { fileno $_ } @ends), "\n" },
);

sub hold {
  $| = 1;
  while (my $line = <STDIN>) {
    my ($word, @rest) = split ' ', $line;
    my $do = $words{$word} or die "unknown word $word\n";
    $do->(@rest);
  }
}

my $mode = shift // '';
if    ($mode eq 'hold') { hold() }
elsif ($mode eq 'take') { take(@ARGV) }
else                    { die "ends.pl hold | take PID FD=AS... -- COMMAND...\n" }
