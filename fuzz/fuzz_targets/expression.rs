//! Expression tables, their columns found by name, and their join to ids.
#![no_main]

use isegnet_io::expression::{Columns, from_reader, join, join_key};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for columns in [Columns::rsem(), Columns::new("g", "v"), Columns::new("", "")] {
        let Ok(table) = from_reader(data, "fuzz.tsv", &columns) else { continue };
        assert!(table.values().iter().all(|v| v.is_finite() && *v >= 0.0));
        let keys: Vec<_> = table.ids().iter().map(|id| join_key(id)).collect();
        let joined = join(table.ids().iter().map(String::as_str), &table).unwrap();
        assert_eq!(joined.pairs.len(), table.len());
        join(keys.iter().map(String::as_str), &table).ok();
    }
});
