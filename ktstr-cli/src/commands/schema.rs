//! `ktstr schema`: the JSON Schemas of files, for editors and for programs that read reports.

use crate::args::{Schema, SchemaOf};
use crate::exit::{Exit, Failure};
use crate::output::out;
use ktstr_file::{report_schema, scenario_schema};

pub(crate) fn run(args: &Schema) -> Result<Exit, Failure> {
    out(&match args.of {
        SchemaOf::Scenario => scenario_schema(),
        SchemaOf::Report => report_schema(),
    })?;
    Ok(Exit::Pass)
}
