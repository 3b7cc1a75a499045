use isegnet_core::Random;

/// Random numbers drawn one after another for one thing: a gene, a chromosome.
///
/// Things do not disturb each other: one more draw for a gene changes no other gene.
pub(crate) struct Draw {
    random: Random,
    step: u64,
    drawn: u64,
}

impl Draw {
    /// The draws of thing number `thing` for one purpose.
    pub(crate) fn new(random: Random, thing: usize) -> Self {
        Self { random, step: thing as u64, drawn: 0 }
    }

    fn next(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn - 1
    }

    /// A number between two others.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        let element = self.next();
        low + (high - low) * self.random.uniform(self.step, element)
    }

    /// A whole number from `low` to below `high`, which lies above.
    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        let element = self.next();
        let span = u64::try_from(high - low).unwrap_or(0).max(1);
        low + self.random.below(self.step, element, span) as i64
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.between(0.0, 1.0) < probability
    }

    /// A standard normal number.
    pub(crate) fn normal(&mut self) -> f64 {
        let element = self.next();
        self.random.normal(self.step, element)
    }

    /// A waiting time with this mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.between(0.0, 1.0)).ln()
    }
}
