/// The configuration that `isegnet init` writes: every field, explained.
pub const TEMPLATE: &str = include_str!("template.toml");
