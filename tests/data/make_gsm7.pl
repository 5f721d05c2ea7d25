#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Prints src/rules/data/gsm7.txt: every character that Perl's Encode::GSM0338 can encode, with its
# cost. tests/rules/message_test.cc compares the encoder with it.
use strict;
use warnings;
use Encode;
use Encode::GSM0338;
binmode STDOUT, ':encoding(UTF-8)';
print <<'END';
# What a character of an SMS costs (GSM 03.38): code point, septets, character.
#
# An SMS of one segment has 160 septets, each of several 153. A text with any character that is not in this list is UCS-2
# as a whole: 70 units for one segment, 67 for each of several, and a character costs one unit, or two beyond U+FFFF.
END
for my $c (0 .. 0x10FFFF) {
  next if $c >= 0xD800 && $c <= 0xDFFF;
  my $text = chr($c);
  my $bytes = eval { Encode::encode('gsm0338', $text, Encode::FB_CROAK) };
  next unless defined $bytes && length $bytes;
  printf "%04X %d%s\n", $c, length $bytes, $c > 0x20 ? ' ' . chr($c) : '';
}
