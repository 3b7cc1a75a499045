//! Reading tracks around genes.

use super::{Peer, Row};
use crate::bench_peers::agreement::Tolerance::Deviations;

const PYBIGWIG: Peer = Peer {
    name: "pyBigWig",
    script: "pybigwig_extract.py",
    settings: &["processes"],
    tolerance: Deviations(1e-3),
};

pub fn rows() -> Vec<Row> {
    vec![Row {
        name: "extract".into(),
        task: "extract".into(),
        unit: "s",
        units_a_run: 1.0,
        memory: true,
        peers: vec![PYBIGWIG],
    }]
}
