//! Broken and hostile data sets are errors, never panics or large allocations.
#![allow(clippy::unwrap_used)]

mod common;

use common::Study;
use isegnet_encode::{Dataset, DatasetError, InputFile, Windows, check_bytes};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn made(seed: u64) -> (Study, PathBuf) {
    let study = Study::new(seed, Windows::default());
    study.build().unwrap();
    let path = study.folder.path().join("set");
    (study, path)
}

/// Changes a file, and the manifest so that it agrees on size and hash.
fn change(set: &Path, name: &str, new: &[u8]) {
    std::fs::write(set.join(name), new).unwrap();
    let file = InputFile::of("", &set.join(name)).unwrap();
    let path = set.join("manifest.json");
    let mut json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for entry in json["files"].as_array_mut().unwrap() {
        if entry["path"] == name {
            entry["bytes"] = file.bytes.into();
            entry["sha256"] = file.sha256.clone().into();
        }
    }
    std::fs::write(path, serde_json::to_vec_pretty(&json).unwrap()).unwrap();
}

fn refused(set: &Path) -> String {
    let error = Dataset::open(set).unwrap_err();
    assert!(matches!(error, DatasetError::Broken { .. }), "{error:?}");
    error.to_string()
}

#[test]
fn a_folder_without_a_manifest_and_another_version_are_told() {
    let (_study, set) = made(21);
    let path = set.join("manifest.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"format_version\": 1", "\"format_version\": 9")).unwrap();
    let error = Dataset::open(&set).unwrap_err();
    assert!(matches!(error, DatasetError::Version { found: 9, known: 1, .. }));
    // A version to come may have other fields: the version is still told.
    std::fs::write(&path, r#"{"format_version": 2, "shape": "other"}"#).unwrap();
    assert!(matches!(Dataset::open(&set).unwrap_err(), DatasetError::Version { found: 2, .. }));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(Dataset::open(&set).unwrap_err(), DatasetError::NotADataset { .. }));
}

#[test]
fn truncated_and_grown_files_are_told_with_both_sizes() {
    for name in ["genes.tsv", "dna.safetensors", "samples/001/track002.safetensors"] {
        let (_study, set) = made(22);
        let bytes = std::fs::read(set.join(name)).unwrap();
        for length in [0, 7, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(set.join(name), &bytes[..length]).unwrap();
            let text = refused(&set);
            let (found, was) = (format!("{length} bytes"), format!("had {}", bytes.len()));
            assert!(text.contains(&found) && text.contains(&was), "{text}");
        }
        for length in [0, 7, bytes.len() / 2, bytes.len() - 1] {
            change(&set, name, &bytes[..length]);
            refused(&set);
        }
    }
}

#[test]
fn a_changed_file_is_found_by_verifying() {
    let (_study, set) = made(23);
    let name = set.join("samples/000/track000.safetensors");
    let mut bytes = std::fs::read(&name).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&name, &bytes).unwrap();
    let text = Dataset::open(&set).unwrap().verify().unwrap_err().to_string();
    assert!(text.contains("track000") && text.contains("SHA-256"), "{text}");
}

/// An array file with the given header and data.
fn arrays(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(data);
    bytes
}

#[test]
fn array_headers_that_lie_are_refused() {
    let (_study, set) = made(24);
    let huge = u64::MAX.to_string();
    let headers = [
        r#"{"codes":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#.to_owned(),
        r#"{"codes":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.to_owned(),
        r#"{"codes":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]}}"#.to_owned(),
        r#"{"other":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#.to_owned(),
        format!(r#"{{"codes":{{"dtype":"U8","shape":[{huge}],"data_offsets":[0,{huge}]}}}}"#),
        format!(r#"{{"codes":{{"dtype":"F32","shape":[{huge},4],"data_offsets":[0,4]}}}}"#),
        r#"{"codes":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}"#.to_owned(),
        "{".to_owned(),
        String::new(),
    ];
    for header in headers {
        change(&set, "dna.safetensors", &arrays(&header, &[0; 4]));
        refused(&set);
    }
    let mut endless = u64::MAX.to_le_bytes().to_vec();
    endless.extend_from_slice(b"{}");
    change(&set, "dna.safetensors", &endless);
    refused(&set);
}

#[test]
fn offsets_of_methylation_that_lie_are_refused() {
    let (_study, set) = made(25);
    let name = "samples/000/track002.safetensors";
    let bytes = std::fs::read(set.join(name)).unwrap();
    for value in [u64::MAX, 1 << 40, 0] {
        let mut bytes = bytes.clone();
        let last = bytes.len() - 8;
        bytes[last..].copy_from_slice(&value.to_le_bytes());
        change(&set, name, &bytes);
        assert!(refused(&set).contains("offsets"));
    }
    // Positions in any order give wrong values at worst, never a panic.
    let mut shuffled = bytes.clone();
    for byte in &mut shuffled[1024..2024] {
        *byte = byte.wrapping_mul(7).wrapping_add(3);
    }
    change(&set, name, &shuffled);
    let view = Dataset::open(&set).unwrap().view(&Default::default()).unwrap();
    for row in 0..view.dataset().rows().len() {
        view.values_into(row, 2, &mut vec![0.0; view.positions()]);
    }
}

#[test]
fn genes_and_manifests_that_lie_are_refused() {
    let (_study, set) = made(26);
    let genes = std::fs::read_to_string(set.join("genes.tsv")).unwrap();
    let first = genes.lines().nth(1).unwrap();
    let fields: Vec<&str> = first.split('\t').collect();
    let swap = |i: usize, value: &str| {
        let mut fields = fields.clone();
        fields[i] = value;
        genes.replacen(first, &fields.join("\t"), 1)
    };
    let nine = "9223372036854775807";
    for lie in [swap(3, nine), swap(4, nine), swap(3, "-5"), swap(5, "."), swap(2, "chrZ")] {
        change(&set, "genes.tsv", lie.as_bytes());
        refused(&set);
    }
    change(&set, "genes.tsv", format!("{genes}{first}\n").as_bytes());
    refused(&set);
    change(&set, "genes.tsv", &genes.as_bytes()[..genes.len() - first.len() - 1]);
    refused(&set);
    change(&set, "genes.tsv", genes.as_bytes());
    Dataset::open(&set).unwrap();
    let path = set.join("manifest.json");
    let text = std::fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("\"bin_bp\": 20", "\"bin_bp\": 0"),
        ("\"bin_bp\": 20", "\"bin_bp\": 18446744073709551615"),
        ("\"rows\": ", "\"rows\": 1"),
        ("\"single\"", "\"binned\""),
        ("\"dna\": true", "\"dna\": false"),
        ("genes.tsv", "../genes.tsv"),
        ("-1000", "-9223372036854775808"),
        ("\"length\": ", "\"length\": 9999999999"),
        ("\"counts\"", "\"count\""),
    ] {
        assert!(text.contains(from), "{from}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        refused(&set);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn changed_bytes_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        which in 0usize..3,
    ) {
        thread_local! {
            static SET: (Study, PathBuf) = made(27);
        }
        let files = SET.with(|(_, set)| {
            ["manifest.json", "genes.tsv", "samples/000/track002.safetensors"]
                .map(|name| std::fs::read(set.join(name)).unwrap())
        });
        let mut files = files;
        let length = files[which].len().min(2000);
        for (index, byte) in changes {
            files[which][index.index(length)] = byte;
        }
        check_bytes(&files[0], &files[1], &files[2]);
    }
}
