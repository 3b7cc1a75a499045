"""The network in PyTorch: `torch_network.py FOLDER SETTING train|infer|explain K1 KERNEL`.

SETTING is PRECISION/LAYOUT, for explain PRECISION/LAYOUT/NODES or captum/LAYOUT/NODES, where
NODES are the points of a path that go through the network together. PRECISION: f32, autocast (bf16 where PyTorch thinks
it safe), bf16 (everything). LAYOUT: conv1d (row, channel, position), conv2d
(row, channel, 1, position), channels-last (the same with channels innermost in
memory).
"""

import sys

import contestant
import specification as spec

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """Zero positions, convolution, batch norm, ReLU, dropout, pooling."""

    def __init__(self, flat, name, inputs, outputs, taps, padding=(0, 0), bias=True, pool=False):
        super().__init__()
        self.name, self.padding, self.pool, self.flat = name, padding, pool, flat
        size = taps if flat else (1, taps)
        self.conv = (nn.Conv1d if flat else nn.Conv2d)(inputs, outputs, size, bias=bias)
        self.bn = (nn.BatchNorm1d if flat else nn.BatchNorm2d)(
            outputs, eps=spec.EPSILON, momentum=1 - spec.MOMENTUM
        )

    def forward(self, x):
        x = self.bn(self.conv(F.pad(x, self.padding)))
        x = F.dropout(F.relu(x, inplace=True), Network.dropout, self.training)
        if not self.pool:
            return x
        return F.avg_pool1d(x, spec.POOL) if self.flat else F.avg_pool2d(x, (1, spec.POOL))

    def load(self, weights):
        # Ours is (taps, columns, in, out); channels of both columns lie side by side here.
        kernel = weights.pop(f"{self.name}.kernel")
        taps, outputs = kernel.shape[0], kernel.shape[-1]
        kernel = kernel.reshape(taps, -1, outputs).transpose(2, 1, 0)
        fill(self.conv.weight, kernel.reshape(self.conv.weight.shape))
        if self.conv.bias is not None:
            fill(self.conv.bias, weights.pop(f"{self.name}.bias"))
        load_batch_norm(self.bn, self.name.replace("conv", "bn"), weights)


class Dense(nn.Module):
    """Dense layer, batch norm, ReLU, dropout."""

    def __init__(self, name, inputs, outputs, drops):
        super().__init__()
        self.name, self.drops = name, drops
        self.linear = nn.Linear(inputs, outputs)
        self.bn = nn.BatchNorm1d(outputs, eps=spec.EPSILON, momentum=1 - spec.MOMENTUM)

    def forward(self, x):
        x = F.relu(self.bn(self.linear(x)))
        return F.dropout(x, Network.dropout, self.training and self.drops)

    def load(self, weights):
        load_linear(self.linear, self.name, weights)
        load_batch_norm(self.bn, f"{self.name}.bn", weights)


class Network(nn.Module):
    dropout = spec.DROPOUT

    def __init__(self, race, flat):
        super().__init__()
        k1, k2, taps = race.k1, race.k2, race.kernel
        merged1, merged2 = spec.MERGED_KERNELS
        self.linear = race.task == "explain"  # what is explained is before the last ReLU

        def branch(name, columns):
            return nn.Sequential(
                Block(flat, f"{name}.conv1", columns, k1, taps, spec.FIRST_PADDING, bias=False),
                Block(flat, f"{name}.conv2", k1, k2, taps, spec.SECOND_PADDING, pool=True),
            )

        self.tracks, self.dna = branch("epi", spec.TRACKS), branch("seq", spec.BASES)
        self.merged = nn.Sequential(
            Block(flat, "merged.conv1", 2 * k2, merged1, 2, spec.MERGED_PADDING),
            Block(flat, "merged.conv2", merged1, merged2, 1, pool=True),
        )
        units = [race.flat(), *spec.DENSE]
        drops = [True] * (len(spec.DENSE) - 1) + [False]
        self.dense = nn.Sequential(
            *(
                Dense(f"dense{i + 1}", units[i], units[i + 1], drop)
                for i, drop in enumerate(drops)
            )
        )
        self.out = nn.Linear(units[-1], 1)

    def forward(self, tracks, dna):
        x = self.merged(torch.cat([self.tracks(tracks), self.dna(dna)], 1))
        # Ours flattens (position, channel).
        x = x.reshape(*x.shape[:2], -1).transpose(1, 2).flatten(1)
        x = self.out(self.dense(x))[:, 0]
        return x if self.linear else F.relu(x)

    def load(self, race):
        """Gives every layer our weights; each must be used."""
        unused = dict(race.weights)
        for module in self.modules():
            if isinstance(module, (Block, Dense)):
                module.load(unused)
        load_linear(self.out, "out", unused)
        if unused:
            raise ValueError(f"the network has no {sorted(unused)}")
        race.check_parameters(sum(p.numel() for p in self.parameters()))

    def groups(self):
        """Kernels, which are penalised, and the rest."""
        kernels = [p for p in self.parameters() if p.dim() > 1]
        rest = [p for p in self.parameters() if p.dim() == 1]
        # Adam adds decay * w to the gradient: half the derivative of decay * w^2.
        return [
            {"params": kernels, "weight_decay": 2 * spec.PENALTY},
            {"params": rest, "weight_decay": 0.0},
        ]


@torch.no_grad()
def fill(parameter, values):
    parameter.copy_(torch.from_numpy(values.copy()))


def load_linear(layer, name, weights):
    fill(layer.weight, weights.pop(f"{name}.kernel").T)
    fill(layer.bias, weights.pop(f"{name}.bias"))


def load_batch_norm(layer, name, weights):
    fill(layer.weight, weights.pop(f"{name}.gamma"))
    fill(layer.bias, weights.pop(f"{name}.beta"))
    fill(layer.running_mean, weights.pop(f"{name}.moving_mean"))
    fill(layer.running_var, weights.pop(f"{name}.moving_variance"))


def integrated_gradients(network, inputs, at_once, memory):
    """From an input of zeros, row by row, a few nodes at a time."""
    places, weights = (torch.from_numpy(x).to(inputs[0].dtype) for x in spec.nodes())
    found = [torch.zeros_like(x) for x in inputs]
    for row in range(spec.EXPLAINED):
        ends = [x[row : row + 1] for x in inputs]
        for part in range(0, spec.STEPS, at_once):
            along = [w[part : part + at_once] for w in (places, weights)]
            along = [w.reshape(-1, *[1] * (ends[0].dim() - 1)) for w in along]
            points = [(along[0] * end).contiguous(memory_format=memory) for end in ends]
            points = [point.requires_grad_() for point in points]
            slopes = torch.autograd.grad(network(*points).sum(), points)
            for sums, end, slope in zip(found, ends, slopes):
                sums[row] += (end * (slope * along[1]).sum(0, keepdim=True))[0]
    return found


def by_captum(network, inputs, at_once):
    from captum.attr import IntegratedGradients

    method = IntegratedGradients(network)
    settings = {"n_steps": spec.STEPS, "method": "gausslegendre", "internal_batch_size": at_once}
    return method.attribute(tuple(inputs), tuple(torch.zeros_like(x) for x in inputs), **settings)


def main(folder, setting, task, k1, kernel):
    precision, layout, *nodes = setting.split("/")
    torch.set_num_threads(contestant.THREADS)
    race = spec.read(folder, task, k1, kernel)
    number = torch.bfloat16 if precision == "bf16" else torch.float32
    memory = torch.channels_last if layout == "channels-last" else torch.contiguous_format
    network = Network(race, flat=layout == "conv1d")
    network.load(race)
    network = network.to(number, memory_format=memory)

    def given(values):
        x = torch.from_numpy(values).to(number).transpose(1, 2)
        x = x if layout == "conv1d" else x.unsqueeze(2)
        return x.contiguous(memory_format=memory)

    inputs = given(race.tracks), given(race.dna)
    target = torch.from_numpy(race.target).to(number)

    def optimiser():
        settings = {"lr": spec.RATE, "betas": spec.BETAS, "eps": spec.ADAM_EPSILON}
        return torch.optim.Adam(network.groups(), **settings, fused=True)

    adam = optimiser()
    autocast = torch.autocast("cpu", torch.bfloat16, enabled=precision == "autocast")

    @torch.inference_mode()
    def infer():
        network.eval()
        with autocast:
            return network(*inputs).float().numpy()

    def train():
        network.train()
        with autocast:
            output = network(*inputs)
            loss = F.mse_loss(output, target)
        loss.backward()
        adam.step()
        adam.zero_grad()
        return output.detach().float().numpy()

    def check_training():
        """Predictions, and the outputs of two steps without dropout."""
        nonlocal adam
        Network.dropout = 0.0
        numbers = [infer(), train(), train()]
        Network.dropout, adam = spec.DROPOUT, optimiser()
        network.load(race)
        return [number for some in numbers for number in some]

    def explain():
        network.eval().requires_grad_(False)
        explained = [x[: spec.EXPLAINED] for x in inputs]
        with autocast:
            if precision == "captum":
                found = by_captum(network, explained, int(nodes[0]))
            else:
                found = integrated_gradients(network, explained, int(nodes[0]), memory)
        return race.attributed(*(x.float().flatten(2).transpose(1, 2).numpy() for x in found))

    tasks = {"train": train, "infer": infer, "explain": explain}
    checks = {**tasks, "train": check_training}
    contestant.serve(check=checks[race.task], run=tasks[race.task])


main(*sys.argv[1:])
