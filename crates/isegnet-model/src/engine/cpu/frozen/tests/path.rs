//! Paths against single points, in f64 and in f32.

use super::*;
use proptest::prelude::*;

impl Case {
    /// The path's weighted gradients, one point after another.
    fn point_by_point(&self, nodes: &[f64], weights: &[f64]) -> (Vec<f64>, Inputs<f64>) {
        let mut frozen = self.frozen::<f64>();
        let (mut sum, mut gradient) = (self.zeros::<f64>(), self.zeros::<f64>());
        let mut values = vec![0.0; 2 * nodes.len()];
        for (step, (&a, &weight)) in nodes.iter().zip(weights).enumerate() {
            let between = |from: &Array3<f64>, to: &Array3<f64>| from + &((to - from) * a);
            let point = Inputs {
                tracks: between(&self.from.tracks, &self.to.tracks),
                dna: between(&self.from.dna, &self.to.dna),
            };
            let mut at = [0.0; 2];
            frozen.gradient(&point, HEAD, &mut at, &mut gradient);
            sum.tracks.scaled_add(weight, &gradient.tracks);
            sum.dna.scaled_add(weight, &gradient.dna);
            (values[step], values[nodes.len() + step]) = (at[0], at[1]);
        }
        (values, sum)
    }

    fn path<T: Number, V: Real + ndarray::LinalgScalar>(
        &self,
        [from, to]: [&Inputs<V>; 2],
        nodes: &[f64],
        weights: &[f64],
    ) -> (Vec<f64>, Inputs<V>) {
        let mut gradient = self.zeros::<V>();
        let mut values = vec![0.0; 2 * nodes.len()];
        let path = Path { from, to, nodes, weights };
        assert!(self.frozen::<T>().path(path, HEAD, &mut values, &mut gradient));
        (values, gradient)
    }
}

#[test]
fn the_path_of_every_preset_is_the_sum_of_its_points() {
    let nodes: Vec<f64> = (0..31).map(|i| (f64::from(i) + 0.5) / 31.0).collect();
    let weights: Vec<f64> = nodes.iter().map(|a| (a + 0.1) / 18.6).collect();
    let mut followed = 0;
    for case in presets() {
        if !case.frozen::<f64>().follows_paths() {
            assert_eq!(case.plan.branches[0].blocks[0].pool, Some((Pooling::Max, 3)));
            continue;
        }
        followed += 1;
        let (values, expected) = case.point_by_point(&nodes, &weights);
        let (at, exact) = case.path::<f64, f64>([&case.from, &case.to], &nodes, &weights);
        assert!(difference(&exact, &expected) < 1e-9, "{:?}", case.plan.config);
        assert!(at.iter().zip(&values).all(|(a, b)| (a - b).abs() < 1e-9));
    }
    assert!(followed > 8, "{followed}");
}

#[test]
fn a_branch_that_begins_with_a_max_pool_is_not_followed() {
    let case = Case::new(&small(NetworkConfig::deepchrome()), (131, 2, false), 3).unwrap();
    assert!(!case.frozen::<f64>().follows_paths());
}

#[test]
fn one_path_gives_the_same_bits_alone_and_on_more_threads() {
    let case = Case::new(&small(NetworkConfig::gao2022()), (140, 2, true), 8).unwrap();
    let nodes = [0.05, 0.3, 0.5, 0.72, 0.9];
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| case.path::<f32, f64>([&case.from, &case.to], &nodes, &[0.2; 5]))
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn kernels_and_pools_longer_than_a_tile_are_followed() {
    let nodes: Vec<f64> = (0..33).map(|i| (f64::from(i) + 0.5) / 33.0).collect();
    let mut followed = 0;
    for (kernel, pool) in [(45, 2), (100, 1), (20, 31), (70, 61), (1, 90)] {
        for (layers, pool_after) in
            [(1, PoolAfter::Last), (2, PoolAfter::Last), (3, PoolAfter::Each)]
        {
            let config = NetworkConfig {
                k1: 3,
                k2: 4,
                kernel,
                pool,
                layers,
                pool_after,
                padding: Padding::Same,
                merge: Merge::Dense,
                dense: vec![6],
                ..NetworkConfig::gao2022()
            };
            let Some(case) = Case::new(&config, (331, 1, true), 5) else { continue };
            followed += 1;
            let (values, expected) = case.point_by_point(&nodes, &nodes);
            let (at, exact) = case.path::<f64, f64>([&case.from, &case.to], &nodes, &nodes);
            assert!(difference(&exact, &expected) < 1e-9, "{kernel} {pool} {layers}");
            assert!(at.iter().zip(&values).all(|(a, b)| (a - b).abs() < 1e-9));
        }
    }
    assert!(followed > 8, "{followed}");
}

#[test]
fn what_is_no_number_shows_on_a_path_as_at_a_point() {
    let mut case = Case::new(&small(NetworkConfig::gao2022()), (140, 2, true), 8).unwrap();
    let nodes = [0.05, 0.5, 0.9];
    for name in ["epi.conv1.kernel", "seq.conv2.kernel", "merged.conv1.kernel", "dense1.kernel"] {
        let kept = std::mem::replace(&mut case.weights.get_mut(name)[0], f64::NAN);
        let (at, _) = case.path::<f64, f64>([&case.from, &case.to], &nodes, &nodes);
        assert!(at.iter().all(|value| value.is_nan()), "{name}: {at:?}");
        case.weights.get_mut(name)[0] = kept;
    }
    case.to.tracks[[0, 50, 1]] = f64::NAN;
    let (at, gradient) = case.path::<f64, f64>([&case.from, &case.to], &nodes, &nodes);
    let (values, expected) = case.point_by_point(&nodes, &nodes);
    let unknown = |values: &[f64]| values.iter().map(|v| v.is_nan()).collect::<Vec<bool>>();
    assert_eq!(unknown(&at), unknown(&values));
    assert_eq!(unknown(&at), [true, true, true, false, false, false]);
    let [a, b] = [&gradient, &expected].map(|inputs| inputs.select(&[1]));
    assert!(difference(&a, &b) < 1e-9, "the other row is as it was");
}

const PADDINGS: [Padding; 3] = [Padding::Fixed, Padding::Same, Padding::None];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_network_is_followed_exactly(
        (k1, k2, kernel, pool) in (1usize..20, 1usize..20, 1usize..23, 1usize..6),
        (positions, tracks, dna) in (60usize..150, 0usize..4, any::<bool>()),
        (layers, padding) in (1usize..4, prop::sample::select(&PADDINGS[..])),
        (each, dense, batch_norm) in (any::<bool>(), any::<bool>(), any::<bool>()),
        (steps, seed) in (1usize..60, 0u64..1000),
    ) {
        let config = NetworkConfig {
            k1, k2, kernel, pool, layers, padding, batch_norm,
            pool_after: if each { PoolAfter::Each } else { PoolAfter::Last },
            merge: if dense { Merge::Dense } else { Merge::Script },
            pooling: Pooling::Average,
            dense: vec![9, 5],
            output: Output::Linear,
            ..NetworkConfig::gao2022()
        };
        let Some(case) = Case::new(&config, (positions, tracks, dna), seed) else { return Ok(()) };
        let nodes: Vec<f64> = (0..steps).map(|i| (i as f64 + 0.37) / steps as f64).collect();
        let weights: Vec<f64> = nodes.iter().map(|a| 1.0 / (a + 1.0) / steps as f64).collect();
        let (values, expected) = case.point_by_point(&nodes, &weights);
        let (at, exact) = case.path::<f64, f64>([&case.from, &case.to], &nodes, &weights);
        prop_assert!(difference(&exact, &expected) < 1e-9, "{}", difference(&exact, &expected));
        prop_assert!(at.iter().zip(&values).all(|(a, b)| (a - b).abs() < 1e-9));
        let single = |inputs: &Inputs<f64>| Inputs {
            tracks: inputs.tracks.mapv(|v| v as f32),
            dna: inputs.dna.mapv(|v| v as f32),
        };
        let (from, to) = (single(&case.from), single(&case.to));
        let (_, exact) = case.path::<f32, f32>([&from, &to], &nodes, &weights);
        // A value within rounding of 0 at a node may be on there in one precision only.
        prop_assert!(difference(&exact, &expected) < 2e-2, "{}", difference(&exact, &expected));
    }
}
