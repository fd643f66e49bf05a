"""The character sets of GS1 (General Specifications, figures 7.11-1 to 7.11-4), in the order of their values."""

BLANKS = " \t\r\n"  # around a text, where they mean nothing
GS = "\x1d"  # how scanners send FNC1 between two element strings

DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS = CAPITALS + CAPITALS.lower()

CSET_82 = "!\"%&'()*+,-./" + DIGITS + ":;<=>?" + CAPITALS + "_" + CAPITALS.lower()
CSET_39 = "#-/" + DIGITS + CAPITALS
CSET_64 = LETTERS + DIGITS + "-_"
CSET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # of check pairs: no look-alikes
