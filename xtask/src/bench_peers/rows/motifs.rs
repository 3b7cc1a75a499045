//! Scanning for motifs and their enrichment.

use super::{Peer, Row};
use crate::bench_peers::agreement::Tolerance::Units;

/// Its p-values are those of scores in tenths of a bit, so it has more or fewer hits; less
/// than a tenth fewer in all.
const MEMELITE: Peer = Peer {
    name: "memelite",
    script: "memelite_scan.py",
    settings: &["array"],
    tolerance: Units(1.0, "bits"),
};

const MOODS: Peer = Peer {
    name: "MOODS-python",
    script: "moods_scan.py",
    settings: &["each", "joined"],
    tolerance: Units(0.15, "bits"),
};

pub fn rows() -> Vec<Row> {
    let scan = |what: &str, settings| Row {
        name: format!("scan-{what}"),
        task: format!("scan {what}"),
        unit: "s",
        units_a_run: 1.0,
        memory: what == "genome",
        peers: vec![MEMELITE, Peer { settings, ..MOODS }],
    };
    let enrich = Row {
        name: "motif-enrich".into(),
        task: "enrich".into(),
        unit: "s",
        units_a_run: 1.0,
        memory: false,
        peers: Vec::new(),
    };
    vec![scan("windows", &["each", "joined"]), scan("genome", &["each"]), enrich]
}
