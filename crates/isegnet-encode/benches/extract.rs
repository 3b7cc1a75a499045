//! A data set from one bigWig of a chromosome's size.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use isegnet_core::{Cancel, Chromosome, Gene, Interval, Random, Silent, Strand};
use isegnet_encode::{DatasetBuilder, SampleInput, TrackSpec, Windows};
use isegnet_io::bigwig;

const LENGTH: u32 = 100_000_000;
const GENES: u64 = 600;

fn extract(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("track.bw");
    let random = Random::new(1, "bench");
    let chromosomes = [Chromosome { name: "chr1".into(), length: Some(LENGTH.into()) }];
    let values = (0..LENGTH / 25).map(|i| {
        let value = random.below(0, i.into(), 50) as f32 / 7.0;
        ("chr1", 25 * i, 25 * (i + 1), value)
    });
    bigwig::write(&path, &chromosomes, values).expect("a track");
    let gene = |i: u64| {
        let start = random.below(1, i, u64::from(LENGTH) - 60_000) as i64;
        let end = start + 1_500 + random.below(2, i, 50_000) as i64;
        let strand = if random.below(3, i, 2) == 0 { Strand::Forward } else { Strand::Reverse };
        Gene { id: format!("g{i}"), name: None, strand, body: Interval::new("chr1", start, end) }
    };
    let genes: Vec<Gene> = (0..GENES).map(gene).collect();

    let mut group = c.benchmark_group("extract");
    group.sample_size(10).throughput(Throughput::Elements(GENES));
    group.bench_function("600 genes", |b| {
        b.iter(|| {
            let sample = SampleInput {
                name: "s".into(),
                condition: None,
                group: None,
                expression: None,
                tracks: vec![("t".into(), bigwig::open(&path).unwrap())],
            };
            DatasetBuilder::new(Windows::default(), genes.clone())
                .track(TrackSpec::signal("t"))
                .sample(sample)
                .write(&folder.path().join("set"), &Silent, &Cancel::default())
                .unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, extract);
criterion_main!(benches);
