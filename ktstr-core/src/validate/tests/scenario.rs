//! The scenario as a whole.

use super::*;
use crate::model::topology::Uniform;
use crate::validate::rules::ErrorKind::*;

pub(super) fn rows() -> Vec<Row> {
    let s = || Scenario::new("test");
    let checks = |checks| s().checks(checks);
    let c = Checks::NONE;
    let at = Site::Scenario;
    let long = std::string::String::leak("x".repeat(65));
    let (many, full) = (&long[..], &long[..64]);
    std::vec![
        row(ScenarioName, at, Scenario::new(""), Scenario::new("x")),
        row(ScenarioName, at, Scenario::new(many), Scenario::new(full)),
        row(ScenarioName, at, Scenario::new("a\nb"), Scenario::new("a b")),
        row(ScenarioDuration, at, s().duration(Duration::ZERO), s().duration(Duration::from_nanos(1))),
        row(ScenarioDuration, at, s().duration(Duration::MAX), s().duration(Duration::from_nanos(u64::MAX))),
        row(ScenarioWorkers, at, s().workers_per_cgroup(0), s().workers_per_cgroup(1)),
        row(
            ScenarioWorkers,
            at,
            defs(&[def("a")]).workers_per_cgroup(1025),
            defs(&[def("a")]).workers_per_cgroup(1024)
        ),
        row(
            ScenarioTopology,
            at,
            s().topology(Uniform::new(1, 1, 0, 1)),
            s().topology(Uniform::new(1, 1, 1, 1))
        ),
        row(
            ScenarioTopology,
            at,
            s().topology(Uniform::new(1, 1, 1025, 1)),
            s().topology(Uniform::new(1, 1, 1024, 1))
        ),
        row(CheckBound, at, checks(c.max_spread_pct(f64::NAN)), checks(c.max_spread_pct(0.0))),
        row(CheckBound, at, checks(c.max_throughput_cv(-0.1)), checks(c.max_throughput_cv(0.1))),
        row(CheckBound, at, checks(c.min_work_rate(f64::INFINITY)), checks(c.min_work_rate(1e9))),
    ]
}
