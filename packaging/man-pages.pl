#!/usr/bin/perl
# usage: man-pages.pl OUT    makes the man pages of docs/man in the folder OUT.
# A line @TABLE FILE HEADING@ becomes the rows of the table below that heading of FILE, so that keys, defaults and legal values are
# written once, in docs/configuration.md, where tests compare them with the code.
use strict;
use warnings;
use File::Basename;
use File::Glob ':bsd_glob'; # blanks in a path are no separators
use POSIX 'strftime';

my $root = dirname(__FILE__) . '/..';
my $out = shift // die "usage: man-pages.pl OUT\n";
my $date = strftime('%Y-%m-%d', gmtime($ENV{SOURCE_DATE_EPOCH} // time));
my ($version) = slurp("$root/Directory.Build.props") =~ m{<VersionPrefix>(.*?)</VersionPrefix>};

mkdir $out;
for my $source (glob "$root/docs/man/*.in") {
    my $page = slurp($source);
    $page =~ s/^\@TABLE (\S+) (.*)\@$/table($1, $2)/gme;
    $page =~ s/\@VERSION\@/$version/g;
    $page =~ s/\@DATE\@/$date/g;
    my $name = basename($source, '.in');
    open my $file, '>', "$out/$name" or die "$out/$name: $!\n";
    print $file $page;
    close $file or die "$out/$name: $!\n";
}

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    local $/;
    return <$file>;
}

sub table {
    my ($path, $heading) = @_;
    my ($section) = slurp("$root/$path") =~ /^\Q$heading\E\n(.*?)(?=^#|\z)/ms or die "$path has no heading $heading\n";
    my @rows = map { [map { s/^\s+|\s+$//gr } split /\s\|\s/, s/^\||\|$//gr] } grep { /^\| `/ } split /\n/, $section;
    @rows or die "$path has no table below $heading\n";
    return join "\n", map { row(@$_) } @rows;
}

# Columns: key, type, default, legal values, what it does.
sub row {
    my ($key, $type, $default, $legal, $what) = map { roff($_) } @_;
    return ".TP\n$key ($type)\n" . ($what =~ s/^/\\&/r) . ".\n.br\nDefault: $default. Legal: $legal.";
}

# The little markdown that the tables have.
sub roff {
    my ($text) = @_;
    $text =~ s/\\/\\e/g;
    $text =~ s/\[([^]]*)\]\([^)]*\)/$1/g;
    $text =~ s/`([^`]*)`/'\\fB' . ($1 =~ s{-}{\\-}gr) . '\\fR'/ge;
    $text =~ s/(?<!\*)\*(\w[^*]*)\*/\\fI$1\\fR/g;
    $text =~ s/→/\\(->/g;
    $text =~ s/…/.../g;
    return $text;
}
