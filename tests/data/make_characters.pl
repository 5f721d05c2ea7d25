#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Prints every code point with one of Unicode's properties White_Space, Dash and Variation_Selector:
# the table that tests/base/characters_test.cc compares base/characters.h with.
use strict;
use warnings;
use Unicode::UCD;
printf "# Unicode %s\n", Unicode::UCD::UnicodeVersion();
for my $c (0 .. 0x10FFFF) {
  next if $c >= 0xD800 && $c <= 0xDFFF;
  my $text = chr($c);
  printf "%04X space\n", $c if $text =~ /\p{White_Space}/;
  printf "%04X dash\n", $c if $text =~ /\p{Dash}/;
  printf "%04X selector\n", $c if $text =~ /\p{Variation_Selector}/;
}
