//! `ktstr render`: a scenario written out anew.

use crate::args::{Language, Render};
use crate::exit::{Exit, Failure};
use crate::judged::read;
use crate::output::out;
use ktstr_file::{render_rust, render_toml};

pub(crate) fn run(args: &Render) -> Result<Exit, Failure> {
    let file = read(&args.file)?;
    let text = match args.language {
        Language::Toml => render_toml(file.scenario()),
        Language::Rust => render_rust(file.scenario()),
    };
    out(&text)?;
    Ok(Exit::Pass)
}
