"""How hard Hindi is to read, in a way that can be counted by hand.

There is no tested index for Hindi, so this counts what makes a text hard in any language: long
sentences and long words. A word is as long as it has akshara: a vowel, or a consonant with all
that is written onto it. The bounds are our own.
"""

from __future__ import annotations

import re

MOST_WORDS_ON_AVERAGE = 10
MOST_WORDS = 24
LONG_WORD_AKSHARA = 5
MOST_LONG_WORDS_PERCENT = 5

_WORD = re.compile(r"[\u0900-\u097f]+")
_SENTENCE = re.compile(r"[।?!:]+[”’]?\s*")
# An independent vowel, or a consonant that no virama joins to the one before.
_AKSHARA = re.compile(r"[\u0904-\u0914]|(?<!\u094d)[\u0915-\u0939]")


def sentences(text: str) -> list[str]:
    """The sentences of a text in Devanagari; what has fewer than four words is a label."""
    parts = (part.strip() for part in _SENTENCE.split(text))
    return [part for part in parts if len(_WORD.findall(part)) >= 4]


def akshara(word: str) -> int:
    """How many akshara a word has: आत्महत्या has four."""
    return len(_AKSHARA.findall(word))


def hard_to_read(texts: list[str]) -> list[str]:
    """What makes these hard for a child of ten; nothing where they are easy."""
    told = [sentence for text in texts for sentence in sentences(text)]
    lengths = [len(_WORD.findall(sentence)) for sentence in told]
    words = [word for sentence in told for word in _WORD.findall(sentence)]
    long_words = [word for word in words if akshara(word) >= LONG_WORD_AKSHARA]
    found = [each for each, length in zip(told, lengths, strict=True) if length > MOST_WORDS]
    if sum(lengths) > MOST_WORDS_ON_AVERAGE * len(told):
        found.append(f"{sum(lengths) / len(told):.1f} words in a sentence")
    if 100 * len(long_words) > MOST_LONG_WORDS_PERCENT * len(words):
        found.append(f"{len(long_words)} of {len(words)} words are long: {set(long_words)}")
    return found
