//! Speed of the kernels at the shapes of the `gao2022` preset, one thread, one sample.
//!
//! `cargo bench --bench kernels` prints, for what is a matrix product, GFLOP/s
//! and the fraction of the best product measured at the start of the same run;
//! for what reads and writes, bytes a second.
#![allow(missing_docs, clippy::print_stderr)]

mod against_gemm;

use against_gemm::AgainstGemm;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use isegnet_ops::{
    Buffer, CodesConvolution, ConvScratch, ConvShape, Convolution, Dense, GatedGradient,
    PreparedKernel, ScaleOffsetRelu, avg_pool_backward_into, avg_pool_forward_into,
    batch_norm_backward_into, batch_norm_backward_sums_add, bit_words, column_sums_add,
    fill_keep_bits, max_pool_backward_into, max_pool_forward_into, moments_add, relu_avg_pool_into,
    scale_offset_relu_avg_pool_into, scale_offset_relu_into,
};
use std::hint::black_box;

/// Name, padded rows, taps, inputs, outputs.
const CONVOLUTIONS: [(&str, usize, usize, usize, usize); 11] = [
    ("conv2 64-128", 2509, 20, 64, 128),
    ("conv1 7-64", 2519, 20, 7, 64),
    ("conv1 4-64", 2519, 20, 4, 64),
    ("conv2 16-32", 2509, 20, 16, 32),
    ("conv1 8-16", 2519, 20, 8, 16),
    ("conv1 4-16", 2519, 20, 4, 16),
    ("merge 256-126", 499, 2, 256, 126),
    ("merge 64-126", 499, 2, 64, 126),
    ("merge 126-64", 498, 1, 126, 64),
    ("conv2 64-128, 50 taps", 2509, 50, 64, 128),
    ("conv2 64-128, 100 taps", 2509, 100, 64, 128),
];

/// Numbers without a pattern, in [-1, 1).
fn values(n: usize) -> Vec<f32> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

fn bits(n: usize) -> Vec<u64> {
    values(2 * n)
        .chunks(2)
        .map(|v| u64::from(v[0].to_bits()) << 40 ^ u64::from(v[1].to_bits()) << 8)
        .collect()
}

type Group<'a> = BenchmarkGroup<'a, AgainstGemm>;

fn bench(group: &mut Group<'_>, name: &str, throughput: Throughput, mut work: impl FnMut()) {
    group.throughput(throughput);
    group.bench_function(name, |b| b.iter(&mut work));
}

fn bytes(floats: usize) -> Throughput {
    Throughput::Bytes(4 * floats as u64)
}

/// FLOP are those of the plain sum, whatever way is taken: above 1 of the best product
/// where transforms save most of them.
fn convolution(c: &mut Criterion<AgainstGemm>) {
    for (name, rows, taps, inputs, outputs) in CONVOLUTIONS {
        let s = ConvShape { rows, taps, inputs, outputs };
        let chosen = Convolution::new(s);
        let mut ways = vec![("products".to_owned(), Convolution::by_products(s))];
        if let Some(points) = chosen.points() {
            ways.push((format!("transforms of {points}"), chosen));
        }
        let mut group = c.benchmark_group(name);
        for (way, conv) in ways {
            passes(&mut group, &way, &conv);
        }
        group.finish();
    }
}

fn passes(group: &mut Group<'_>, way: &str, conv: &Convolution<f32>) {
    let s = conv.shape();
    let flop = Throughput::Elements(s.flop());
    let (x, kernel) = (values(s.input_len()), values(s.kernel_len()));
    let padded = values(s.padded_gradient_len());
    let (mut y, mut dx) = (vec![0.0; s.output_len()], vec![0.0; s.input_len()]);
    let mut sums = vec![0.0; conv.sums_len()];
    let (mut scratch, mut prepared) = (ConvScratch::default(), PreparedKernel::default());
    conv.prepare_forward(&kernel, &mut scratch, &mut prepared);
    conv.prepare_adjoint(&kernel, &mut scratch, &mut prepared);
    bench(group, &format!("forward by {way}"), flop.clone(), || {
        conv.forward_into(black_box(&x), &prepared, None, &mut scratch, &mut y);
    });
    bench(group, &format!("kernel gradient by {way}"), flop, || {
        conv.backward_add(black_box(&x), &padded, &mut scratch, &mut sums, None);
    });
    let both = Throughput::Elements(2 * s.flop());
    bench(group, &format!("both gradients by {way}"), both, || {
        let input = Some((&prepared, dx.as_mut_slice()));
        conv.backward_add(black_box(&x), &padded, &mut scratch, &mut sums, input);
    });
    let once = Throughput::Elements(s.kernel_len() as u64);
    bench(group, &format!("kernel prepared for {way}"), once, || {
        conv.prepare_forward(black_box(&kernel), &mut scratch, &mut prepared);
    });
}

fn codes(c: &mut Criterion<AgainstGemm>) {
    for outputs in [16, 64, 128] {
        let s = ConvShape { rows: 2519, taps: 20, inputs: 4, outputs };
        let flop = Throughput::Elements(s.flop());
        let conv = CodesConvolution::new(s);
        let codes: Vec<u8> = bits(s.rows).iter().map(|b| (b >> 45) as u8 & 3).collect();
        let (mut words, mut tables) = (vec![0; s.rows], Buffer::default());
        conv.words_into(0, &codes, &mut words);
        conv.prepare(&values(s.kernel_len()), &mut tables);
        let mut y = values(s.output_len());
        let mut sums = vec![0.0; conv.tables_len()];
        let mut group = c.benchmark_group(format!("codes 4-{outputs}"));
        bench(&mut group, "forward", flop.clone(), || {
            conv.forward_into(black_box(&words), &tables, None, &mut y);
        });
        bench(&mut group, "kernel gradient", flop, || {
            conv.kernel_gradient_add(black_box(&words), &y, &mut sums);
        });
        group.finish();
    }
}

fn dense(c: &mut Criterion<AgainstGemm>) {
    let (batch, inputs, outputs) = (100, 6336, 256);
    let flop = Throughput::Elements(2 * (batch * inputs * outputs) as u64);
    let (x, kernel, dy) =
        (values(batch * inputs), values(inputs * outputs), values(batch * outputs));
    let (mut y, mut dx, mut dkernel) = (dy.clone(), x.clone(), kernel.clone());
    let (layer, mut prepared) = (Dense { inputs, outputs }, PreparedKernel::default());
    layer.prepare_adjoint(&kernel, &mut prepared);
    let mut group = c.benchmark_group("dense 6336-256, batch 100, all threads");
    bench(&mut group, "forward, kernel prepared each time", flop.clone(), || {
        layer.prepare_forward(black_box(&kernel), &mut prepared);
        layer.forward_into(&x, &prepared, None, &mut y);
    });
    bench(&mut group, "kernel gradient", flop.clone(), || {
        layer.kernel_gradient_into(black_box(&x), &dy, &mut dkernel);
    });
    bench(&mut group, "input gradient", flop, || {
        layer.input_gradient_into(black_box(&dy), &prepared, &mut dx);
    });
    group.finish();
}

fn elementwise(c: &mut Criterion<AgainstGemm>) {
    for (rows, channels, window) in [(2490, 128, 5), (498, 126, 5), (2500, 16, 5)] {
        let n = rows * channels;
        let (x, row) = (values(n), values(channels));
        let keep = bits(bit_words(n));
        let keep = Some((keep.as_slice(), 2.0));
        let a = ScaleOffsetRelu { scale: &row, offset: &row, relu: true, keep };
        let (mut y, mut gate) = (vec![0.0; n], vec![0; bit_words(n)]);
        let mut pooled = vec![0.0; rows / window * channels];
        let mut places = vec![0; pooled.len()];
        let (mut sum, mut squares) = (vec![0.0; channels], vec![0.0; channels]);
        let mut group = c.benchmark_group(format!("elementwise {rows} x {channels}"));

        bench(&mut group, "column sums", bytes(n), || {
            column_sums_add(channels, black_box(&x), &mut sum);
        });
        bench(&mut group, "moments", bytes(n), || {
            moments_add(channels, black_box(&x), &row, &mut sum, &mut squares);
        });
        bench(&mut group, "scale, offset, relu, dropout", bytes(2 * n), || {
            scale_offset_relu_into(&a, black_box(&x), &mut y, &mut gate);
        });
        bench(&mut group, "the same and average pool", bytes(n), || {
            scale_offset_relu_avg_pool_into(&a, window, black_box(&x), &mut pooled, &mut gate);
        });
        for (name, dy, window) in [("plain", &x, 1), ("pooled", &pooled.clone(), window)] {
            let g = GatedGradient { dy, window, gate: &gate, factor: 2.0 };
            bench(&mut group, &format!("batch norm sums, {name}"), bytes(n + dy.len()), || {
                batch_norm_backward_sums_add(&g, black_box(&x), &row, &mut sum, &mut squares);
            });
            bench(&mut group, &format!("batch norm dx, {name}"), bytes(2 * n + dy.len()), || {
                batch_norm_backward_into(
                    &g,
                    black_box(&x),
                    [&row; 3].map(|r| r.as_slice()),
                    &mut y,
                );
            });
        }
        bench(&mut group, "relu and average pool", bytes(n), || {
            relu_avg_pool_into(channels, window, black_box(&x), &mut pooled);
        });
        bench(&mut group, "average pool", bytes(n), || {
            avg_pool_forward_into(channels, window, black_box(&x), &mut pooled);
        });
        bench(&mut group, "average pool backward", bytes(n), || {
            avg_pool_backward_into(channels, window, black_box(&pooled), &mut y);
        });
        bench(&mut group, "max pool", bytes(n), || {
            max_pool_forward_into(channels, window, black_box(&x), &mut pooled, &mut places);
        });
        bench(&mut group, "max pool backward", bytes(n), || {
            max_pool_backward_into(channels, window, black_box(&places), &pooled, &mut y);
        });
        // A generator costs what it costs; this one only has to give other bits each time.
        let random = |i: u64| {
            let a = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let b = (a ^ (a >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            [(a >> 7) as u32, (a >> 31) as u32, (b >> 9) as u32, (b >> 32) as u32]
        };
        for keep in [0.5, 0.7] {
            let mask = Throughput::Bytes(n as u64 / 8);
            bench(&mut group, &format!("dropout mask, keep {keep}"), mask, || {
                fill_keep_bits(keep, n, random, black_box(&mut gate));
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(AgainstGemm::measured());
    targets = convolution, codes, dense, elementwise
}
criterion_main!(benches);
