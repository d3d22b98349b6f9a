#!/usr/bin/perl
# usage: road.pl README.md >SCRIPT
# Makes a script of the README's road to enforced mode: the blocks marked "road", and the JSON that is to be written to a path, unchanged and in
# their order. The script calls what road.sh has: typed (what a person does, with its number), session (a command, and on its standard input what the README
# shows of its output), publisher_root_key (the publisher's own word, which replaces <root key id>).
use strict;
use warnings;

local $/;
my $readme = <>;
my $blocks = 0;
while ($readme =~ /^```(\S+)(?: ([^\n]*))?\n(.*?)^```$/msg) {
    my ($language, $words, $text) = ($1, $2 // '', $3);
    if ($language eq 'json' && $words =~ m{(/\S+)}) {
        print "typed 'write $1'\nsed \"s/<root key id>/\$(publisher_root_key)/\" >'$1' <<'BLOCK'\n${text}BLOCK\n";
    }
    elsif ($language eq 'sh' && $words =~ /\broad\b/) {
        print "typed ", quoted($_), "\n$_\n" for split /\n/, $text;
    }
    elsif ($language eq 'console' && $words =~ /\broad\b/) {
        for my $step (split /^(?=\$ )/m, $text) {
            my ($command, $shown) = $step =~ /^\$ ([^\n]*)\n(.*)/s;
            print "typed ", quoted($command), "\nsession ", quoted($command), " <<'BLOCK'\n${shown}BLOCK\n";
        }
    }
    else {
        next;
    }
    $blocks++;
}
$blocks >= 8 or die "road.pl: the road has only $blocks steps\n";

sub quoted { return "'" . ($_[0] =~ s/'/'\\''/gr) . "'" }
