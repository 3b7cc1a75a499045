//! Laws of divisions.

use crate::study::message;
use isegnet_select::{Division, Folds, Parts, Rows, SelectError};
use proptest::prelude::*;

fn rows(genes: &[usize]) -> Rows {
    let names: Vec<String> = genes.iter().map(|gene| format!("G{gene}")).collect();
    Rows::of_genes(&names)
}

fn one_a_gene(rows_: usize) -> Rows {
    rows(&(0..rows_).collect::<Vec<_>>())
}

/// `[list(test) for _, test in KFold(k).split(range(n))]` of scikit-learn 1.x.
#[test]
fn kfold_cuts_as_scikit_learn_does() {
    let cases: [(usize, usize, &[&[usize]]); 4] = [
        (10, 3, &[&[0, 1, 2, 3], &[4, 5, 6], &[7, 8, 9]]),
        (11, 4, &[&[0, 1, 2], &[3, 4, 5], &[6, 7, 8], &[9, 10]]),
        (6, 5, &[&[0, 1], &[2], &[3], &[4], &[5]]),
        (4, 2, &[&[0, 1], &[2, 3]]),
    ];
    for (n, k, expected) in cases {
        let rows = one_a_gene(n);
        let divisions = Folds::kfold(&rows, k).unwrap().tested(&rows).unwrap();
        let tests: Vec<&[usize]> = divisions.iter().map(Division::test).collect();
        assert_eq!(tests, expected);
        for division in &divisions {
            let others: Vec<usize> = (0..n).filter(|row| !division.test().contains(row)).collect();
            assert_eq!(division.train(), others);
            assert!(division.validation().is_empty());
        }
        assert_eq!(Folds::straddling(&rows, k).unwrap().rows(0), expected[0]);
    }
}

#[test]
fn given_folds_stand_in_their_order_and_leave_rows_out() {
    let rows = one_a_gene(7);
    let names = ["10", "2", "x", "2", "", "10", "1"].map(|n| (!n.is_empty()).then_some(n));
    let folds = Folds::given(&rows, &names).unwrap();
    let divisions = folds.tested_and_validated(&rows).unwrap();
    let names: Vec<&str> = divisions.iter().map(Division::name).collect();
    assert_eq!(names, ["fold 1", "fold 2", "fold 10", "fold x"]);
    assert_eq!(divisions[1].test(), [1, 3]);
    assert_eq!(divisions[1].validation(), [0, 5]);
    assert_eq!(divisions[1].train(), [2, 6]);
    assert_eq!(divisions[3].validation(), [6]);
    assert_eq!(divisions[1].development(), [0, 2, 5, 6]);
    assert_eq!(divisions[1].trained_on_validation().train(), [0, 2, 5, 6]);
    let validated = folds.validated(&rows).unwrap();
    assert_eq!((validated[1].validation(), validated[1].test()), (&[1, 3][..], &[][..]));
}

#[test]
fn what_cannot_be_divided_says_why() {
    let three = rows(&[0, 1, 0]);
    let parts = |train: &[usize], validation: &[usize], test: &[usize]| Parts {
        train: train.into(),
        validation: validation.into(),
        test: test.into(),
    };
    let new = |parts| Division::new(&three, "d", parts);
    assert_eq!(
        message(new(parts(&[0], &[1], &[2]))),
        "rows of gene G0 stand in training and in test of \"d\"; divide by gene, or ask for a \
         division that straddles by its name"
    );
    assert!(message(new(parts(&[0, 0], &[], &[]))).contains("row 0 stands in \"d\" twice"));
    assert!(message(new(parts(&[0], &[], &[0]))).contains("twice"));
    assert!(message(new(parts(&[0], &[3], &[]))).contains("names row 3, where there are 3"));
    assert!(message(new(parts(&[], &[0], &[]))).contains("no training rows"));
    let straddling = Division::straddling(&three, "d", parts(&[0], &[1], &[2])).unwrap();
    assert_eq!(straddling.straddling_genes(), 1);
    // What counts is what is known of the tested genes.
    assert_eq!(straddling.trained_on_validation().straddling_genes(), 1);
    let both_seen = Division::straddling(&three, "d", parts(&[0], &[2], &[1])).unwrap();
    assert_eq!(both_seen.straddling_genes(), 0);
    assert!(matches!(Folds::kfold(&three, 3), Err(SelectError::Folds { genes: 2, folds: 3 })));
    assert!(matches!(Folds::kfold(&three, 1), Err(SelectError::Folds { .. })));
    // Chromosome folds that tear a gene apart are refused when they divide.
    let torn = Folds::given(&three, &[Some("1"), Some("1"), Some("2")]).unwrap();
    assert!(matches!(torn.tested(&three), Err(SelectError::Straddles { .. })));
    let one = Folds::given(&three, &[Some("1"), Some("1"), Some("1")]).unwrap();
    assert!(matches!(one.tested(&three), Err(SelectError::Empty { .. })));
}

proptest! {
    #[test]
    fn folds_keep_genes_together_and_every_row_is_tested_once(
        genes in proptest::collection::vec(0_usize..12, 6..60),
        k in 2_usize..6,
    ) {
        let rows = rows(&genes);
        prop_assume!(rows.genes().len() >= k);
        let divisions = Folds::kfold(&rows, k).unwrap().tested(&rows).unwrap();
        let mut tested: Vec<usize> = divisions.iter().flat_map(|d| d.test().to_vec()).collect();
        tested.sort_unstable();
        prop_assert_eq!(tested, (0..genes.len()).collect::<Vec<_>>());
        for division in &divisions {
            let trained: Vec<usize> = division.train().iter().map(|&row| genes[row]).collect();
            prop_assert!(division.test().iter().all(|&row| !trained.contains(&genes[row])));
            prop_assert_eq!(division.straddling_genes(), 0);
        }
        // As even as can be, in genes.
        let in_fold = |d: &Division| {
            let mut of: Vec<usize> = d.test().iter().map(|&row| genes[row]).collect();
            of.sort_unstable();
            of.dedup();
            of.len()
        };
        let sizes: Vec<usize> = divisions.iter().map(in_fold).collect();
        prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
    }

    #[test]
    fn inner_divisions_stay_inside(
        genes in proptest::collection::vec(0_usize..30, 40..80),
        outer in 2_usize..5,
        inner in 2_usize..4,
    ) {
        let rows = rows(&genes);
        for division in Folds::kfold(&rows, outer).unwrap().tested(&rows).unwrap() {
            let development = division.development();
            let folds = Folds::kfold_among(&rows, &development, inner).unwrap();
            let within = division.inner(&rows, &folds).unwrap();
            prop_assert_eq!(within.len(), inner);
            let mut judged = Vec::new();
            for one in &within {
                prop_assert_eq!(one.development(), development.clone());
                prop_assert!(one.test().is_empty());
                judged.extend_from_slice(one.validation());
            }
            judged.sort_unstable();
            prop_assert_eq!(judged, development);
            // Outer folds serve as inner ones too: the one that is tested falls out.
            let folds = Folds::kfold(&rows, outer).unwrap();
            if outer > 2 {
                prop_assert_eq!(division.inner(&rows, &folds).unwrap().len(), outer - 1);
            }
        }
    }
}
