//! Fitting what stands beside the network.

use super::{Peer, Row};
use crate::bench_peers::agreement::Tolerance::{self, Deviations, Units};

pub fn rows() -> Vec<Row> {
    let row = |name: &str, memory, settings, tolerance: Tolerance| Row {
        name: name.into(),
        task: name.into(),
        unit: "s",
        units_a_run: 1.0,
        memory,
        peers: vec![Peer {
            name: "scikit-learn",
            script: "sklearn_regression.py",
            settings,
            tolerance,
        }],
    };
    vec![
        // Forests of other random numbers predict something else as well.
        row("forest", false, &["default"], Units(0.01, "of R2")),
        row("svr", true, &["default"], Deviations(1e-3)),
        row("nu-svr", true, &["default"], Deviations(1e-3)),
        row("ridge", false, &["leave-one-out", "folds"], Deviations(1e-6)),
    ]
}
