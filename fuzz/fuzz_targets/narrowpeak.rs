//! Peaks with their scores: narrowPeak and BED.
#![no_main]

use isegnet_io::peaks;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(peaks) = peaks::from_reader(data, "fuzz.narrowPeak") else { return };
    assert!(!peaks.is_empty());
    for peak in &peaks {
        assert!(!peak.region.is_empty() && peak.height().is_finite());
        assert!(peak.minus_log10_p.is_none_or(|p| p >= 0.0));
        assert!(peak.summit.is_none_or(|at| (peak.region.start..peak.region.end).contains(&at)));
    }
});
