//! Wall time, with throughput beside the best matrix product of the same run.

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use gemm::Parallelism;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Sizes, (m, n, k), that the crate below is fastest at.
const PRODUCTS: [(usize, usize, usize); 4] =
    [(2490, 128, 1280), (1280, 128, 2490), (1024, 1024, 1024), (768, 768, 768)];

/// FLOP a nanosecond of the fastest of many runs of several f32 products, one thread.
fn best_gemm() -> f64 {
    PRODUCTS.map(|(m, n, k)| gemm_rate(m, n, k)).into_iter().fold(0.0, f64::max)
}

fn gemm_rate(m: usize, n: usize, k: usize) -> f64 {
    let (a, b, mut c) = (vec![0.5f32; m * k], vec![0.25f32; k * n], vec![0.0f32; m * n]);
    let mut fastest = f64::INFINITY;
    for _ in 0..20 {
        let start = Instant::now();
        // SAFETY: three contiguous row-major matrices of the sizes given.
        unsafe {
            gemm::gemm(
                m,
                n,
                k,
                c.as_mut_ptr(),
                1,
                n as isize,
                false,
                a.as_ptr(),
                1,
                k as isize,
                b.as_ptr(),
                1,
                n as isize,
                1.0,
                1.0,
                false,
                false,
                false,
                Parallelism::None,
            );
        }
        black_box(&mut c);
        fastest = fastest.min(start.elapsed().as_nanos() as f64);
    }
    2.0 * (m * n * k) as f64 / fastest
}

/// Prints FLOP a second and the fraction of the best product where a bench counts
/// FLOP as elements, and bytes a second as ever.
pub struct AgainstGemm {
    wall: WallTime,
    format: Format,
}

impl AgainstGemm {
    /// Measures what to compare with.
    pub fn measured() -> Self {
        let best = best_gemm();
        eprintln!("best f32 matrix product on one thread: {best:.1} GFLOP/s");
        Self { wall: WallTime, format: Format { best } }
    }
}

impl Measurement for AgainstGemm {
    type Intermediate = Instant;
    type Value = Duration;

    fn start(&self) -> Instant {
        self.wall.start()
    }

    fn end(&self, start: Instant) -> Duration {
        self.wall.end(start)
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        self.wall.add(a, b)
    }

    fn zero(&self) -> Duration {
        self.wall.zero()
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        self.wall.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &self.format
    }
}

struct Format {
    best: f64,
}

impl ValueFormatter for Format {
    fn format_throughput(&self, throughput: &Throughput, nanoseconds: f64) -> String {
        match throughput {
            Throughput::Elements(flop) => {
                let rate = *flop as f64 / nanoseconds;
                format!("{rate:.1} GFLOP/s = {:.2} of GEMM", rate / self.best)
            }
            other => WallTime.formatter().format_throughput(other, nanoseconds),
        }
    }

    fn scale_values(&self, typical: f64, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_values(typical, values)
    }

    fn scale_throughputs(
        &self,
        typical: f64,
        throughput: &Throughput,
        values: &mut [f64],
    ) -> &'static str {
        WallTime.formatter().scale_throughputs(typical, throughput, values)
    }

    fn scale_for_machines(&self, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_for_machines(values)
    }
}
