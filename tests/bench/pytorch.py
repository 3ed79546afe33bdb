#!/usr/bin/env python3
"""Training beside PyTorch's: the same GPT-2 from the same parameters on the same batches, one thread each.

    cmake --preset bench && cmake --build --preset bench --target limelight-training-bench
    python3 tests/bench/pytorch.py [--steps 200] [--batch 8] [--rounds 3] [--sizes 128x4,192x5]

Prints, for each size, how far the two losses are from each other over the steps, and tokens a second of forward, backward
and AdamW: medians over the steps of rounds in which both take turns. Needs PyTorch (Debian: python3-torch and, for a fast
BLAS, libopenblas0-pthread).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before torch is loaded
os.environ["OMP_WAIT_POLICY"] = "passive"

import torch
import torch.nn.functional as F

PROGRAM = Path(__file__).resolve().parents[2] / "build/native/limelight-training-bench"
VOCABULARY, LENGTH, HEAD_DIM = 4096, 128, 32
# As tests/bench/cpp/training.cpp has them.
RATE, BETAS, EPSILON, DECAY, CLIP = 1e-3, (0.9, 0.999), 1e-8, 0.01, 1.0


def read_safetensors(path):
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    header.pop("__metadata__", None)
    data = bytearray(raw[8 + size :])
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        numbers = torch.frombuffer(data, dtype=torch.float32, count=(end - begin) // 4, offset=begin)
        tensors[name] = numbers.reshape(entry["shape"]).clone().requires_grad_()
    return tensors


class Gpt2:
    """modeling_gpt2.py as functions of a checkpoint's tensors, with an output matrix of its own."""

    def __init__(self, parameters, heads):
        self.parameters = parameters
        self.heads = heads
        self.layers = sum(name.endswith("attn.c_attn.weight") for name in parameters)
        self.hidden = torch.full((LENGTH, LENGTH), float("-inf")).triu(1)

    def linear(self, x, name):
        return torch.addmm(self.parameters[name + ".bias"], x, self.parameters[name + ".weight"])

    def norm(self, x, name):
        weight, bias = self.parameters[name + ".weight"], self.parameters[name + ".bias"]
        return F.layer_norm(x, weight.shape, weight, bias, 1e-5)

    def attention(self, qkv, batch):
        width = qkv.shape[1] // 3
        shape = (batch, LENGTH, self.heads, width // self.heads)
        q, k, v = (part.reshape(shape).transpose(1, 2) for part in qkv.split(width, dim=1))
        if hasattr(F, "scaled_dot_product_attention"):
            out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = q @ k.transpose(2, 3) * (width // self.heads) ** -0.5 + self.hidden
            out = torch.softmax(scores, dim=-1) @ v
        return out.transpose(1, 2).reshape(batch * LENGTH, width)

    def loss(self, ids, targets):
        p, batch = self.parameters, ids.shape[0]
        x = F.embedding(ids, p["transformer.wte.weight"]) + p["transformer.wpe.weight"]
        x = x.reshape(batch * LENGTH, -1)
        for layer in range(self.layers):
            h = f"transformer.h.{layer}"
            qkv = self.linear(self.norm(x, h + ".ln_1"), h + ".attn.c_attn")
            x = x + self.linear(self.attention(qkv, batch), h + ".attn.c_proj")
            up = F.gelu(self.linear(self.norm(x, h + ".ln_2"), h + ".mlp.c_fc"), approximate="tanh")
            x = x + self.linear(up, h + ".mlp.c_proj")
        logits = self.norm(x, "transformer.ln_f") @ p["lm_head.weight"].T
        return F.cross_entropy(logits, targets.reshape(-1))


def train_torch(folder, heads, batch, steps):
    parameters = read_safetensors(folder / "model.safetensors")
    matrices = [p for p in parameters.values() if p.dim() > 1]
    vectors = [p for p in parameters.values() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=BETAS, eps=EPSILON, foreach=True)
    network = Gpt2(parameters, heads)
    raw = bytearray((folder / "batches.bin").read_bytes())
    batches = torch.frombuffer(raw, dtype=torch.int32).reshape(steps, 2, batch, LENGTH).long()
    losses, seconds = [], []
    for ids, targets in batches:
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = network.loss(ids, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), CLIP)
        optimizer.step()
        seconds.append(time.perf_counter() - start)
        losses.append(loss.item())
    return losses, seconds, sum(p.numel() for p in parameters.values())


def train_limelight(folder, width, layers, batch, steps):
    numbers = [width, layers, VOCABULARY, LENGTH, batch, steps]
    command = [str(PROGRAM), str(folder), *map(str, numbers)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    losses, seconds = zip(*(map(float, line.split()) for line in lines))
    return list(losses), list(seconds)


def compare(width, layers, batch, steps, rounds):
    ours, theirs, ratios = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(rounds):
            our_losses, our_seconds = train_limelight(folder, width, layers, batch, steps)
            their_losses, their_seconds, parameters = train_torch(folder, width // HEAD_DIM, batch, steps)
            ours += our_seconds
            theirs += their_seconds
            ratios.append(statistics.median(their_seconds) / statistics.median(our_seconds))
    tokens = batch * LENGTH
    apart = max(abs(a - b) / b for a, b in zip(our_losses, their_losses))
    print(f"width {width}, {layers} layers, {parameters:,} parameters, {batch} x {LENGTH} tokens, {steps} steps:")
    print(f"  loss {our_losses[0]:.4f} -> {our_losses[-1]:.4f}; PyTorch {their_losses[0]:.4f} -> {their_losses[-1]:.4f}; at most {100 * apart:.4f} % apart")
    print(f"  Limelight {tokens / statistics.median(ours):.0f} tokens/s, PyTorch {tokens / statistics.median(theirs):.0f} tokens/s; by round {', '.join(f'{r:.2f}' for r in ratios)} times as fast", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--steps", type=int, default=200)
    options.add_argument("--batch", type=int, default=8)
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--sizes", default="128x4,192x5", help="WIDTHxLAYERS, ...")
    asked = options.parse_args()
    if not PROGRAM.exists():
        sys.exit(f"{PROGRAM} is missing: see the top of this file.")
    torch.set_num_threads(1)
    print(f"PyTorch {torch.__version__}, one thread each")
    for size in asked.sizes.split(","):
        compare(*map(int, size.split("x")), asked.batch, asked.steps, asked.rounds)


if __name__ == "__main__":
    main()
