//! What is raced: to add a row, add it here, teach its task to benches/peers/ours.rs
//! and to the script of each peer.

/// One task that ours and its peers all do.
pub struct Row {
    /// Name, as `--only` takes it.
    pub name: String,
    /// The words that every contestant is started with.
    pub task: String,
    /// What a time is the time of.
    pub unit: &'static str,
    /// How many of them one run is.
    pub units_a_run: f64,
    /// Whether peak memory is a figure too.
    pub memory: bool,
    pub peers: Vec<Peer>,
}

/// What one would use instead.
#[derive(Clone, Copy)]
pub struct Peer {
    pub name: &'static str,
    /// Its script in benches/peers.
    pub script: &'static str,
    /// How it may be set; the fastest setting races.
    pub settings: &'static [&'static str],
    /// The largest difference from our numbers, in standard deviations of ours.
    pub tolerance: f64,
    /// The same after a training step.
    pub tolerance_trained: f64,
}

const TENSORFLOW: Peer = Peer {
    name: "TensorFlow f32",
    script: "tensorflow_network.py",
    settings: &["conv1d", "conv2d"],
    tolerance: 1e-3,
    tolerance_trained: 3e-2,
};

const PYTORCH: Peer = Peer {
    name: "PyTorch f32",
    script: "torch_network.py",
    settings: &["f32/conv1d", "f32/conv2d", "f32/channels-last"],
    tolerance: 1e-3,
    tolerance_trained: 3e-2,
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
    tolerance: 0.2,
    tolerance_trained: 2.0,
};

const PYBIGWIG: Peer = Peer {
    name: "pyBigWig",
    script: "pybigwig_extract.py",
    settings: &["processes"],
    tolerance: 1e-3,
    tolerance_trained: 1e-3,
};

/// Attributions are sums over gates of ReLUs, which rounding opens and shuts.
const PYTORCH_PATHS: Peer = Peer {
    settings: &["f32/conv1d/25", "f32/channels-last/25", "f32/channels-last/50"],
    tolerance: 1e-2,
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
    tolerance: 0.5,
    ..PYTORCH_BF16
};

const CAPTUM: Peer = Peer {
    name: "captum f32",
    settings: &["captum/conv1d/25", "captum/channels-last/25"],
    tolerance: 1e-2,
    ..PYTORCH
};

/// Kernels of the first convolution and the kernels' size, by the name of what differs.
const NETWORKS: [(&str, usize, usize); 6] = [
    ("", 64, 20),
    ("-k50", 64, 50),
    ("-k100", 64, 100),
    ("-k1-16", 16, 20),
    ("-k1-32", 32, 20),
    ("-k1-128", 128, 20),
];

/// Every row, in the order of the table.
pub fn all() -> Vec<Row> {
    let mut rows: Vec<Row> = NETWORKS.iter().flat_map(|&network| networks(network)).collect();
    rows.sort_by_key(|row| row.task.starts_with("infer"));
    rows.push(Row {
        name: "explain".into(),
        task: "explain 64 20".into(),
        unit: "s/gene",
        units_a_run: 2.0,
        memory: true,
        peers: vec![PYTORCH_PATHS, PYTORCH_BF16_PATHS, CAPTUM],
    });
    rows.push(Row {
        name: "extract".into(),
        task: "extract".into(),
        unit: "s",
        units_a_run: 1.0,
        memory: true,
        peers: vec![PYBIGWIG],
    });
    rows
}

/// Training and inference of one network; bf16 only of the preset's.
fn networks((name, k1, kernel): (&str, usize, usize)) -> [Row; 2] {
    let mut peers = vec![TENSORFLOW, PYTORCH];
    if name.is_empty() {
        peers.push(PYTORCH_BF16);
    }
    // Trainings are compared after a step of Adam, whose size does not depend on that of the
    // gradient: where it is next to 0 its rounding decides.
    let trained = peers.iter().map(|peer| Peer { tolerance: peer.tolerance_trained, ..*peer });
    let trained = trained.collect();
    let row = |task: &str, unit, units_a_run, memory, peers| Row {
        name: format!("{task}{name}"),
        task: format!("{task} {k1} {kernel}"),
        unit,
        units_a_run,
        memory,
        peers,
    };
    [
        row("train", "s/step", 1.0, name.is_empty(), trained),
        row("infer", "s/gene", 100.0, false, peers),
    ]
}

impl Row {
    /// Names of the row's figures.
    pub fn figures(&self) -> Vec<String> {
        let memory = self.memory.then(|| memory_name(&self.name));
        std::iter::once(self.name.clone()).chain(memory).collect()
    }
}

/// Name of the figure of a row's memory.
pub fn memory_name(row: &str) -> String {
    format!("memory-{row}")
}
