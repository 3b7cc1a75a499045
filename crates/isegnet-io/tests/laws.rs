//! What holds for any input.
#![allow(clippy::unwrap_used)]

use isegnet_core::Chromosome;
use isegnet_core::bins::{bin_count, bin_means_into};
use isegnet_io::expression::{self, Columns, join_key};
use isegnet_io::genes::{self, Anchor, Options};
use isegnet_io::names::Aliases;
use isegnet_io::{bedgraph, bedmethyl, bigwig, fasta, grid, regions};
use proptest::collection::vec;
use proptest::prelude::*;

const LENGTH: usize = 2_000;

/// Intervals of one chromosome, in order, without overlaps: (start, end, value).
fn intervals() -> impl Strategy<Value = Vec<(u32, u32, f32)>> {
    let step = (0u32..9, 1u32..30, -1e3f32..1e3);
    vec(step, 1..80).prop_map(|steps| {
        let mut at = 0;
        let next = |(gap, length, value)| {
            let start = at + gap;
            at = start + length;
            (start, at, value)
        };
        let all: Vec<_> = steps.into_iter().map(next).collect();
        all.into_iter().filter(|i| i.1 as usize <= LENGTH).collect()
    })
}

/// Every base's value, the slow way.
fn per_base(intervals: &[(u32, u32, f32)]) -> Vec<f32> {
    let mut values = vec![f32::NAN; LENGTH];
    for &(start, end, value) in intervals {
        values[start as usize..end as usize].fill(value);
    }
    values
}

fn same(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
}

/// The values of a stretch, off the chromosome NaN.
fn stretch(values: &[f32], start: i64, n: usize) -> Vec<f32> {
    let at = |i: i64| usize::try_from(i).ok().and_then(|i| values.get(i)).copied();
    (start..start + n as i64).map(|i| at(i).unwrap_or(f32::NAN)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn tracks_give_back_what_was_written(intervals in intervals(), start in -50i64..2_050, n in 0usize..300) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bw");
        let chromosomes = [Chromosome { name: "c".into(), length: Some(LENGTH as u64) }];
        let rows = intervals.iter().map(|&(start, end, value)| ("c", start, end, value));
        bigwig::write(&path, &chromosomes, rows).unwrap();
        // The lines of the bedGraph in another order.
        let text: String = intervals.iter().rev().map(|(s, e, v)| format!("c\t{s}\t{e}\t{v}\n")).collect();
        let expected = stretch(&per_base(&intervals), start, n);
        for mut track in [bigwig::open(&path).unwrap(), bedgraph::from_reader(text.as_bytes(), "a").unwrap()] {
            let mut got = vec![0.0; n];
            track.values_into("c", start, &mut got).unwrap();
            prop_assert!(same(&got, &expected));
        }
    }

    #[test]
    fn genomes_give_back_what_was_written(bases in "[ACGTNacgtn]{1,400}", start in -70i64..470, n in 0usize..200, gz: bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(if gz { "a.fa.gz" } else { "a.fa" });
        fasta::write(&path, [("other", "ACGT"), ("c", bases.as_str())]).unwrap();
        let mut got = vec![0; n];
        fasta::open(&path).unwrap().bases_into("c", start, &mut got).unwrap();
        let at = |i: i64| usize::try_from(i).ok().and_then(|i| bases.as_bytes().get(i)).copied();
        let expected: Vec<u8> = (start..start + n as i64).map(|i| at(i).unwrap_or(b'.')).collect();
        prop_assert_eq!(got, expected);
    }
}

proptest! {
    #[test]
    fn bins_of_a_constant_are_that_constant(value in -1e6f32..1e6, covered in vec(any::<bool>(), 1..300), bin_bp in 1usize..50) {
        let values: Vec<f32> = covered.iter().map(|c| if *c { value } else { f32::NAN }).collect();
        let mut means = vec![0.0; bin_count(values.len(), bin_bp)];
        bin_means_into(&values, bin_bp, &mut means);
        for (bin, mean) in covered.chunks(bin_bp).zip(means) {
            let near = (mean - f64::from(value)).abs() <= 1e-9 * f64::from(value).abs();
            prop_assert!(near == bin.contains(&true) && mean.is_nan() != near);
        }
    }

    #[test]
    fn the_grid_is_where_the_chromosome_begins(intervals in intervals(), first in -4i64..110, n in 0usize..30, bin_bp in 1usize..40) {
        let text: String = intervals.iter().map(|(s, e, v)| format!("c\t{s}\t{e}\t{v}\n")).collect();
        let mut track = bedgraph::from_reader(text.as_bytes(), "a").unwrap();
        let mut got = vec![0.0; n];
        grid::means_into(&mut *track, "c", first, bin_bp, &mut got).unwrap();
        let values = per_base(&intervals);
        for (mean, bin) in got.iter().zip(first..) {
            let covered: Vec<f64> = stretch(&values, bin * bin_bp as i64, bin_bp)
                .into_iter().filter(|v| !v.is_nan()).map(f64::from).collect();
            let expected = covered.iter().sum::<f64>() / covered.len() as f64;
            prop_assert!(*mean == expected || mean.is_nan() && covered.is_empty());
        }
    }

    #[test]
    fn a_key_has_no_version_left_to_strip(id in "[A-Z]{1,4}[0-9]{0,5}(\\.[0-9]{1,3})?(_PAR_Y)?") {
        let key = join_key(&id);
        prop_assert_eq!(join_key(&key), key.clone());
        prop_assert_eq!(key.ends_with("_PAR_Y"), id.ends_with("_PAR_Y"));
    }

    #[test]
    fn a_name_mapped_twice_is_mapped_once(name in "(chr|Chr|)[0-9XYMTLR]{0,3}[a-z_]{0,2}") {
        for aliases in [Aliases::Ucsc, Aliases::Ensembl] {
            let once = aliases.apply(&name).into_owned();
            prop_assert_eq!(aliases.apply(&once).into_owned(), once.clone());
        }
        let there = Aliases::Ucsc.apply(&name).into_owned();
        prop_assert_eq!(Aliases::Ucsc.apply(&Aliases::Ensembl.apply(&there)).into_owned(), there.clone());
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "([a-z0-9\t .;=\"%+#,>-]|\n){0,300}", gff3: bool) {
        let columns = Columns::new("a", "b");
        let head = if gff3 { "c\tx\tgene\t1\t9\t.\t+\t.\tID=g;" } else { "a,b\n" };
        let text = format!("{head}{text}");
        genes::from_reader(text.as_bytes(), "x", &Options { anchor: Anchor::Longest, biotypes: None }).ok();
        expression::from_reader(text.as_bytes(), "x", &columns).ok();
        bedgraph::from_reader(text.as_bytes(), "x").ok();
        bedmethyl::from_reader(text.as_bytes(), "x", 1).ok();
        regions::from_reader(text.as_bytes(), "x").ok();
    }
}
