#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Prints src/base/character_table.h from the Unicode data that Perl brings along:
#   perl src/base/character_table.pl > src/base/character_table.h
#   perl src/base/character_table.pl --check src/base/character_table.h
# --check exits with 1 when the file is stale, and with 77 when this Perl has another version of Unicode than the file.
use strict;
use warnings;
use Unicode::UCD;

# Characters with the property Dash that are younger than Unicode 14.
my %later_dash = map { $_ => 1 } (0x10D6E);

# The flags of src/base/characters.h.
sub flags_of {
  my ($c) = @_;
  return 0 if $c >= 0xD800 && $c <= 0xDFFF;
  my $char = chr $c;
  my $flags = 0;
  my $shows_nothing = $char =~ /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}]/ || $c == 0x2800;
  $flags |= 1 if $char =~ /\p{White_Space}/;
  $flags |= 2 if $char =~ /\p{Dash}/ || $later_dash{$c};
  $flags |= 4
    if ($c >= 0x200B && $c <= 0x200F) || ($c >= 0x202A && $c <= 0x202E) || ($c >= 0x2060 && $c <= 0x2069)
    || $c == 0xFEFF || $char =~ /\p{Variation_Selector}/;
  $flags |= 8 if $char =~ /[\p{Default_Ignorable_Code_Point}\p{Cf}]/;
  # What is not assigned yet may become a letter.
  $flags |= 16 if $char =~ /[\p{L}\p{M}\p{N}\p{Cn}]/ && !$shows_nothing && !$later_dash{$c};
  $flags |= 32 if !$shows_nothing && $char !~ /[\p{Cc}\p{Co}]/;
  return $flags;
}

my @runs;
my $before = -1;
for my $c (0 .. 0x10FFFF) {
  no warnings 'utf8';
  my $flags = flags_of($c);
  push @runs, $c << 8 | $flags if $flags != $before;
  $before = $flags;
}

my $version = Unicode::UCD::UnicodeVersion();
my $count = @runs;
my $text = <<"END";
// SPDX-License-Identifier: Apache-2.0
// Written by character_table.pl from Unicode $version; do not edit. See characters.h.
#ifndef OTPCORE_SRC_BASE_CHARACTER_TABLE_H_
#define OTPCORE_SRC_BASE_CHARACTER_TABLE_H_

#include <cstdint>

namespace otpcore {

// Runs of code points with equal flags, in order: the first code point of a run << 8 | its flags.
// A run ends where the next one starts.
// clang-format off
inline constexpr uint32_t kCharacterRuns[$count] = {
END
while (my @row = splice @runs, 0, 8) {
  $text .= '    ' . join(' ', map { sprintf '0x%08X,', $_ } @row) . "\n";
}
$text .= <<"END";
};
// clang-format on

}  // namespace otpcore

#endif  // OTPCORE_SRC_BASE_CHARACTER_TABLE_H_
END

if (@ARGV == 2 && $ARGV[0] eq '--check') {
  open my $file, '<', $ARGV[1] or die "$ARGV[1]: $!\n";
  my $kept = do { local $/; <$file> };
  exit 77 if $kept !~ /from Unicode \Q$version\E;/;
  exit 0 if $kept eq $text;
  print STDERR "$ARGV[1] is stale: run src/base/character_table.pl\n";
  exit 1;
}
print $text;
