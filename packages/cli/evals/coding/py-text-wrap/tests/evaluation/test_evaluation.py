import unittest

from textfill.help import render_help
from textfill.wrap import paragraphs, wrap


class Wrapping(unittest.TestCase):
    def test_fills_greedily(self):
        self.assertEqual(wrap("the quick brown fox jumps", 10), "the quick\nbrown fox\njumps")
        self.assertEqual(wrap("aaa bbb ccc", 11), "aaa bbb ccc")
        self.assertEqual(wrap("aaa bbb ccc", 10), "aaa bbb\nccc")

    def test_indents_count(self):
        self.assertEqual(wrap("aa bb cc dd", 7, indent="* ", hanging="  "), "* aa bb\n  cc dd")
        self.assertEqual(wrap("aa bb cc", 6, hanging="    "), "aa bb\n    cc")

    def test_breaks_long_words(self):
        self.assertEqual(wrap("abcdefghij", 4), "abcd\nefgh\nij")
        self.assertEqual(wrap("xx abcdefghij yy", 4, hanging=" "), "xx\n abc\n def\n ghi\n j\n yy")
        self.assertEqual(wrap("abcdef gh", 4), "abcd\nef\ngh")
        self.assertEqual(wrap("abcde f", 4), "abcd\ne f")

    def test_a_word_that_fits_elsewhere_is_not_broken(self):
        self.assertEqual(wrap("a bcdef", 5), "a\nbcdef")

    def test_paragraphs(self):
        self.assertEqual(wrap("one\ntwo\n\n\n \nthree  four", 20, indent="  "), "  one two\n\n  three four")
        self.assertEqual(wrap("\n\n", 10), "")
        self.assertEqual(wrap("", 10, indent="  "), "")
        self.assertEqual(paragraphs("a\n\n\nb c"), [["a"], ["b", "c"]])

    def test_tabs_are_blanks(self):
        self.assertEqual(wrap(" a\t\tb ", 10), "a b")

    def test_no_line_ends_with_blanks(self):
        for width in range(3, 20):
            for line in wrap("lorem ipsum dolor sit amet consectetur", width, hanging="  ").split("\n"):
                self.assertEqual(line, line.rstrip())
                self.assertLessEqual(len(line), width)

    def test_refuses_a_width_without_room(self):
        for width, indent, hanging in ((0, "", ""), (2, "  ", ""), (2, "", "   ")):
            with self.assertRaises(ValueError):
                wrap("a", width, indent=indent, hanging=hanging)

    def test_help(self):
        text = render_help({"verbose": "tell what happens while it happens, line by line", "all": "everything"})
        expected = (
            "  --all\n      everything\n  --verbose\n"
            "      tell what happens while it\n      happens, line by line\n"
        )
        self.assertEqual(text, expected)


if __name__ == "__main__":
    unittest.main()
