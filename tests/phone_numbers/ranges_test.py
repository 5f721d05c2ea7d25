#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of ranges.py on metadata of a made-up country, code 99, region XA, and its neighbour XB."""
import json
import pathlib
import tempfile
import unittest

import ranges


def metadata(folder, name, mobile, neighbour="8\\d{6}"):
    def region(pattern):
        return ["99", "00", "[2-9]\\d{6,7}", [7, 8], [], 0, 0, 0, 0, 0, 0, [["2\\d{6}", [7]], [pattern, [7]]]]
    path = pathlib.Path(folder) / name
    path.write_text(json.dumps({"version": 4, "country_calling_codes": {"99": ["XA", "XB"]},
                                "countries": {"XA": region(mobile), "XB": region(neighbour)}}))
    return ranges.Metadata(path)


class Ranges(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def of(self, mobile, **other):
        return metadata(self.folder.name, "m.json", mobile, **other)

    def test_patterns_match_what_they_say(self):
        def matches(pattern, digits):
            automaton = ranges.Automaton(pattern)
            state = automaton.start
            for digit in digits:
                state = automaton.next[state][int(digit)]
            return automaton.accepts[state]
        self.assertTrue(matches("3(?:[2-57]\\d|8{2})\\d{2,3}9?", "32012"))
        self.assertTrue(matches("3(?:[2-57]\\d|8{2})\\d{2,3}9?", "388129"))
        self.assertTrue(matches("3(?:[2-57]\\d|8{2})\\d{2,3}9?", "3701239"))
        self.assertFalse(matches("3(?:[2-57]\\d|8{2})\\d{2,3}9?", "36012"))
        self.assertFalse(matches("3(?:[2-57]\\d|8{2})\\d{2,3}9?", "3201"))
        self.assertFalse(matches("3(?:[2-57]\\d|8{2})\\d{2,3}9?", "38112"))

    def test_new_ranges_are_those_that_no_region_had(self):
        new = ranges.new_rows(self.of("3[0-4]\\d{5}"), self.of("3(?:[0-5]\\d|7[13])\\d{4}|[28]\\d{6}"))
        self.assertEqual(list(new), ["XA,+9935,9,mobile", "XA,+9937[13],9,mobile"])

    def test_a_range_is_of_the_first_region_that_has_it(self):
        new = ranges.new_rows(self.of("3\\d{6}"), self.of("[34]\\d{6}", neighbour="[458]\\d{6}"))
        self.assertEqual(list(new), ["XA,+994,9,mobile", "XB,+995,9,mobile"])

    def test_a_row_is_superfluous_when_all_its_numbers_are_valid(self):
        known = self.of("3[0-4]\\d{5}")
        for prefix, digits, expected in (("+993[0-4]", [9], True), ("+993[0-5]", [9], False), ("+9931", [9, 10], False),
                                         ("+992", [9], True), ("+9982", [9], False), ("+1324", [11], False)):
            self.assertEqual(ranges.is_known(known, "XA", prefix, digits), expected, prefix)
        self.assertFalse(ranges.is_known(known, "XC", "+9931", [9]))

    def test_the_table_can_be_read(self):
        rows = list(ranges.table())
        self.assertGreater(len(rows), 600)
        self.assertIn(("US", "+1324[2-9]", [11], "fixed-line-or-mobile"), rows)


if __name__ == "__main__":
    unittest.main()
