/// Cells along each side of the grid on which density is counted.
const CELLS: usize = 64;

/// Gives, for each point of the unit square, how dense its surroundings are:
/// 1 at the densest, by the square root of the smoothed count.
pub(crate) fn densities(points: &[(f64, f64)]) -> Vec<f64> {
    let mut grid = vec![0.0; CELLS * CELLS];
    let cell = |v: f64| ((v * CELLS as f64) as usize).min(CELLS - 1);
    for &(x, y) in points {
        grid[cell(y) * CELLS + cell(x)] += 1.0;
    }
    for _ in 0..2 {
        grid = smooth(&grid, 1);
        grid = smooth(&grid, CELLS);
    }
    let found: Vec<f64> = points.iter().map(|&(x, y)| between(&grid, x, y)).collect();
    let largest = found.iter().copied().fold(0.0, f64::max);
    found.iter().map(|d| if largest > 0.0 { (d / largest).sqrt() } else { 0.0 }).collect()
}

/// Weighs every cell with its neighbours `stride` away, (1, 2, 1) / 4.
fn smooth(grid: &[f64], stride: usize) -> Vec<f64> {
    let along = |i: usize| (i / stride) % CELLS;
    (0..grid.len())
        .map(|i| {
            let before = if along(i) > 0 { grid[i - stride] } else { grid[i] };
            let after = if along(i) + 1 < CELLS { grid[i + stride] } else { grid[i] };
            0.25 * before + 0.5 * grid[i] + 0.25 * after
        })
        .collect()
}

/// Reads the grid between its cell centres.
fn between(grid: &[f64], x: f64, y: f64) -> f64 {
    let place = |v: f64| {
        let at = (v * CELLS as f64 - 0.5).clamp(0.0, (CELLS - 1) as f64);
        let low = (at as usize).min(CELLS - 2);
        (low, at - low as f64)
    };
    let ((i, u), (j, v)) = (place(x), place(y));
    let row = |j: usize| grid[j * CELLS + i] * (1.0 - u) + grid[j * CELLS + i + 1] * u;
    row(j) * (1.0 - v) + row(j + 1) * v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_denser_than_a_loner() {
        let mut points = vec![(0.2, 0.2); 50];
        points.push((0.9, 0.9));
        let d = densities(&points);
        assert_eq!(d[0], 1.0);
        assert!(d[50] < 0.2, "{}", d[50]);
        assert!(densities(&[]).is_empty());
    }
}
