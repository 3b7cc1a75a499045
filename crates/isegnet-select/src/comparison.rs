use crate::ranks::Ranks;
use crate::resampling::{Interval, Resampling};
use crate::score::{MEASURES, moments, shown};
use crate::table::{Cell, Table};
use crate::{Rows, Score, SelectError};
use isegnet_stats::pearson;
use std::fmt;

/// A line of a comparison: what is followed from division to division.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the model is called.
    pub model: String,
    /// What the input set is called.
    pub inputs: String,
    /// The seed, or the seeds whose predictions were averaged.
    pub seeds: Vec<u64>,
}

impl Line {
    fn seeds_text(&self) -> String {
        let seeds: Vec<String> = self.seeds.iter().map(u64::to_string).collect();
        match seeds.len() {
            1 => seeds.concat(),
            _ => format!("mean of {}", seeds.join(", ")),
        }
    }

    fn cells(&self) -> [Cell; 3] {
        [&self.model, &self.inputs, &self.seeds_text()].map(|text| Cell::text(text.as_str()))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {} / seed {}", self.model, self.inputs, self.seeds_text())
    }
}

/// What a line predicted for the test rows of one division, beside what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The line.
    pub line: Line,
    /// The division.
    pub division: String,
    /// Genes of these rows that have rows in another part too.
    pub straddling_genes: usize,
    /// The test rows.
    pub rows: Vec<usize>,
    /// What was measured of each.
    pub measured: Vec<f32>,
    /// What was predicted of each.
    pub predicted: Vec<f32>,
}

/// How well one entry predicts, and where that lies when the genes are drawn anew.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// The line.
    pub line: Line,
    /// The division.
    pub division: String,
    /// Genes of these rows that have rows in another part too.
    pub straddling_genes: usize,
    /// R2, Pearson, Spearman; accuracy, AUROC and AUPRC of labels.
    pub score: Score,
    /// Their intervals, in this order.
    pub intervals: [Option<Interval>; 6],
}

/// Predictions of test rows beside what was measured: what tables and figures are made
/// of. Nothing can be chosen any more.
#[derive(Clone, Debug)]
pub struct Comparison {
    rows: Rows,
    entries: Vec<Entry>,
}

impl Comparison {
    pub(crate) fn new(rows: Rows, entries: Vec<Entry>) -> Self {
        Self { rows, entries }
    }

    /// Whose rows these are.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The entries, in the order of the plan.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The lines, each once.
    pub fn lines(&self) -> Vec<&Line> {
        let mut lines: Vec<&Line> = Vec::new();
        for Entry { line, .. } in &self.entries {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }

    /// The entries of a line.
    pub fn of<'c>(&'c self, line: &'c Line) -> impl Iterator<Item = &'c Entry> {
        self.entries.iter().filter(move |entry| entry.line == *line)
    }

    /// Finds the line of a model on an input set; the first where there are several seeds.
    ///
    /// # Errors
    /// There is none.
    pub fn line(&self, model: &str, inputs: &str) -> Result<&Line, SelectError> {
        let lines = self.lines();
        let found = lines.iter().find(|line| line.model == model && line.inputs == inputs);
        found.copied().ok_or_else(|| {
            let known: Vec<String> = lines.iter().map(|line| line.to_string()).collect();
            let name = format!("{model} / {inputs}");
            SelectError::Unknown { name, known: known.join("; ") }
        })
    }

    /// Averages the predictions of all seeds of a model, row by row; a model with one
    /// seed stays as it is.
    pub fn seed_means(&self) -> Self {
        let mut means: Vec<Entry> = Vec::new();
        let mut sums: Vec<Vec<f64>> = Vec::new();
        for entry in &self.entries {
            let same = |mean: &Entry| {
                mean.line.model == entry.line.model
                    && mean.line.inputs == entry.line.inputs
                    && mean.division == entry.division
                    && mean.rows == entry.rows
                    && mean.measured == entry.measured
            };
            let predicted = entry.predicted.iter().map(|&p| f64::from(p));
            match means.iter().position(same) {
                Some(at) => {
                    means[at].line.seeds.extend(&entry.line.seeds);
                    sums[at].iter_mut().zip(predicted).for_each(|(sum, p)| *sum += p);
                }
                None => {
                    means.push(entry.clone());
                    sums.push(predicted.collect());
                }
            }
        }
        for (mean, sums) in means.iter_mut().zip(sums) {
            let seeds = mean.line.seeds.len() as f64;
            mean.predicted = sums.into_iter().map(|sum| (sum / seeds) as f32).collect();
        }
        Self { rows: self.rows.clone(), entries: means }
    }

    /// Puts another comparison's entries behind this one's that are not there yet, such
    /// as the single seeds behind their mean.
    pub fn and(mut self, other: Self) -> Self {
        let new: Vec<Entry> =
            other.entries.into_iter().filter(|entry| !self.entries.contains(entry)).collect();
        self.entries.extend(new);
        self
    }

    /// Scores every entry, with intervals over its genes.
    pub fn scores(&self, resampling: &Resampling) -> Vec<Scored> {
        self.entries.iter().map(|entry| self.score(entry, resampling)).collect()
    }

    fn score(&self, entry: &Entry, resampling: &Resampling) -> Scored {
        let of_gene = self.places_of_genes(&entry.rows);
        let mut ranks = Ranks::new(&entry.measured).zip(Ranks::new(&entry.predicted));
        let take = |values: &[f32], places: &[usize]| -> Vec<f32> {
            places.iter().map(|&place| values[place]).collect()
        };
        let intervals = resampling.intervals(&of_gene, |places| {
            let spearman = ranks
                .as_mut()
                .and_then(|(m, p)| pearson(&m.mid_ranks(places), &p.mid_ranks(places)).ok());
            let (m, p) = (take(&entry.measured, places), take(&entry.predicted, places));
            Score::with_spearman(&m, &p, spearman).measures()
        });
        Scored {
            line: entry.line.clone(),
            division: entry.division.clone(),
            straddling_genes: entry.straddling_genes,
            score: Score::new(&entry.measured, &entry.predicted),
            intervals,
        }
    }

    /// Where among `rows` each gene's rows are, by the genes' numbers; genes without
    /// are left out.
    pub(crate) fn places_of_genes(&self, rows: &[usize]) -> Vec<Vec<usize>> {
        let mut of_gene = vec![Vec::new(); self.rows.genes().len()];
        for (place, &row) in rows.iter().enumerate() {
            of_gene[self.rows.gene_of_row()[row]].push(place);
        }
        of_gene.retain(|places| !places.is_empty());
        of_gene
    }

    /// Every score with its intervals, a line an entry.
    pub fn table(&self, resampling: &Resampling) -> Table {
        let scores = self.scores(resampling);
        let shown = shown(scores.iter().map(|scored| &scored.score));
        let measures = MEASURES[..shown].iter();
        let measures =
            measures.flat_map(|m| [m.to_string(), format!("{m} low"), format!("{m} high")]);
        let columns = LINE.into_iter().chain(["division", "genes in other parts", "rows"]);
        let mut table = Table::new(columns.map(str::to_owned).chain(measures));
        for scored in scores {
            let mut cells: Vec<Cell> = scored.line.cells().into();
            cells.push(Cell::text(scored.division));
            cells.extend([scored.straddling_genes.into(), scored.score.rows.into()]);
            let measures = scored.score.measures().into_iter().zip(scored.intervals);
            for (value, interval) in measures.take(shown) {
                cells.extend(
                    [value, interval.map(|i| i.low), interval.map(|i| i.high)].map(Cell::from),
                );
            }
            table.line(cells);
        }
        table
    }

    /// Mean and standard deviation (divided by n) of every measure over the divisions of
    /// a line.
    pub fn summary(&self) -> Table {
        let score = |entry: &Entry| Score::new(&entry.measured, &entry.predicted);
        let scores: Vec<Score> = self.entries.iter().map(score).collect();
        let shown = shown(scores.iter());
        let measures = MEASURES[..shown].iter();
        let measures = measures.flat_map(|m| [format!("mean {m}"), format!("deviation of {m}")]);
        let columns = LINE.into_iter().chain(["divisions", "genes in other parts", "rows"]);
        let mut table = Table::new(columns.map(str::to_owned).chain(measures));
        for line in self.lines() {
            let of = self.entries.iter().zip(&scores).filter(|(entry, _)| entry.line == *line);
            let (entries, scores): (Vec<&Entry>, Vec<&Score>) = of.unzip();
            let most = entries.iter().map(|entry| entry.straddling_genes).max().unwrap_or(0);
            let rows: usize = entries.iter().map(|entry| entry.rows.len()).sum();
            let mut cells: Vec<Cell> = line.cells().into();
            cells.extend([entries.len(), most, rows].map(Cell::from));
            for measure in 0..shown {
                let values: Vec<Option<f64>> =
                    scores.iter().map(|score| score.measures()[measure]).collect();
                let moments = moments(&values);
                cells.extend([moments.map(|m| m.0), moments.map(|m| m.1)].map(Cell::from));
            }
            table.line(cells);
        }
        table
    }
}

/// The columns that name a line.
const LINE: [&str; 3] = ["model", "inputs", "seed"];
