//! `ktstr plan`: the actions that a run would carry out.

use crate::args::Plan;
use crate::exit::{Exit, Failure};
use crate::judged::{Judged, ReadAnew, read};
use crate::machine::here;
use crate::output::out;
use ktstr_core::{Event, Observer, PlanBackend};
use ktstr_file::play_scenario;
use ktstr_file::report::text::{table, time};

pub(crate) fn run(args: &Plan) -> Result<Exit, Failure> {
    out(&plan(args)?)?;
    Ok(Exit::Pass)
}

fn plan(args: &Plan) -> Result<String, Failure> {
    let file = read(&args.file)?;
    let read_anew = ReadAnew::default();
    let judged = Judged::of(&file, &read_anew)?;
    let topology = match (args.topology, judged.topology()) {
        (Some(topology), _) => topology.resolve()?,
        (None, Some(topology)) => topology,
        (None, None) => here()?,
    };
    let scenario = judged.on(&topology)?.scenario;
    let mut lines = Lines { rows: vec![["time", "site", "action"].map(str::to_owned)] };
    let mut backend = PlanBackend::new(topology);
    play_scenario(scenario, &mut backend, args.seed, &mut lines)
        .map_err(|error| Failure::invalid(error.to_string()))?;
    Ok(table(&lines.rows))
}

struct Lines {
    rows: Vec<[String; 3]>,
}

impl<'a> Observer<'a> for Lines {
    fn event(&mut self, event: &Event<'_, 'a>) {
        let at = if event.at.is_zero() { "0".to_owned() } else { time(event.at.as_nanos() as f64) };
        self.rows.push([at, event.site.to_string(), event.action.to_string()]);
    }
}
