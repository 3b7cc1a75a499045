use crate::EnrichError;
use isegnet_core::Random;

/// What a window is matched by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// The promoter (or other region) that it lies in, by any number.
    pub region: u64,
    /// Share of G and C among its bases.
    pub gc: f64,
    /// Signed distance of its middle from the anchor, in bases.
    pub distance: f64,
}

/// How near a control window has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matching {
    /// Whether it has to lie in the same region.
    pub same_region: bool,
    /// The greatest difference in GC: 0.1.
    pub gc: f64,
    /// The greatest difference in distance from the anchor, in bases: 250.
    pub distance: f64,
    /// Controls for each window.
    pub each: usize,
    /// What the order in which windows choose depends on.
    pub seed: u64,
}

impl Default for Matching {
    fn default() -> Self {
        Self { same_region: false, gc: 0.1, distance: 250.0, each: 1, seed: 1 }
    }
}

/// Control windows, and how well they match.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// The controls of each window, by their places among the candidates.
    pub controls: Vec<Vec<usize>>,
    /// Windows that found fewer controls than were asked for.
    pub unmatched: usize,
    /// Mean GC of the windows that found one, and of their controls.
    pub mean_gc: [f64; 2],
    /// Mean distance from the anchor of both.
    pub mean_distance: [f64; 2],
}

/// Gives each window the candidates most like it in GC and distance from the anchor, none
/// twice.
///
/// Differences are counted in their greatest allowed values. Windows choose one after the
/// other, in an order drawn from the seed, one control a round. Candidates are the caller's:
/// windows of low attribution on the same promoters, say.
///
/// # Errors
/// A window whose numbers are not finite, or limits that are none.
pub fn match_windows(
    windows: &[Window],
    candidates: &[Window],
    settings: &Matching,
) -> Result<Matched, EnrichError> {
    check(windows)?;
    check(candidates)?;
    for (name, value) in [("limit of GC", settings.gc), ("limit of distance", settings.distance)] {
        if !(value > 0.0 && value.is_finite()) {
            return Err(EnrichError::Setting { name, value });
        }
    }
    let mut order: Vec<usize> = (0..windows.len()).collect();
    Random::new(settings.seed, "motif/matched windows").shuffle(0, &mut order);
    let mut pool = Pool::new(candidates, settings.same_region);
    let mut controls = vec![Vec::new(); windows.len()];
    for _ in 0..settings.each {
        for &window in &order {
            controls[window].extend(pool.take_nearest(&windows[window], settings));
        }
    }
    let unmatched = controls.iter().filter(|c| c.len() < settings.each).count();
    let mean = |of: fn(&Window) -> f64| {
        let pairs = || controls.iter().zip(windows).filter(|(c, _)| !c.is_empty());
        let n = pairs().map(|(c, _)| c.len()).sum::<usize>().max(1) as f64;
        let own: f64 = pairs().map(|(c, w)| of(w) * c.len() as f64).sum();
        let theirs: f64 = pairs().flat_map(|(c, _)| c).map(|&c| of(&candidates[c])).sum();
        [own / n, theirs / n]
    };
    Ok(Matched {
        unmatched,
        mean_gc: mean(|w| w.gc),
        mean_distance: mean(|w| w.distance),
        controls,
    })
}

fn check(windows: &[Window]) -> Result<(), EnrichError> {
    for (index, window) in windows.iter().enumerate() {
        for (what, value) in [("GC", window.gc), ("distance", window.distance)] {
            if !value.is_finite() {
                return Err(EnrichError::Window { index, what, value });
            }
        }
    }
    Ok(())
}

/// Candidates that nobody has taken, sorted so that those within a distance stand together.
struct Pool<'a> {
    candidates: &'a [Window],
    same_region: bool,
    sorted: Vec<usize>,
    taken: Vec<bool>,
}

impl<'a> Pool<'a> {
    fn new(candidates: &'a [Window], same_region: bool) -> Self {
        let mut sorted: Vec<usize> = (0..candidates.len()).collect();
        let region = |i: usize| if same_region { candidates[i].region } else { 0 };
        sorted.sort_by(|&a, &b| {
            let by_distance = candidates[a].distance.total_cmp(&candidates[b].distance);
            region(a).cmp(&region(b)).then(by_distance)
        });
        Self { candidates, same_region, sorted, taken: vec![false; candidates.len()] }
    }

    fn take_nearest(&mut self, window: &Window, settings: &Matching) -> Option<usize> {
        let region = |w: &Window| if self.same_region { w.region } else { 0 };
        let least = (region(window), window.distance - settings.distance);
        let from = self.sorted.partition_point(|&i| {
            let candidate = &self.candidates[i];
            (region(candidate), candidate.distance) < least
        });
        let off = |i: usize| {
            let candidate = &self.candidates[i];
            let gc = (candidate.gc - window.gc).abs() / settings.gc;
            let distance = (candidate.distance - window.distance).abs() / settings.distance;
            (gc <= 1.0 && distance <= 1.0).then_some(gc * gc + distance * distance)
        };
        let within = self.sorted[from..].iter().copied().take_while(|&i| {
            let candidate = &self.candidates[i];
            region(candidate) == region(window)
                && candidate.distance <= window.distance + settings.distance
        });
        let free = within.filter(|&i| !self.taken[i]).filter_map(|i| off(i).map(|off| (off, i)));
        let (_, nearest) = free.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
        self.taken[nearest] = true;
        Some(nearest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(region: u64, gc: f64, distance: f64) -> Window {
        Window { region, gc, distance }
    }

    #[test]
    fn controls_are_near_and_taken_once() {
        let random = Random::new(4, "test/windows");
        let draw = |step: u64, i: u64| {
            window(i % 7, random.uniform(step, i), 2000.0 * random.uniform(step + 1, i) - 1000.0)
        };
        let windows: Vec<Window> = (0..50).map(|i| draw(0, i)).collect();
        let candidates: Vec<Window> = (0..900).map(|i| draw(2, i)).collect();
        for same_region in [false, true] {
            let settings = Matching { same_region, each: 2, ..Matching::default() };
            let matched = match_windows(&windows, &candidates, &settings).unwrap();
            let mut all: Vec<usize> = matched.controls.iter().flatten().copied().collect();
            for (own, controls) in windows.iter().zip(&matched.controls) {
                for control in controls.iter().map(|&c| &candidates[c]) {
                    assert!((own.gc - control.gc).abs() <= 0.1);
                    assert!((own.distance - control.distance).abs() <= 250.0);
                    assert!(!same_region || own.region == control.region);
                }
            }
            let n = all.len();
            all.sort_unstable();
            all.dedup();
            assert!(n == all.len() && n >= 60, "{n}");
            assert!((matched.mean_gc[0] - matched.mean_gc[1]).abs() < 0.03);
            assert!((matched.mean_distance[0] - matched.mean_distance[1]).abs() < 60.0);
            assert_eq!(matched, match_windows(&windows, &candidates, &settings).unwrap());
        }
    }

    #[test]
    fn what_finds_nothing_is_counted() {
        let matched = match_windows(
            &[window(1, 0.5, 0.0), window(1, 0.9, 0.0)],
            &[window(1, 0.52, 10.0), window(2, 0.9, 400.0)],
            &Matching::default(),
        )
        .unwrap();
        assert_eq!((matched.controls, matched.unmatched), (vec![vec![0], vec![]], 1));
        let bad = match_windows(&[window(0, f64::NAN, 0.0)], &[], &Matching::default());
        assert!(matches!(bad, Err(EnrichError::Window { index: 0, what: "GC", .. })));
    }
}
