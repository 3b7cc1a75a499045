//! Training, inference and integrated gradients of the network.

use super::{Peer, Row};
use crate::bench_peers::agreement::Tolerance::Deviations;

const TENSORFLOW: Peer = Peer {
    name: "TensorFlow f32",
    script: "tensorflow_network.py",
    settings: &["conv1d", "conv2d"],
    tolerance: Deviations(1e-3),
};

const PYTORCH: Peer = Peer {
    name: "PyTorch f32",
    script: "torch_network.py",
    settings: &["f32/conv1d", "f32/conv2d", "f32/channels-last"],
    tolerance: Deviations(1e-3),
};

/// bf16 keeps 8 bits of each number, and its outputs are that rough.
const PYTORCH_BF16: Peer = Peer {
    name: "PyTorch best bf16",
    script: "torch_network.py",
    settings: &[
        "autocast/conv1d",
        "autocast/conv2d",
        "autocast/channels-last",
        "bf16/conv1d",
        "bf16/conv2d",
        "bf16/channels-last",
    ],
    tolerance: Deviations(0.2),
};

/// Attributions are sums over gates of ReLUs, which rounding opens and shuts.
const PYTORCH_PATHS: Peer = Peer {
    settings: &["f32/conv1d/25", "f32/channels-last/25", "f32/channels-last/50"],
    tolerance: Deviations(1e-2),
    ..PYTORCH
};

const PYTORCH_BF16_PATHS: Peer = Peer {
    settings: &[
        "autocast/conv1d/25",
        "autocast/channels-last/25",
        "bf16/conv1d/25",
        "bf16/conv2d/25",
        "bf16/channels-last/25",
        "bf16/channels-last/50",
    ],
    tolerance: Deviations(0.5),
    ..PYTORCH_BF16
};

const CAPTUM: Peer = Peer {
    name: "captum f32",
    settings: &["captum/conv1d/25", "captum/channels-last/25"],
    tolerance: Deviations(1e-2),
    ..PYTORCH
};

const INFERENCE: [Peer; 3] = [TENSORFLOW, PYTORCH, PYTORCH_BF16];

/// Trainings are compared after a step of Adam, whose size does not depend on that of the
/// gradient: where it is next to 0 its rounding decides.
const TRAINING: [Peer; 3] = [
    Peer { tolerance: Deviations(3e-2), ..TENSORFLOW },
    Peer { tolerance: Deviations(3e-2), ..PYTORCH },
    Peer { tolerance: Deviations(2.0), ..PYTORCH_BF16 },
];

/// Kernels of the first convolution and the kernels' size, by the name of what differs.
const NETWORKS: [(&str, usize, usize); 6] = [
    ("", 64, 20),
    ("-k50", 64, 50),
    ("-k100", 64, 100),
    ("-k1-16", 16, 20),
    ("-k1-32", 32, 20),
    ("-k1-128", 128, 20),
];

pub fn rows() -> Vec<Row> {
    let explain = Row {
        name: "explain".into(),
        task: "explain 64 20".into(),
        unit: "s/gene",
        units_a_run: 2.0,
        memory: true,
        peers: vec![PYTORCH_PATHS, PYTORCH_BF16_PATHS, CAPTUM],
    };
    let (trainings, inferences) = (NETWORKS.iter().map(training), NETWORKS.iter().map(inference));
    trainings.chain(inferences).chain([explain]).collect()
}

fn training(&(name, k1, kernel): &(&str, usize, usize)) -> Row {
    Row {
        name: format!("train{name}"),
        task: format!("train {k1} {kernel}"),
        unit: "s/step",
        units_a_run: 1.0,
        memory: name.is_empty(),
        peers: some_of(&TRAINING, name),
    }
}

fn inference(&(name, k1, kernel): &(&str, usize, usize)) -> Row {
    Row {
        name: format!("infer{name}"),
        task: format!("infer {k1} {kernel}"),
        unit: "s/gene",
        units_a_run: 100.0,
        memory: false,
        peers: some_of(&INFERENCE, name),
    }
}

/// bf16 only of the preset's network.
fn some_of(peers: &[Peer; 3], name: &str) -> Vec<Peer> {
    let bf16 = |peer: &Peer| peer.name == PYTORCH_BF16.name;
    peers.iter().filter(|peer| name.is_empty() || !bf16(peer)).copied().collect()
}
