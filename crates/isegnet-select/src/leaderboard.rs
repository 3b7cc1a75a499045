use crate::score::moments;
use crate::table::{Cell, Table};
use crate::{SelectError, Settings};

/// What the combinations of a search came to on validation rows, in the order in which
/// they were tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Leaderboard {
    divisions: Vec<String>,
    ranked: Vec<Ranked>,
}

/// A combination and what it came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The combination.
    pub settings: Settings,
    /// The round of successive halving; 1 where there is none.
    pub round: usize,
    /// R2 of the validation rows of each division; none where it has no value.
    pub scores: Vec<Option<f64>>,
    /// Their mean and standard deviation (divided by n, as scikit-learn's).
    pub moments: Option<(f64, f64)>,
    /// Why it has no moments, if it has none.
    pub problem: Option<String>,
}

impl Ranked {
    pub(crate) fn new(
        settings: Settings,
        round: usize,
        scores: Vec<Option<f64>>,
        problem: Option<String>,
    ) -> Self {
        Self { moments: moments(&scores), settings, round, scores, problem }
    }
}

impl Leaderboard {
    pub(crate) fn new(divisions: Vec<String>, ranked: Vec<Ranked>) -> Self {
        Self { divisions, ranked }
    }

    pub(crate) fn followed_by(mut self, later: Self) -> Self {
        self.ranked.extend(later.ranked);
        Self { divisions: later.divisions, ..self }
    }

    /// The combinations, in the order in which they were tried.
    pub fn ranked(&self) -> &[Ranked] {
        &self.ranked
    }

    /// Names of the divisions that the scores are of.
    pub fn divisions(&self) -> &[String] {
        &self.divisions
    }

    /// The best settings: the highest mean of the last round with a score, the first of
    /// equal ones; none where no combination has a score.
    pub fn best(&self) -> Option<&Settings> {
        self.order().first().map(|&at| &self.ranked[at].settings)
    }

    /// As [`best`](Self::best), for those who cannot do without.
    ///
    /// # Errors
    /// No combination has a score; each says why.
    pub fn chosen(&self) -> Result<&Settings, SelectError> {
        self.best().ok_or_else(|| SelectError::Failed {
            trials: self.ranked.len(),
            failed: self.problems(),
        })
    }

    /// The places of those that have a score, later rounds first and better ones first.
    pub(crate) fn order(&self) -> Vec<usize> {
        let with = self.ranked.iter().enumerate();
        let mut order: Vec<(usize, usize, f64)> =
            with.filter_map(|(at, r)| Some((at, r.round, r.moments?.0))).collect();
        order.sort_by(|a, b| b.1.cmp(&a.1).then(b.2.total_cmp(&a.2)).then(a.0.cmp(&b.0)));
        order.into_iter().map(|(at, ..)| at).collect()
    }

    /// Settings and reason of each that failed.
    fn problems(&self) -> Vec<(String, String)> {
        let failed = self.ranked.iter();
        failed.filter_map(|r| Some((r.settings.to_string(), r.problem.clone()?))).collect()
    }

    /// Every combination with its R2 on each division, mean, deviation and rank.
    pub fn table(&self) -> Table {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in self.ranked.iter().flat_map(|r| r.settings.iter()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let columns = ["rank", "round"].into_iter().chain(names.iter().copied());
        let columns = columns.map(str::to_owned);
        let scores = self.divisions.iter().map(|division| format!("R2 of {division}"));
        let last = ["mean R2", "deviation of R2", "problem"].map(str::to_owned);
        let mut table = Table::new(columns.chain(scores).chain(last));
        let order = self.order();
        for (at, ranked) in self.ranked.iter().enumerate() {
            let rank = order.iter().position(|&other| other == at).map(|place| place + 1);
            let mut cells: Vec<Cell> = vec![rank.into(), ranked.round.into()];
            cells.extend(
                names.iter().map(|name| Cell::from(ranked.settings.get(name).map(Cell::text))),
            );
            cells.extend(ranked.scores.iter().map(|&score| Cell::from(score)));
            let moments = ranked.moments;
            cells.extend([moments.map(|m| m.0), moments.map(|m| m.1)].map(Cell::from));
            cells.push(ranked.problem.as_ref().map(|why| Cell::text(why.as_str())).into());
            table.line(cells);
        }
        table
    }
}
