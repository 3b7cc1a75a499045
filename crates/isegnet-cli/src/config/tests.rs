use super::*;

const GOOD: &str = r#"
[genome]
fasta = "genome.fa.gz"
genes = "genes.gtf.gz"

[expression]
path = "expression.LR.tsv"
id = "gene_id"
value = "value"

[[track]]
name = "H3K9ac"
path = "tracks/H3K9ac.bw"
scale = "minmax"

[split]
kind = "chromosomes"
test = ["Pf3D7_06_v3", "Pf3D7_08_v3"]
validation = ["Pf3D7_04_v3"]

[model]
preset = "gao2022"
k1 = 16
k2 = 32
"#;

fn parse(text: &str) -> Result<Config, Error> {
    Config::parse(Path::new("study/isegnet.toml"), text)
}

/// The problems of a text that must have some, one a line.
fn problems(text: &str) -> Vec<String> {
    match parse(text) {
        Err(Error::Wrong { problems, .. }) => problems.iter().map(ToString::to_string).collect(),
        other => panic!("expected problems, got {other:?}"),
    }
}

#[test]
fn the_outer_form_is_read_and_paths_are_relative_to_the_file() {
    let config = parse(GOOD).unwrap();
    assert_eq!(config.genome.genes, Path::new("study/genes.gtf.gz"));
    assert_eq!(config.samples.len(), 1);
    assert_eq!(config.samples[0].tracks, [Path::new("study/tracks/H3K9ac.bw")]);
    assert_eq!(config.samples[0].expression.as_ref().unwrap().value, "value");
    assert_eq!(config.tracks[0].scaling.scale, Scale::Minmax);
    assert_eq!(config.tracks[0].bin_bp, 20);
    assert_eq!(config.windows.positions(), 2500);
    assert!(config.input.dna);
    let SplitConfig::Chromosomes { test, validation } = config.split else { panic!() };
    assert_eq!((test.len(), validation.len()), (2, 1));
}

#[test]
fn the_template_is_accepted() {
    let config = parse(TEMPLATE).unwrap();
    assert_eq!(config.split, SplitConfig::Folds { folds: 5, test: 1, validation: 2 });
}

/// Uncomments each possibility of the template in turn, in place of the live
/// line of that name.
#[test]
fn the_template_names_only_fields_that_exist() {
    let lines: Vec<&str> = TEMPLATE.lines().collect();
    let field = |line: &str| {
        let (name, rest) = line.split_once(" = ")?;
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (plain && !rest.is_empty()).then(|| name.to_owned())
    };
    let mut section = 0;
    let mut tried = 0;
    for (i, line) in lines.iter().enumerate() {
        if line.starts_with('[') || line.starts_with("# [[") {
            section = i;
        }
        if lines[section].starts_with('#') {
            continue;
        }
        let Some(name) = line.strip_prefix("# ").and_then(field) else { continue };
        let text: Vec<&str> = lines
            .iter()
            .enumerate()
            .map(|(j, l)| match j {
                _ if j == i => &line[2..],
                _ if j > section && j < i && field(l).as_ref() == Some(&name) => "",
                _ => *l,
            })
            .collect();
        if let Err(Error::Wrong { problems, .. }) = parse(&text.join("\n")) {
            let unknown: Vec<_> =
                problems.iter().filter(|p| p.message.contains("unknown field")).collect();
            assert!(unknown.is_empty(), "{line}: {unknown:#?}");
        }
        tried += 1;
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn fields_of_the_model_are_laid_over_its_preset() {
    let config = parse(GOOD).unwrap();
    assert_eq!(config.model.network, NetworkConfig { k1: 16, k2: 32, ..NetworkConfig::gao2022() });
    assert_eq!(config.model.training, TrainConfig::gao2022());
    let own = parse(&GOOD.replace("\"gao2022\"", "\"isegnet\"")).unwrap();
    assert_eq!(own.model.training, TrainConfig::isegnet());
    let train = format!("{GOOD}[train]\nepochs = 3\nseed = 9\nlambda = 0.01");
    let config = parse(&train).unwrap();
    assert_eq!((config.model.training.epochs, config.model.seed), (3, 9));

    let found = problems(&GOOD.replace("k1 = 16", "kernels = 16"));
    assert!(found[0].contains("[model]: unknown field \"kernels\"; did you mean \"kernel\"?"));
    assert!(found[0].contains("valid here: preset, k1"), "{found:#?}");
    let found = problems(&GOOD.replace("\"gao2022\"", "\"gao\""));
    assert!(found[0].contains("unknown preset \"gao\"; did you mean \"gao2022\"?"));
}

#[test]
fn an_unknown_field_is_told_with_its_line_the_nearest_name_and_all_names() {
    let found = problems(&GOOD.replace("scale =", "scal ="));
    assert_eq!(
        found,
        [
            "line 14, [[track]] 1: unknown field \"scal\"; did you mean \"scale\"? valid here: name, \
          path, kind, transform, scale, bin_bp, missing, min_coverage"
        ]
    );
    let found = problems(&GOOD.replace("[genome]", "[genom]"));
    assert!(found[0].starts_with("line 2: unknown field \"genom\"; did you mean \"genome\"?"));
}

#[test]
fn everything_wrong_is_told_at_once() {
    let text = GOOD
        .replace("fasta =", "fassta =")
        .replace("\"minmax\"", "\"min-max\"")
        .replace("value = \"value\"", "value = 3")
        .replace("k1 = 16", "k1 = \"many\"")
        .replace("validation = [\"Pf3D7_04_v3\"]", "validation = [\"Pf3D7_06_v3\"]\nfolds = 5");
    let found = problems(&text);
    let expected = [
        "line 3, [genome]: unknown field \"fassta\"; did you mean \"fasta\"?",
        "line 9, [expression], value: integer `3` stands where a string belongs",
        "line 14, [[track]] 1, scale: unknown value \"min-max\"; did you mean \"minmax\"? valid \
         here: max, minmax, quantile, none",
        "line 19, [split], validation: \"Pf3D7_06_v3\" is tested on as well",
        "line 20, [split], folds: is not used by kind = \"chromosomes\"; leave it out",
        "line 24, [model], k1: string \"many\" stands where usize belongs",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn broken_toml_is_told_with_its_line() {
    let found = problems("[genome]\ngenes = \"a.gtf\nfasta = 3 4\n");
    assert!(found[0].starts_with("line 2: is not valid TOML here"), "{found:?}");
}

#[test]
fn samples_bring_their_own_files_and_missing_ones_are_told() {
    let text = r#"
[genome]
genes = "genes.gtf"
[expression]
value = "RPKM"
[[track]]
name = "DNase"
[[track]]
name = "H3K4me1"
path = "shared.bw"
[[sample]]
name = "E116"
expression = { path = "E116.tsv" }
tracks = { DNase = "E116/DNase.bw" }
[[sample]]
name = "E117"
expression = { path = "E117.tsv", value = "TPM" }
tracks = { DNasee = "E117/DNase.bw" }
"#;
    let found = problems(text);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("unknown track \"DNasee\"; did you mean \"DNase\"?"), "{found:#?}");
    assert!(found[1].contains("has no file for track \"DNase\""), "{found:#?}");

    let config = parse(&text.replace("DNasee", "DNase")).unwrap();
    assert_eq!(config.samples[1].tracks[1], Path::new("study/shared.bw"));
    let column = |i: usize| config.samples[i].expression.as_ref().unwrap().value.as_str();
    assert_eq!((column(0), column(1)), ("RPKM", "TPM"));
    assert!(!config.input.dna);
}

#[test]
fn an_empty_file_lacks_genes_expression_and_input() {
    let found = problems("");
    assert_eq!(found.len(), 3, "{found:#?}");
}

#[test]
fn folds_are_numbered_from_one_and_differ() {
    let split = |lines: &str| format!("{}[split]\n{lines}", GOOD.split("[split]").next().unwrap());
    assert!(parse(&split("test = 5")).is_ok());
    for (bad, message) in [
        ("test = 0", "give the number of a fold, 1 to 5"),
        ("test = 6", "give the number of a fold, 1 to 5"),
        ("test = 2\nvalidation = 2", "fold 2 is tested on as well"),
        ("kind = \"random\"\ntest = 0.6\nvalidation = 0.5", "leave nothing to train on"),
        ("kind = \"file\"", "needs path"),
    ] {
        let found = problems(&split(bad));
        assert!(found[0].contains(message), "{found:#?}");
    }
}

#[test]
fn a_logit_is_of_classes_and_classes_have_a_logit() {
    let with = |target: &str, output: &str| {
        let model = format!("[model]\noutput = \"{output}\"");
        format!("{}\n[target]\ntransform = \"{target}\"\n", GOOD.replace("[model]", &model))
    };
    assert!(parse(&with("median-binary", "logit")).is_ok());
    assert!(parse(&with("ln1p", "linear")).is_ok());
    for (target, output) in [("ln1p", "logit"), ("median-binary", "relu")] {
        let found = problems(&with(target, output));
        assert!(found[0].contains("[model], output") && found.len() == 1, "{found:#?}");
    }
}

#[test]
fn bins_divide_the_windows_and_have_no_dna() {
    let [before, _] = GOOD.split("[model]").collect::<Vec<_>>()[..] else { panic!("no model") };
    let with = |input: &str| {
        let window = "[windows]\ntss = [-5000, 5000]\ntts = [0, 0]\n";
        format!("{before}{window}[input]\n{input}\n[model]\npreset = \"deepchrome\"\n")
    };
    let config = parse(&with("bin_bp = 100")).unwrap();
    assert_eq!((config.input.bin_bp, config.input.dna), (100, false));
    for (bad, message) in [
        ("bin_bp = 0", "divides both lengths"),
        ("bin_bp = 300", "divides both lengths"),
        ("bin_bp = 100\ndna = true", "set bin_bp = 1"),
    ] {
        let found = problems(&with(bad));
        assert!(found[0].contains(message), "{found:#?}");
    }
}
