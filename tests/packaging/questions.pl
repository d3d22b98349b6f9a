#!/usr/bin/perl
# usage: questions.pl plugin|gate SOCKET FOLDER CONNECTIONS
# Asks the plugin as dockerd does, or the gate as docker does, over connections that last, until the file FOLDER/asking is gone. Two of three
# questions are reads, which must be allowed; one is a create that must be refused because nothing is pinned. Nothing is asked twice: dockerd
# would ask again with an empty body after a broken connection, and be refused, and docker repeats no POST. While it runs FOLDER/N.asked has
# how many questions connection N has asked; at the end FOLDER/N.wrong has a line for every answer that was not right, one that begins with
# ALLOWED for a create that was let through.
use strict;
use warnings;
use IO::Socket::UNIX;

my ($whom, $path, $folder, $connections) = @ARGV;
defined $connections && $whom =~ /^(?:plugin|gate)$/ or die "usage: questions.pl plugin|gate SOCKET FOLDER CONNECTIONS\n";
# Not in the smallest Debian, where the gate is asked.
require MIME::Base64 if $whom eq 'plugin';
my $allowed = $whom eq 'plugin' ? qr/"Allow":true/ : qr{\AHTTP/1\.1 20};
for my $number (1 .. $connections) {
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        ask_on($number);
        exit 0;
    }
}
1 while wait != -1;

sub ask_on {
    my ($number) = @_;
    $SIG{PIPE} = 'IGNORE';
    open my $wrong, '>', "$folder/$number.wrong" or die "$folder/$number.wrong: $!\n";
    my ($socket, $asked) = (undef, 0);
    while (-e "$folder/asking") {
        my $create = $asked % 3 == 2;
        my $question = $create ? create("$number-$asked") : question('GET', '/v1.41/version');
        $socket //= IO::Socket::UNIX->new(Peer => $path);
        my ($answer, $closes) = $socket ? exchange($socket, $question) : ("no connection: $!", 1);
        $asked++;
        my $problem = $create ? of_create($answer) : $answer =~ $allowed ? undef : "read: $answer";
        print {$wrong} $problem =~ s/\s+/ /gr, "\n" if defined $problem;
        undef $socket if $closes;
        note($number, $asked) if $asked % 20 == 0;
    }
    close $wrong or die "$folder/$number.wrong: $!\n";
    note($number, $asked);
}

# Every image has a name of its own, so that every refusal is a decision and a record of its own.
sub create {
    my ($name) = @_;
    return question('POST', '/v1.41/containers/create', qq({"Image":"registry.example.com/questions/$name:1"}));
}

# The whole request as it is sent.
sub question {
    my ($method, $target, $body) = @_;
    return request($method, $target, $body // '') if $whom eq 'gate';
    my $seen = defined $body ? ',"RequestHeaders":{"Content-Type":"application/json"},"RequestBody":"' . MIME::Base64::encode_base64($body, '') . '"' : '';
    return request('POST', '/AuthZPlugin.AuthZReq', qq({"RequestMethod":"$method","RequestUri":"$target"$seen}));
}

sub request {
    my ($method, $target, $body) = @_;
    my $host = $whom eq 'gate' ? "docker\r\nContent-Type: application/json" : '';
    return "$method $target HTTP/1.1\r\nHost: $host\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
}

sub of_create {
    my ($answer) = @_;
    return "ALLOWED: $answer" if $answer =~ $allowed;
    return $answer =~ m{no root key is pinned for registry\.example\.com/questions/} ? undef : "create: $answer";
}

# The answer, and whether the connection is over. What is no whole answer is told as such.
sub exchange {
    my ($socket, $text) = @_;
    local $SIG{ALRM} = sub { die "no answer in 20 s\n" };
    my @result = eval {
        alarm 20;
        (syswrite($socket, $text) // 0) == length $text or die "broken while asking: $!\n";
        my $got = '';
        until ($got =~ /\r\n\r\n/) { more($socket, \$got) }
        my ($head, $body) = split /\r\n\r\n/, $got, 2;
        my ($length) = $head =~ /^Content-Length: (\d+)/mi or die "no length: $head\n";
        while (length $body < $length) { more($socket, \$body) }
        ("$head\r\n\r\n$body", $head =~ /^Connection: close/mi ? 1 : 0);
    };
    alarm 0;
    return @result ? @result : ($@, 1);
}

sub more {
    my ($socket, $buffer) = @_;
    my $read = sysread $socket, $$buffer, 65536, length $$buffer;
    die 'broken before the answer: ' . ($! || 'end of file') . "\n" unless $read;
}

sub note {
    my ($number, $asked) = @_;
    open my $file, '>', "$folder/$number.asked.new" or die "$folder/$number.asked: $!\n";
    print {$file} "$asked\n";
    close $file or die "$folder/$number.asked: $!\n";
    rename "$folder/$number.asked.new", "$folder/$number.asked" or die "$folder/$number.asked: $!\n";
}
