//! What is raced: to add a row, add it to the file of its kind, teach its task to
//! benches/peers/ours.rs and to the script of each peer.

mod motifs;
mod networks;
mod regressions;
mod tracks;

use super::agreement::Tolerance;

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
    /// Nobody where there is nothing to use instead; ours runs alone then.
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
    /// How near its numbers must come to ours.
    pub tolerance: Tolerance,
}

/// Every row, in the order of the table.
pub fn all() -> Vec<Row> {
    let kinds = [networks::rows(), tracks::rows(), motifs::rows(), regressions::rows()];
    kinds.into_iter().flatten().collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step;

    #[test]
    fn names_are_distinct_and_scripts_are_there() {
        let rows = all();
        let mut names: Vec<String> = rows.iter().flat_map(Row::figures).collect();
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        for peer in rows.iter().flat_map(|row| &row.peers) {
            let script = step::root().join("benches/peers").join(peer.script);
            assert!(script.is_file() && !peer.settings.is_empty(), "{}", peer.name);
        }
    }
}
