//! `ktstr render`: a scenario written out anew.

use crate::args::{Language, Render};
use crate::exit::{Exit, Failure};
use crate::output::out;
use crate::scenario_file::ScenarioFile;
use bumpalo::Bump;
use ktstr_file::{render_rust, render_toml};

pub(crate) fn run(args: &Render) -> Result<Exit, Failure> {
    let arena = Bump::new();
    let file = ScenarioFile::read(&args.file, &arena)?;
    let text = match args.language {
        Language::Toml => render_toml(file.scenario()),
        Language::Rust => render_rust(file.scenario()),
    };
    out(&text)?;
    Ok(Exit::Pass)
}
