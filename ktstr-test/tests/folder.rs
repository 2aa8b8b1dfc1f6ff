//! The canned scenarios as tests, on the mock: a folder under cargo and nextest.

use ktstr_test::{Backend, Harness, Settings};
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    Harness::new().folder(folder).settings(Settings::NONE.backend(Backend::Mock)).main()
}
