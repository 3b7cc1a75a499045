use super::groups::Group;
use crate::commands::motif::Library;
use crate::numbers::p_value;
use isegnet_motif::{Enriched, EnrichmentTable, adjust_over_tracks, families};
use serde_json::Value;
use std::collections::HashMap;

/// Motifs at least so alike are one family.
const ALIKE: f64 = 0.75;

/// All tests of all motifs.
pub struct Outcome {
    /// For each motif by its identifier, the identifier that stands for its family.
    families: HashMap<String, String>,
    tests: Vec<Test>,
    tables: Vec<EnrichmentTable>,
    alpha: f64,
}

/// What was tested.
pub struct Test {
    pub condition: String,
    /// Which of the condition's replicates.
    pub sample: String,
    pub track: String,
    pub label: String,
    told: Value,
}

impl Outcome {
    pub fn new(library: &Library) -> Self {
        let motifs = &library.motifs;
        let mut of = HashMap::new();
        for family in families(motifs, ALIKE) {
            for member in family.members {
                of.insert(motifs[member].id.clone(), motifs[family.representative].id.clone());
            }
        }
        Self { families: of, tests: Vec::new(), tables: Vec::new(), alpha: 0.0 }
    }

    pub fn push(&mut self, group: &Group, table: EnrichmentTable) {
        self.tests.push(Test {
            condition: group.condition.clone(),
            sample: group.sample.clone(),
            track: group.track.clone(),
            label: group.label.clone(),
            told: group.told(),
        });
        self.tables.push(table);
    }

    /// Gives q-values over all motifs and tests; those up to `alpha` are listed.
    pub fn adjust(&mut self, alpha: f64) {
        adjust_over_tracks(&mut self.tables);
        self.alpha = alpha;
    }

    /// Whether nothing was tested.
    pub fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    pub fn tests(&self) -> impl Iterator<Item = (&Test, &EnrichmentTable)> {
        self.tests.iter().zip(&self.tables)
    }

    /// Whether a motif is listed.
    pub fn is_factor(&self, row: &Enriched) -> bool {
        row.q.is_some_and(|q| q.p() <= self.alpha)
    }

    /// The identifier that stands for a motif's family.
    pub fn family<'a>(&'a self, id: &'a str) -> &'a str {
        self.families.get(id).map_or(id, String::as_str)
    }

    /// What `enrichment.json` says of the tests.
    pub fn told(&self) -> Vec<Value> {
        let mut told: Vec<Value> = self.tests.iter().map(|test| test.told.clone()).collect();
        for (told, table) in told.iter_mut().zip(&self.tables) {
            let factors = table.rows.iter().filter(|row| self.is_factor(row)).count();
            told["factors"] = factors.into();
            told["too_short"] = table.too_short.into();
        }
        told
    }

    /// A line a test: how many factors, and the first of them.
    pub fn summary(&self, alpha: f64) -> String {
        let width = self.tests.iter().map(|test| test.label.chars().count()).max().unwrap_or(0);
        let line = |(test, table): (&Test, &EnrichmentTable)| {
            let factors: Vec<&Enriched> =
                table.rows.iter().filter(|row| self.is_factor(row)).collect();
            let first: Vec<String> = factors
                .iter()
                .take(3)
                .map(|row| format!("{} ({})", named(row), row.q.map(p_value).unwrap_or_default()))
                .collect();
            format!("{:width$}  {:>7}  {}", test.label, factors.len(), first.join(", "))
        };
        let lines: Vec<String> = self.tests().map(line).collect();
        format!("{:width$}  factors with q <= {alpha}\n{}", "", lines.join("\n"))
    }
}

/// What people call a motif.
pub fn named(row: &Enriched) -> &str {
    row.name.as_deref().unwrap_or(&row.id)
}
