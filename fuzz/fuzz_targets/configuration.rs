//! The command's configuration.
#![no_main]

use isegnet_cli::config::Config;
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Config::parse(Path::new("isegnet.toml"), text) {
        Ok(config) => assert!(config.windows.positions() > 0),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
