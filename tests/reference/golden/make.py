"""Makes torch.json: what PyTorch 1.13 in float64 says about both shipped models, with its own layers (Linear,
LayerNorm, gelu, softmax), so that the float64 reference beside this folder is itself held against something else.

usage: python3 make.py MODELS_FOLDER > torch.json      (Debian: python3-torch)
"""
import hashlib, json, os, struct, sys
import torch, torch.nn.functional as F

torch.set_grad_enabled(False)
folder = sys.argv[1]


def checkpoint(name):
    raw = open(os.path.join(folder, name, 'model.safetensors'), 'rb').read()
    n, = struct.unpack('<Q', raw[:8])
    out = {}
    for key, entry in json.loads(raw[8:8 + n]).items():
        if key == '__metadata__':
            continue
        assert entry['dtype'] == 'F16'
        begin, end = entry['data_offsets']
        half = torch.frombuffer(bytearray(raw[8 + n + begin:8 + n + end]), dtype=torch.float16)
        out[key] = half.reshape(entry['shape']).double()
    return out, json.load(open(os.path.join(folder, name, 'config.json')))


def attend(q, k, v, heads, causal):
    n, d = q.shape
    q, k, v = (x.view(n, heads, d // heads).transpose(0, 1) for x in (q, k, v))
    scores = q @ k.transpose(1, 2) / (d // heads) ** .5
    if causal:
        scores = scores.masked_fill(torch.ones(n, n, dtype=torch.bool).triu(1), float('-inf'))
    weight = torch.softmax(scores, -1)
    return (weight @ v).transpose(0, 1).reshape(n, d), weight


def gpt(ids):
    t, c = checkpoint('tiny-gpt')
    d, eps = c['n_embd'], c['layer_norm_epsilon']
    ln = lambda x, p: F.layer_norm(x, (d,), t[p + '.weight'], t[p + '.bias'], eps)
    conv = lambda x, p: torch.addmm(t[p + '.bias'], x, t[p + '.weight'])
    gelu = lambda x: 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** .5 * (x + 0.044715 * x ** 3)))
    x = F.embedding(ids, t['wte.weight']) + t['wpe.weight'][:len(ids)]
    weights = []
    for l in range(c['n_layer']):
        z, w = attend(*conv(ln(x, f'h.{l}.ln_1'), f'h.{l}.attn.c_attn').chunk(3, -1), c['n_head'], True)
        x = x + conv(z, f'h.{l}.attn.c_proj')
        x = x + conv(gelu(conv(ln(x, f'h.{l}.ln_2'), f'h.{l}.mlp.c_fc')), f'h.{l}.mlp.c_proj')
        weights.append(w)
    return ln(x, 'ln_f') @ t['wte.weight'].t(), x, weights


def bert(ids):
    t, c = checkpoint('tiny-bert')
    d, eps = c['hidden_size'], c['layer_norm_eps']
    ln = lambda x, p: F.layer_norm(x, (d,), t[p + '.weight'], t[p + '.bias'], eps)
    linear = lambda x, p: F.linear(x, t[p + '.weight'], t[p + '.bias'])
    e = 'bert.embeddings.'
    x = ln(t[e + 'word_embeddings.weight'][ids] + t[e + 'position_embeddings.weight'][:len(ids)]
           + t[e + 'token_type_embeddings.weight'][0], e + 'LayerNorm')
    weights = []
    for l in range(c['num_hidden_layers']):
        p = f'bert.encoder.layer.{l}.'
        q, k, v = (linear(x, p + 'attention.self.' + name) for name in ('query', 'key', 'value'))
        z, w = attend(q, k, v, c['num_attention_heads'], False)
        x = ln(x + linear(z, p + 'attention.output.dense'), p + 'attention.output.LayerNorm')
        h = F.gelu(linear(x, p + 'intermediate.dense'))
        x = ln(x + linear(h, p + 'output.dense'), p + 'output.LayerNorm')
        weights.append(w)
    h = ln(F.gelu(linear(x, 'cls.predictions.transform.dense')), 'cls.predictions.transform.LayerNorm')
    return F.linear(h, t[e + 'word_embeddings.weight'], t['cls.predictions.bias']), x, weights


# Any ids will do; these walk over the vocabulary, and the masked-word model gets its [CLS], [MASK] and [SEP].
walk = [(i * 1237 + 511) % 4091 + 5 for i in range(40)]
cases = []
for name, network, ids in (('tiny-gpt', gpt, walk), ('tiny-bert', bert, [2] + walk[:20] + [4] + walk[21:] + [3])):
    logits, residual, weights = network(torch.tensor(ids))
    raw = open(os.path.join(folder, name, 'model.safetensors'), 'rb').read()
    cases.append({
        'model': name, 'sha256': hashlib.sha256(raw).hexdigest(), 'ids': ids,
        'logits': {str(row): logits[row, ::97].tolist() for row in (0, 21, len(ids) - 1)},
        'resid_post': residual[21].tolist(),
        'weights': [[w[h, 21].tolist() for h in range(w.shape[0])] for w in weights],
    })
json.dump({'made': f'PyTorch {torch.__version__}, float64', 'cases': cases}, sys.stdout)
