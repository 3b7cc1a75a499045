use crate::ExplainError;
use std::f64::consts::PI;

/// A way to place the nodes of an integral over [0, 1].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// Exact for polynomials up to degree `2n - 1`; no node at 0 or 1.
    #[default]
    GaussLegendre,
    /// Equal stretches, each visited in its middle.
    Midpoint,
}

impl Rule {
    /// Gives the nodes and weights of this rule with `steps` nodes.
    ///
    /// # Errors
    /// `steps` is 0 or over [`Quadrature::MOST`].
    pub fn quadrature(self, steps: usize) -> Result<Quadrature, ExplainError> {
        match self {
            Self::GaussLegendre => Quadrature::gauss_legendre(steps),
            Self::Midpoint => Quadrature::midpoint(steps),
        }
    }
}

/// Where a function over [0, 1] is visited, and how much each visit counts in its integral.
#[derive(Clone, Debug, PartialEq)]
pub struct Quadrature {
    nodes: Vec<f64>,
    weights: Vec<f64>,
}

impl Quadrature {
    /// Most nodes. Those of Gauss-Legendre take a time that grows with their square: a minute
    /// or two for this many.
    pub const MOST: usize = 65_536;

    /// Gauss-Legendre quadrature: the nodes are the roots of the Legendre polynomial of
    /// degree `n`, found by Newton's method in the angle (Abramowitz & Stegun 25.4.29).
    ///
    /// # Errors
    /// `n` is 0 or over [`MOST`](Self::MOST).
    pub fn gauss_legendre(n: usize) -> Result<Self, ExplainError> {
        Self::check(n)?;
        let (mut nodes, mut weights) = (vec![0.5; n], vec![0.0; n]);
        for i in 0..n.div_ceil(2) {
            let (angle, slope) = root(i, n);
            (nodes[i], nodes[n - 1 - i]) =
                ((angle / 2.0).sin().powi(2), (angle / 2.0).cos().powi(2));
            (weights[i], weights[n - 1 - i]) = (slope.powi(-2), slope.powi(-2));
        }
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Ok(Self { nodes, weights })
    }

    /// `n` equal stretches, each visited in its middle.
    ///
    /// # Errors
    /// `n` is 0 or over [`MOST`](Self::MOST).
    pub fn midpoint(n: usize) -> Result<Self, ExplainError> {
        Self::check(n)?;
        let nodes = (0..n).map(|i| (i as f64 + 0.5) / n as f64).collect();
        Ok(Self { nodes, weights: vec![1.0 / n as f64; n] })
    }

    /// Checks a number of nodes.
    pub(crate) fn check(n: usize) -> Result<(), ExplainError> {
        match n {
            0 => Err(ExplainError::NoSteps),
            1..=Self::MOST => Ok(()),
            steps => Err(ExplainError::TooManySteps { steps, most: Self::MOST }),
        }
    }

    /// The nodes, ascending, inside (0, 1).
    pub fn nodes(&self) -> &[f64] {
        &self.nodes
    }

    /// The weight of each node; they sum to 1.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Number of nodes.
    pub fn steps(&self) -> usize {
        self.nodes.len()
    }
}

/// The angle of the root number `i` of the Legendre polynomial of degree `n`, counted from
/// x = 1, and the polynomial's slope there by the angle.
fn root(i: usize, n: usize) -> (f64, f64) {
    let mut angle = PI * (4 * i + 3) as f64 / (4 * n + 2) as f64;
    // Each turn doubles the right digits, and the first guess has three or more.
    for _ in 0..6 {
        let (value, slope) = legendre(angle, n);
        angle -= value / slope;
    }
    (angle, legendre(angle, n).1)
}

/// The Legendre polynomial of degree `n` at `cos(angle)`, and its slope by the angle.
fn legendre(angle: f64, n: usize) -> (f64, f64) {
    let x = angle.cos();
    let (mut before, mut value) = (1.0, x);
    for k in 2..=n {
        let k = k as f64;
        (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
    }
    (value, n as f64 * (x * value - before) / angle.sin())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn integral(quadrature: &Quadrature, f: impl Fn(f64) -> f64) -> f64 {
        quadrature.nodes().iter().zip(quadrature.weights()).map(|(&x, w)| w * f(x)).sum()
    }

    /// Abramowitz & Stegun, table 25.4, moved from [-1, 1] to [0, 1].
    #[test]
    fn gauss_legendre_has_the_printed_nodes() {
        let printed: [(usize, &[(f64, f64)]); 3] = [
            (2, &[(0.577_350_269_189_626, 1.0)]),
            (
                5,
                &[
                    (0.906_179_845_938_664, 0.236_926_885_056_189),
                    (0.538_469_310_105_683, 0.478_628_670_499_366),
                    (0.0, 0.568_888_888_888_889),
                ],
            ),
            (
                8,
                &[
                    (0.960_289_856_497_536, 0.101_228_536_290_376),
                    (0.796_666_477_413_627, 0.222_381_034_453_374),
                    (0.525_532_409_916_329, 0.313_706_645_877_887),
                    (0.183_434_642_495_650, 0.362_683_783_378_362),
                ],
            ),
        ];
        for (n, expected) in printed {
            let rule = Quadrature::gauss_legendre(n).unwrap();
            for (i, (node, weight)) in expected.iter().enumerate() {
                for (at, node) in [(i, (1.0 - node) / 2.0), (n - 1 - i, (1.0 + node) / 2.0)] {
                    assert!((rule.nodes()[at] - node).abs() < 1e-15, "node {at} of {n}");
                    assert!(
                        (rule.weights()[at] - weight / 2.0).abs() < 1e-15,
                        "weight {at} of {n}"
                    );
                }
            }
        }
    }

    #[test]
    fn thousands_of_nodes_stay_exact() {
        for n in [200, 1001, 4096] {
            let rule = Quadrature::gauss_legendre(n).unwrap();
            assert!(rule.nodes().windows(2).all(|pair| pair[0] < pair[1]));
            let degree = 2 * n as i32 - 1;
            let error = integral(&rule, |x| x.powi(degree)) * f64::from(degree + 1) - 1.0;
            assert!(error.abs() < 1e-9, "{n}: {error}");
            let wave = integral(&rule, |x| (100.0 * x).cos()) - 100_f64.sin() / 100.0;
            assert!(wave.abs() < 1e-13, "{n}: {wave}");
        }
    }

    #[test]
    fn the_midpoint_rule_is_of_second_order() {
        let error =
            |n| (integral(&Quadrature::midpoint(n).unwrap(), f64::exp) - (1_f64.exp() - 1.0)).abs();
        assert!((error(50) / error(100) - 4.0).abs() < 0.01);
    }

    #[test]
    fn no_steps_and_more_than_memory_holds_are_refused() {
        for rule in [Rule::GaussLegendre, Rule::Midpoint] {
            assert!(matches!(rule.quadrature(0), Err(ExplainError::NoSteps)));
            let refused = rule.quadrature(usize::MAX).unwrap_err().to_string();
            assert!(refused.contains("65536 are the most"), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn weights_are_positive_and_sum_to_1(n in 1usize..600) {
            for rule in [Rule::GaussLegendre, Rule::Midpoint] {
                let rule = rule.quadrature(n).unwrap();
                prop_assert_eq!((rule.nodes().len(), rule.weights().len()), (n, n));
                prop_assert!(rule.weights().iter().all(|&w| w > 0.0));
                prop_assert!(rule.nodes().iter().all(|&x| 0.0 < x && x < 1.0));
                prop_assert!((rule.weights().iter().sum::<f64>() - 1.0).abs() < 1e-13);
            }
        }

        #[test]
        fn polynomials_up_to_degree_2n_less_1_are_exact(n in 1usize..120, part in 0.0..1.0) {
            let degree = (part * (2 * n) as f64) as i32;
            let got = integral(&Quadrature::gauss_legendre(n).unwrap(), |x| x.powi(degree));
            prop_assert!((got * f64::from(degree + 1) - 1.0).abs() < 1e-12, "{} {}", degree, got);
        }
    }
}
