#![forbid(unsafe_code)]
//! Pictures of a run, out of its report: [`html`] is one page that needs nothing else.
//!
//! A [`Timeline`] says what was in force from when to when; pages and remarks are made of that and of the
//! report. Nothing here runs a scenario, judges it, writes a file or prints.
//!
//! The same report gives the same bytes. What a report says may come from guests and payloads: in a page
//! all of it is escaped, by the only type that can write one.
//!
//! ```
//! use ktstr_core::{PlanBackend, Topology};
//! use ktstr_file::report::{Recorder, RunHead};
//! use ktstr_file::{ScenarioFile, play_scenario};
//!
//! let file: ScenarioFile = "name = 'short'\n[[steps]]\nhold = 'full'".parse()?;
//! let (scenario, topology, mut heard) = (file.scenario(), Topology::uniform(1, 1, 4, 1), Recorder::new());
//! let end = play_scenario(scenario, &mut PlanBackend::new(topology), 1, &mut heard).expect("a run");
//! let head = RunHead { scenario, backend: "plan", backend_reason: "", seed: 1, topology: &topology };
//! let page = ktstr_picture::html(&heard.finish(&head, &end), None);
//! assert!(page.starts_with("<!DOCTYPE html>") && page.contains("short"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod diff;
mod page;
mod perfetto;
mod remarks;
mod timeline;
mod trace;

pub use diff::{Diff, Pair, Parting};
pub use page::{MAX_PAGE, html, html_of_two};
pub use perfetto::perfetto;
pub use remarks::{Remark, remarks};
pub use timeline::{CgroupLanes, Gap, Mark, Span, Timeline};
pub use trace::{Owners, Record, Slice, Task, Trace, Wait, What, timehist};
