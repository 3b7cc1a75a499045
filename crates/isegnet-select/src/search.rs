use crate::halving::Halving;
use crate::leaderboard::{Leaderboard, Ranked};
use crate::store::Outcome;
use crate::{
    Candidate, Division, Family, InputSet, Plan, Results, Runner, SelectError, Settings, Trial,
};
use std::sync::Arc;

/// Looks for the settings of a family that predict validation rows best.
#[derive(Clone)]
pub struct Search<'a> {
    /// What makes learners of settings.
    pub family: Family<'a>,
    /// What they see.
    pub inputs: InputSet<'a>,
    /// The settings to try, from [`Space::grid`](crate::Space::grid) or
    /// [`Space::random`](crate::Space::random).
    pub combinations: Vec<Settings>,
    /// Spends more on those that do better, if given.
    pub halving: Option<Halving>,
    /// Everything random in a fit follows from it.
    pub seed: u64,
}

/// What a search inside each division chose, and what that came to on test rows it never
/// saw: the honest number of the whole procedure.
pub struct Nested<'a> {
    /// The search inside each outer division, in their order.
    pub searches: Vec<Leaderboard>,
    /// The chosen settings fitted on each outer division, still under seal.
    pub results: Results<'a>,
}

impl<'a> Search<'a> {
    /// The trials of the search, or of its first round where it halves.
    ///
    /// # Errors
    /// Settings without meaning, a division without validation rows, or none of either.
    pub fn plan(&self, divisions: &[Arc<Division>]) -> Result<Plan<'a>, SelectError> {
        match &self.halving {
            Some(halving) => {
                let least = halving.rounds()?[0];
                let first: Vec<Settings> =
                    self.combinations.iter().map(|c| halving.with(c, least)).collect();
                self.plan_of(&first, divisions)
            }
            None => self.plan_of(&self.combinations, divisions),
        }
    }

    /// Tries all combinations on all divisions and ranks them by the mean R2 of the
    /// validation rows. Test rows are predicted and their targets stay under seal.
    ///
    /// A combination that fails has no rank and says why.
    ///
    /// # Errors
    /// As [`plan`](Self::plan), the folder cannot be read or written, or the work was
    /// cancelled.
    pub fn run(
        &self,
        divisions: &[Arc<Division>],
        runner: &Runner<'_>,
    ) -> Result<Leaderboard, SelectError> {
        match &self.halving {
            Some(halving) => self.halve(halving, divisions, runner),
            None => self.round(&self.combinations, 1, divisions, runner),
        }
    }

    /// Searches inside each outer division, on what `inner` divides of its development
    /// rows, and fits what was chosen there on the outer division itself.
    ///
    /// One outer division is a search with an honest number at its end; the folds of a
    /// cross-validation make it nested.
    ///
    /// # Errors
    /// As [`run`](Self::run), an inner division that holds a test row of its outer one,
    /// or no combination that can be fitted.
    pub fn nested(
        &self,
        outer: &[Arc<Division>],
        inner: impl Fn(&Division) -> Result<Vec<Division>, SelectError>,
        runner: &Runner<'_>,
    ) -> Result<Nested<'a>, SelectError> {
        let within = |outer: &Arc<Division>| -> Result<Vec<Arc<Division>>, SelectError> {
            let inner = inner(outer)?;
            inner.iter().try_for_each(|inner| outer.refuse_peeking(inner))?;
            Ok(inner.into_iter().map(Arc::new).collect())
        };
        let inner: Vec<_> = outer.iter().map(within).collect::<Result<_, _>>()?;
        self.announce(&inner, runner)?;
        let mut searches = Vec::new();
        let mut chosen = Vec::new();
        for (outer, inner) in outer.iter().zip(&inner) {
            let board = self.run(inner, runner)?;
            let best = board.chosen()?;
            let label = format!("{}, chosen inside", self.family.name());
            let candidate = Arc::new(self.family.member(best)?.labelled(label));
            chosen.push(self.trial(candidate, outer));
            searches.push(board);
        }
        let results = runner.run(&Plan::new(chosen))?;
        Ok(Nested { searches, results })
    }

    /// Says what all the searches together will cost before the first one starts.
    fn announce(
        &self,
        inner: &[Vec<Arc<Division>>],
        runner: &Runner<'_>,
    ) -> Result<(), SelectError> {
        let mut all = Plan::default();
        for inner in inner {
            all = all.and(self.plan(inner)?);
        }
        let finals = inner.len();
        runner.progress.line(&format!("searching inside {finals} divisions, all together:"));
        runner.forecast(&all)?.lines().iter().for_each(|line| runner.progress.line(line));
        runner.progress.line(&format!("and {finals} fits of what was chosen"));
        Ok(())
    }

    fn halve(
        &self,
        halving: &Halving,
        divisions: &[Arc<Division>],
        runner: &Runner<'_>,
    ) -> Result<Leaderboard, SelectError> {
        let budgets = halving.rounds()?;
        runner.progress.line(&halving.describe(self.combinations.len(), divisions.len())?);
        let mut left = self.combinations.clone();
        let mut all = Leaderboard::default();
        for (round, &budget) in budgets.iter().enumerate() {
            let tried: Vec<Settings> = left.iter().map(|c| halving.with(c, budget)).collect();
            let board = self.round(&tried, round + 1, divisions, runner)?;
            let kept = board.order().into_iter().take(halving.kept(left.len()));
            left = kept.map(|at| left[at].clone()).collect();
            all = all.followed_by(board);
            if left.is_empty() {
                break;
            }
        }
        Ok(all)
    }

    fn round(
        &self,
        combinations: &[Settings],
        round: usize,
        divisions: &[Arc<Division>],
        runner: &Runner<'_>,
    ) -> Result<Leaderboard, SelectError> {
        let plan = self.plan_of(combinations, divisions)?;
        let mut attempts = runner.attempt(&plan)?.into_iter();
        let ranked = combinations.iter().map(|settings| {
            let mut problem = None;
            let score = |(division, attempt): (&Arc<Division>, _)| match r2(division, attempt) {
                Ok(r2) => Some(r2),
                Err(why) => {
                    problem.get_or_insert(why);
                    None
                }
            };
            let scores = divisions.iter().zip(attempts.by_ref()).map(score).collect();
            Ranked::new(settings.clone(), round, scores, problem)
        });
        let names = divisions.iter().map(|division| division.name().to_owned()).collect();
        Ok(Leaderboard::new(names, ranked.collect()))
    }

    fn plan_of(
        &self,
        combinations: &[Settings],
        divisions: &[Arc<Division>],
    ) -> Result<Plan<'a>, SelectError> {
        if combinations.is_empty() || divisions.is_empty() {
            let what = if divisions.is_empty() { "divisions" } else { "combinations" };
            return Err(SelectError::Nothing { what });
        }
        if let Some(division) = divisions.iter().find(|d| d.validation().is_empty()) {
            let way = "choose on divisions that validate, such as those of Folds::validated";
            let division = division.name().to_owned();
            return Err(SelectError::Empty { division, part: "validation", way });
        }
        let mut trials = Vec::new();
        for settings in combinations {
            let candidate = Arc::new(self.family.member(settings)?);
            trials.extend(divisions.iter().map(|d| self.trial(candidate.clone(), d)));
        }
        Ok(Plan::new(trials))
    }

    fn trial(&self, candidate: Arc<Candidate<'a>>, division: &Arc<Division>) -> Trial<'a> {
        let (inputs, division) = (self.inputs.clone(), division.clone());
        Trial { candidate, inputs, division, seed: self.seed }
    }
}

/// R2 of the rows that a division validates on, or why there is none.
fn r2(division: &Division, attempt: Result<Outcome, String>) -> Result<f64, String> {
    let r2 = attempt?.validation.and_then(|score| score.r2);
    r2.ok_or_else(|| {
        let (name, rows) = (division.name(), division.validation().len());
        let what = if rows == 1 { "one row".to_owned() } else { format!("{rows} equal rows") };
        format!("{name} validates on {what}, and R2 needs rows that differ; ask for fewer folds")
    })
}
