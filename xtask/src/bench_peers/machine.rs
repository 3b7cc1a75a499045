//! What the figures were measured on.

use std::process::Command;

/// The processor, its cores, its widest instructions, and the threads used.
pub fn description(threads: usize) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (model, isa) = (model(), isa());
    format!("{model}, {cores} cores, {isa}; {threads} threads{}", load())
}

fn model() -> String {
    let linux = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mac = || {
        let output = Command::new("sysctl").args(["-n", "machdep.cpu.brand_string"]).output();
        output.map_or_else(|_| String::new(), |o| String::from_utf8_lossy(&o.stdout).trim().into())
    };
    let model = model_of(&linux).unwrap_or_else(mac);
    if model.is_empty() { "a processor without a name".into() } else { model }
}

fn model_of(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(target_arch = "x86_64")]
fn isa() -> &'static str {
    let wide = is_x86_feature_detected!("avx512f");
    match wide {
        true if is_x86_feature_detected!("avx512bf16") => "AVX-512 with bf16",
        true => "AVX-512",
        false if is_x86_feature_detected!("avx2") => "AVX2",
        false => "SSE2",
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn isa() -> &'static str {
    std::env::consts::ARCH
}

/// A word where others are at work on the machine: the times are not to be trusted then.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    match text.split_whitespace().next().map(str::parse::<f64>) {
        Some(Ok(load)) if load > 0.5 => format!("; load {load} before the first row"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_the_first_one_named() {
        let cpuinfo = "processor\t: 0\nmodel name\t: AMD EPYC 9B14\ncache size\t: 1 KB\n";
        assert_eq!(model_of(cpuinfo).as_deref(), Some("AMD EPYC 9B14"));
        assert_eq!(model_of("processor: 0\n"), None);
    }
}
