#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Prints every code point that Perl's Encode::GSM0338 can encode, with its length in septets: the
# table that tests/rules/message_test.cc compares the encoder with.
use strict;
use warnings;
use Encode;
use Encode::GSM0338;
for my $c (0 .. 0x10FFFF) {
  next if $c >= 0xD800 && $c <= 0xDFFF;
  my $text = chr($c);
  my $bytes = eval { Encode::encode('gsm0338', $text, Encode::FB_CROAK) };
  next unless defined $bytes && length $bytes;
  printf "%04X %d\n", $c, length $bytes;
}
