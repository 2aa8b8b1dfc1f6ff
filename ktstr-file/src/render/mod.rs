//! From a scenario back to text: as a scenario file, and as Rust.

pub(crate) mod checks;
pub(crate) mod control_files;
pub(crate) mod definition_ids;
pub(crate) mod knobs;
pub(crate) mod plain;
pub(crate) mod rust;
pub(crate) mod rust_values;
pub(crate) mod toml;
pub(crate) mod toml_text;
pub(crate) mod words;
